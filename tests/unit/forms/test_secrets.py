"""Forms with passwords: judged, drawn, and never echoed."""

from __future__ import annotations

import pytest

from app.forms import secrets
from tests.unit.forms.helpers import drawn, page, post

STRONG = "Abcdefgh123!"
ALL = [
    secrets.LoginForm,
    secrets.ResetRequestForm,
    secrets.NewPasswordForm,
    secrets.ChangePasswordForm,
    secrets.RegisterSecretsForm,
]


@pytest.mark.parametrize("kind", ALL)
def test_an_empty_post_names_every_field(kind: type[secrets.SecretsForm]) -> None:
    form = kind(post())

    assert not form.validate()
    assert [line.id for line in form.error_list][:1] == [form.nodes[0].id]
    assert len(drawn(form).xpath("//*[@role='alert']//a")) == len(form.error_list) > 0


@pytest.mark.parametrize("kind", ALL)
def test_passwords_are_never_written_into_the_page(kind: type[secrets.SecretsForm]) -> None:
    form = kind(post(password=STRONG, confirm=STRONG, old_password=STRONG, account="a@b.tw", email="a@b.tw"))
    form.validate()

    assert STRONG not in drawn(form).text_content()
    assert all(control.get("value") == "" for control in drawn(form).xpath("//input[@type='password']"))


def test_login_takes_either_name() -> None:
    form = secrets.LoginForm(post(account=" １２３４５６７５ ", password="anything weak"))

    assert form.validate()
    assert form.values == {"account": "12345675", "password": "anything weak"}


def test_login_offers_to_fill_in() -> None:
    page = drawn(secrets.LoginForm())

    assert [c.get("autocomplete") for c in page.xpath("//input")] == ["username", "current-password"]


def test_a_callers_answer_stands_beside_its_field() -> None:
    form = secrets.LoginForm(post(account="a@b.tw", password="x"))
    form.validate()

    form.refuse("account", "帳號或密碼不正確")

    assert form.error_list == [("f-account", "電子郵件或統一編號", "帳號或密碼不正確")]
    assert drawn(form).get_element_by_id("f-account").get("aria-describedby") == "f-account-e f-account-h"


def test_an_account_is_written_as_registration_keeps_it() -> None:
    form = secrets.LoginForm(post(account="user@例子.tw", password="x"))

    assert form.values["account"] == "user@xn--fsqu00a.tw"


def test_reset_wants_a_sound_address() -> None:
    assert not secrets.ResetRequestForm(post(email="nobody")).validate()
    assert secrets.ResetRequestForm(post(email="a@b.tw")).validate()


def test_a_new_password_is_strong_and_repeated() -> None:
    weak, different = (
        secrets.NewPasswordForm(post(password="abc", confirm="abc")),
        secrets.NewPasswordForm(post(password=STRONG, confirm="x")),
    )

    assert not weak.validate()
    assert weak.error_list[0].message == "密碼須至少 12 碼，且包含大小寫字母、數字和特殊符號（!@#$%^&*?）"
    assert not different.validate()
    assert different.error_list == [("f-confirm", "確認新密碼", "兩次輸入的密碼不同，請重新輸入")]
    assert secrets.NewPasswordForm(post(password=STRONG, confirm=STRONG)).validate()


def test_a_change_asks_for_the_old_password() -> None:
    form = secrets.ChangePasswordForm(post(password=STRONG, confirm=STRONG))

    assert not form.validate()
    assert [line.message for line in form.error_list] == ["請填寫舊密碼"]


def test_registration_needs_the_tick_under_the_consent() -> None:
    form = secrets.RegisterSecretsForm(post(password=STRONG, confirm=STRONG))
    ticked = secrets.RegisterSecretsForm(post(password=STRONG, confirm=STRONG, consent="1"))

    assert not form.validate()
    assert [line.message for line in form.error_list] == ["請勾選同意，才能註冊"]
    assert ticked.validate()
    assert drawn(ticked).xpath("//input[@name='consent' and @checked]")


def test_two_forms_on_a_page_share_one_summary() -> None:
    first, second = secrets.ResetRequestForm(post()), secrets.RegisterSecretsForm(post(password=STRONG, confirm=STRONG))
    first.validate()
    second.validate()

    tree = page("{{ error_summary(a, b) }}", a=first, b=second)

    assert tree.xpath("//a/@href") == ["#f-email", "#f-consent"]
    assert tree.xpath("//h2")[0].text_content() == "有 2 個地方要修正"


def test_an_endless_password_is_refused_without_work() -> None:
    form = secrets.LoginForm(post(account="x" * 1_000_000, password="x" * 1_000_000))

    assert not form.validate()
    assert [line.message for line in form.error_list] == ["電子郵件或統一編號不可超過 254 字", "密碼不可超過 128 字"]
