"""Forms that are no tasks and keep nothing: log in, reset, change and choose a password.

They answer the same questions as a bound schema (``validate``, ``values``, ``errors``, ``error_list``,
``nodes``), so the same macros draw them. What was typed into a password is never sent back.
"""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, PasswordField, StringField
from wtforms.validators import StopValidation

from app.forms.binding import ErrorLine
from app.forms.fields import Posted
from app.forms.nodes import Node
from app.forms.rules import PASSWORD_LONGEST, PASSWORD_TEXT, clean_email, is_email, password_problem
from app.forms.texts import clean

CONSENT_LABEL = "我已閱讀並同意「蒐集個人資料告知事項暨個人資料提供同意書」"
LONGEST_ACCOUNT = 254


class Needed:
    """The field must not be empty, nor longer than anything sensible."""

    def __init__(self, message: str, longest: int = PASSWORD_LONGEST) -> None:
        self.message, self.longest = message, longest

    def __call__(self, form: Form, field: Any) -> None:
        if not field.data:
            raise StopValidation(self.message)
        if isinstance(field.data, str) and len(field.data) > self.longest:
            raise StopValidation(f"{field.label.text}不可超過 {self.longest} 字")


def strong(form: Form, field: Any) -> None:
    if problem := password_problem(field.data):
        raise StopValidation(problem)


def email(form: Form, field: Any) -> None:
    if not is_email(field.data):
        raise StopValidation("電子郵件格式如 name@example.com")


class Same:
    """The repetition equals the password."""

    def __init__(self, other: str) -> None:
        self.other = other

    def __call__(self, form: Form, field: Any) -> None:
        if field.data != form[self.other].data:
            raise StopValidation("兩次輸入的密碼不同，請重新輸入")


def _account(value: str | None) -> str:
    """Written as registration keeps it: full-width signs made plain, an address' domain in ASCII."""
    text = clean(value or "").strip()
    return clean_email(text) if len(text) <= 1000 else text


def _account_field(label: str, message: str, *checks: Any, **attrs: str) -> StringField:
    hint = attrs.pop("hint", "")
    return StringField(label, [Needed(message, LONGEST_ACCOUNT), *checks], filters=[_account], description=hint,
                       render_kw={"spellcheck": "false", **attrs})


def _password(label: str, token: str, *checks: Any, hint: str = "") -> PasswordField:
    return PasswordField(label, [Needed(f"請填寫{label}"), *checks], description=hint, render_kw={"autocomplete": token})


class SecretsForm(Form):
    """A small form. ``post`` None shows it empty, or with ``data`` for what is no secret."""

    conditional = False

    def __init__(self, post: Posted | None = None, data: dict[str, str] | None = None) -> None:
        super().__init__(formdata=post, data=data)
        for field in self:
            field.id = f"f-{field.name}"
            field.label.field_id = field.id

    @property
    def values(self) -> dict[str, Any]:
        return {field.name: field.data for field in self}

    @property
    def error_list(self) -> list[ErrorLine]:
        return [ErrorLine(f.id, f.label.text, str(f.errors[0])) for f in self if f.errors]

    @property
    def nodes(self) -> list[Node]:
        return [_node(field) for field in self]

    def refuse(self, key: str, message: str) -> None:
        """Put an answer that only the caller can know (known account, wrong password) beside its field."""
        field = self[key]
        field.errors = [*field.errors, message]


def _node(field: Any) -> Node:
    attrs = dict(field.render_kw or {})
    tick, secret = isinstance(field, BooleanField), isinstance(field, PasswordField)
    node = Node("checkbox" if tick else "input", field.id, key=field.name, label=field.label.text, hint=field.description,
                errors=[str(e) for e in field.errors], attrs=attrs, width="" if tick else "l",
                typed=bool(field.data) if tick else "" if secret else str(field.data or ""))
    if secret:
        attrs["type"] = "password"
    if node.describedby:
        attrs["aria-describedby"] = node.describedby
    if node.errors:
        attrs["aria-invalid"] = "true"
    return node


class LoginForm(SecretsForm):
    """``account``: e-mail address or 統一編號. Says nothing about which of the two was wrong."""

    account = _account_field("電子郵件或統一編號", "請填寫電子郵件或統一編號", hint="廠商第一個帳號可用 8 碼統一編號。",
                             autocomplete="username")
    password = _password("密碼", "current-password")


class ResetRequestForm(SecretsForm):
    email = _account_field("電子郵件", "請填寫電子郵件", email, hint="重設密碼的連結會寄到註冊時的電子郵件信箱。",
                           autocomplete="email", type="email")


class NewPasswordForm(SecretsForm):
    password = _password("新密碼", "new-password", strong, hint=PASSWORD_TEXT)
    confirm = _password("確認新密碼", "new-password", Same("password"))


class ChangePasswordForm(SecretsForm):
    old_password = _password("舊密碼", "current-password")
    password = _password("新密碼", "new-password", strong, hint=PASSWORD_TEXT + "；不可與最近 3 次的密碼相同")
    confirm = _password("確認新密碼", "new-password", Same("password"))


class RegisterSecretsForm(SecretsForm):
    """The part of a registration that no case keeps: the password, and the tick under the consent."""

    password = _password("密碼", "new-password", strong, hint=PASSWORD_TEXT)
    confirm = _password("確認密碼", "new-password", Same("password"))
    consent = BooleanField(CONSENT_LABEL, [Needed("請勾選同意，才能註冊")])
