"""Hashes and the rule of strength."""

from __future__ import annotations

import time

import pytest

from app.accounts import passwords
from app.errors import InvalidInput
from app.forms.rules import PASSWORD_TEXT

GOOD = "Right-Horse-42!"


def test_hash_is_argon2id_at_the_standard_cost():
    assert passwords.hash(GOOD, cost=passwords.STANDARD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_verify_tells_right_from_wrong():
    kept = passwords.hash(GOOD, cost=passwords.FAST)

    assert passwords.verify(kept, GOOD)
    assert not passwords.verify(kept, GOOD + "x")
    assert not passwords.verify("not a hash", GOOD)


def test_verify_of_an_unknown_account_takes_as_long():
    kept = passwords.hash(GOOD, cost=passwords.STANDARD)
    passwords.verify(None, "wrong", cost=passwords.STANDARD)      # makes the dummy hash

    def spent(known: str | None) -> float:
        return min(_timed(known) for _ in range(5))

    assert 0.4 < spent(None) / spent(kept) < 2.5


def _timed(known: str | None) -> float:
    before = time.perf_counter()
    passwords.verify(known, "wrong", cost=passwords.STANDARD)
    return time.perf_counter() - before


def test_overlong_password_is_wrong_without_hashing_all_of_it():
    kept = passwords.hash("x" * 200, cost=passwords.FAST)

    assert not passwords.verify(kept, "x" * 200)


def test_needs_rehash_when_the_cost_has_changed():
    assert passwords.needs_rehash(passwords.hash(GOOD, cost=passwords.FAST), cost=passwords.STANDARD)
    assert not passwords.needs_rehash(passwords.hash(GOOD, cost=passwords.FAST), cost=passwords.FAST)


@pytest.mark.parametrize("password", [GOOD, "Aa1!Aa1!Aa1!", "密碼Horse4242?x", "A" * 125 + "a1&"])
def test_strong_password_passes(password):
    passwords.check_strength(password, email="wang@example.tw", tax_id="16578128")


@pytest.mark.parametrize("password", [
    "Aa1!Aa1!Aa1", "right-horse-42!", "RIGHT-HORSE-42!", "Right-Horse-xx!", "RightHorse4242", "RightHorse4242~", ""])
def test_weak_password_is_refused_with_the_rule(password):
    with pytest.raises(InvalidInput) as refusal:
        passwords.check_strength(password, field="new_password")

    assert refusal.value.fields == {"new_password": [PASSWORD_TEXT]}


def test_password_longer_than_128_is_refused():
    with pytest.raises(InvalidInput) as refusal:
        passwords.check_strength("Aa1!" * 33)

    assert refusal.value.fields["password"] == ["密碼不可超過 128 碼"]


@pytest.mark.parametrize("password", ["My-XIAOMING-42!x", "Vendor-16578128!"])
def test_password_with_the_address_or_the_tax_id_is_refused(password):
    with pytest.raises(InvalidInput) as refusal:
        passwords.check_strength(password, email="xiaoming@example.tw", tax_id="16578128")

    assert refusal.value.fields["password"] == ["密碼不可包含您的電子郵件帳號或統一編號"]


def test_very_short_address_part_is_not_looked_for():
    passwords.check_strength(GOOD, email="ho@example.tw")
