"""Passwords: argon2id hashes and the rule of strength. Hashing takes about 40 ms and 19 MiB:
never call it with a write transaction open."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import InvalidInput
from app.forms.rules import PASSWORD_LONGEST, password_problem

SHORTEST_PERSONAL = 3                        # shorter parts of an address occur in any password by chance


class Cost(NamedTuple):
    """Parameters of argon2id. ``memory_kib`` in KiB."""

    passes: int
    memory_kib: int
    lanes: int


STANDARD = Cost(2, 19456, 1)                 # OWASP password storage cheat sheet, second argon2id setting
FAST = Cost(1, 8, 1)                         # tests only
_cost = STANDARD
_M_MMAP_THRESHOLD, _SEPARATE_BLOCK = -3, 1024 * 1024       # malloc.h; bytes


def set_cost(cost: Cost) -> None:
    """Choose the cost of this process's hashes; ``create_app`` does so for tests."""
    global _cost
    _cost = cost


def give_memory_back() -> None:
    """Have the C library return the 19 MB of each hashing to the system.

    glibc takes the largest block that it has seen freed as the size from which blocks are the system's; after the
    first login every thread that hashes would keep 19 MB for good. A limit that is set stays. Nothing elsewhere.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _SEPARATE_BLOCK)


def hash(password: str, *, cost: Cost | None = None) -> str:
    """The text to keep instead of the password; cost and salt are part of it."""
    return _hasher(cost or _cost).hash(password)


def verify(password_hash: str | None, password: str, *, cost: Cost | None = None) -> bool:
    """Whether the password made this hash. None (no such account) takes as long and is False."""
    if password_hash is None or len(password) > PASSWORD_LONGEST:
        _matches(_dummy(cost or _cost), password[:PASSWORD_LONGEST], cost or _cost)
        return False
    return _matches(password_hash, password, cost or _cost)


def needs_rehash(password_hash: str, *, cost: Cost | None = None) -> bool:
    """Whether the hash was made with another cost than today's."""
    return _hasher(cost or _cost).check_needs_rehash(password_hash)


def is_any_of(password: str, hashes: Iterable[str]) -> bool:
    """Whether the password made one of these hashes."""
    return any(verify(known, password) for known in hashes)


def check_strength(password: str, *, email: str | None = None, tax_id: str | None = None, field: str = "password") -> None:
    """Raise InvalidInput for ``field`` unless the password keeps the rule.

    What the forms ask (``password_problem``), and it may not hold the address' part before the @
    (three characters or more) nor the 統一編號.
    """
    problem = password_problem(password)
    messages = [problem] if problem else []
    if _holds(password, (email or "").partition("@")[0]) or _holds(password, tax_id or ""):
        messages.append("密碼不可包含您的電子郵件帳號或統一編號")
    if messages:
        raise InvalidInput({field: messages})


def _holds(password: str, personal: str) -> bool:
    return len(personal) >= SHORTEST_PERSONAL and personal.casefold() in password.casefold()


def _matches(password_hash: str, password: str, cost: Cost) -> bool:
    try:
        return _hasher(cost).verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@cache
def _dummy(cost: Cost) -> str:
    return _hasher(cost).hash("nobody's password")
