"""Checks that a form names in ``properties.rule``: what a schema cannot say for itself.

A rule answers a message or None. ``clean`` brings a typed value into the form that is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.forms.texts import narrow


class Facts(Protocol):
    """What a rule may look at besides the value itself."""

    @property
    def label(self) -> str: ...

    @property
    def marks(self) -> list[dict[str, str]] | None:
        """Fields judged 需修改, in a review form; None elsewhere."""

    def option(self, value: object) -> str:
        """The label of one of this field's options."""


Check = Callable[[str, Facts], "str | None"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One named check. ``attrs`` are attributes of the control, ``width`` its size class (s, m, l)."""

    name: str
    title: str
    check: Check
    clean: Callable[[str], str] | None = None
    attrs: Mapping[str, str] = field(default_factory=dict)
    width: str = ""


TAX_ID_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
SPECIAL_SIGNS = "!@#$%^&*?"                  # union of the two pages' lists ([001] figures 4 and 13)
PASSWORD_TEXT = f"密碼須至少 12 碼，且包含大小寫字母、數字和特殊符號（{SPECIAL_SIGNS}）"
PASSWORD_SHORTEST, PASSWORD_LONGEST = 12, 128


def is_tax_id(text: str) -> bool:
    """Whether eight ASCII digits pass the checksum of the 統一編號.

    Source   Ministry of Finance, rule in force since 2023-04: the sum is divisible by 5; where the
             seventh digit is 7, its product 28 (2+8=10) may count as 1 or 0
    """
    if not re.fullmatch(r"[0-9]{8}", text) or text == "00000000":
        return False
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(text, TAX_ID_WEIGHTS, strict=True))
    return total % 5 == 0 or (text[6] == "7" and (total + 1) % 5 == 0)


def _tax_id(value: str, _facts: Facts) -> str | None:
    if not re.fullmatch(r"[0-9]{8}", value):
        return "統一編號須為 8 碼數字"
    return None if is_tax_id(value) else "統一編號檢查碼不符，請確認"


_PHONE = re.compile(r"0[0-9]{1,3}-[0-9]{2,4}-?[0-9]{3,4}(#[0-9]{1,6})?")


def _clean_phone(text: str) -> str:
    """``(02)12345678 分機 12`` → ``02-1234-5678#12`` (domain-details.md C15: stored normalised)."""
    text = re.sub(r"(?i)分機|ext\.?|轉", "#", narrow(text))
    text = re.sub(r"^\((0[0-9]{1,3})\)-?", r"\1-", text)
    found = re.fullmatch(r"(0[0-9]{1,3})-([0-9]{7,8})(#[0-9]{1,6})?", text)
    return f"{found[1]}-{found[2][:-4]}-{found[2][-4:]}{found[3] or ''}" if found else text


def _phone(value: str, _facts: Facts) -> str | None:
    digits = sum(c.isdigit() for c in value.partition("#")[0])
    return None if _PHONE.fullmatch(value) and 9 <= digits <= 10 else "電話格式如 02-1234-5678 或 02-1234-5678#123"


def _clean_mobile(text: str) -> str:
    found = re.fullmatch(r"(09[0-9]{2})-?([0-9]{3})-?([0-9]{3})", narrow(text))
    return "-".join(found.groups()) if found else narrow(text)


def _mobile(value: str, _facts: Facts) -> str | None:
    return None if re.fullmatch(r"09[0-9]{2}-[0-9]{3}-[0-9]{3}", value) else "手機格式如 0912-345-678"


def _postcode(value: str, facts: Facts) -> str | None:
    return None if re.fullmatch(r"[0-9]{3,6}", value) else f"{facts.label}須為 3 至 6 碼數字"


_EMAIL_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_EMAIL_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def is_email(text: str) -> bool:
    """Whether a mail address can be mailed: one ``@``, dotted ASCII domain, lengths of RFC 5321."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > 254 or len(local) > 64 or not _EMAIL_LOCAL.fullmatch(local):
        return False
    labels = domain.split(".")
    return len(labels) > 1 and all(len(label) <= 63 and _EMAIL_LABEL.fullmatch(label) for label in labels)


def _email(value: str, _facts: Facts) -> str | None:
    if is_email(value):
        return None
    return "電子郵件格式如 name@example.com" if value.isascii() else "電子郵件只能有英文字母、數字和符號，如 name@example.com"


def clean_email(text: str) -> str:
    """Full-width signs made plain, the domain in lower case and ASCII. A space inside stays, and is refused."""
    local, at, domain = unicodedata.normalize("NFKC", text).strip().rpartition("@")
    return f"{local}{at}{_ascii_domain(domain.lower())}"


def _ascii_domain(domain: str) -> str:
    """``例子.tw`` → ``xn--fsqu00a.tw``; as it was when that would be another domain (``faß.de`` is not ``fass.de``)."""
    if domain.isascii() or len(domain) > 254:
        return domain
    try:
        plain = domain.encode("idna")
        return plain.decode("ascii") if plain.decode("idna") == domain else domain
    except UnicodeError:
        return domain


def _any_phone(value: str, _facts: Facts) -> str | None:
    return None if re.fullmatch(r"\+?[0-9][0-9()#-]{5,24}", value) else "電話格式如 02-1234-5678"


def password_problem(text: str) -> str | None:
    """Why a password is too weak, in words; None when it is strong enough (domain-details.md C14)."""
    if len(text) > PASSWORD_LONGEST:
        return f"密碼不可超過 {PASSWORD_LONGEST} 碼"
    kinds = ("[a-z]", "[A-Z]", "[0-9]", f"[{re.escape(SPECIAL_SIGNS)}]")
    if len(text) < PASSWORD_SHORTEST or not all(re.search(kind, text) for kind in kinds):
        return PASSWORD_TEXT
    return None


def _marks_agree(value: str, facts: Facts) -> str | None:
    """An outcome fits the judgements: 通過 without marks, 修改 with at least one."""
    marks = facts.marks or []
    if value == "approve" and marks:
        return f"有 {len(marks)} 個欄位標為「需修改」，不能選「{facts.option(value)}」"
    if value == "correct" and not marks:
        return f"選「{facts.option(value)}」時，請至少將一個欄位標為「需修改」並填寫審核意見"
    return None


_NUMERIC = {"inputmode": "numeric", "spellcheck": "false"}
_RULES = (
    Rule("tax_id", "統一編號檢查碼", _tax_id, narrow, _NUMERIC, "s"),
    Rule("tw_phone", "市話", _phone, _clean_phone, {"type": "tel"}, "m"),
    Rule("tw_mobile", "手機", _mobile, _clean_mobile, {"type": "tel"}, "m"),
    Rule("postcode", "郵遞區號", _postcode, narrow, _NUMERIC, "s"),
    Rule("password", "密碼強度", lambda value, _facts: password_problem(value), None, {"type": "password"}, "l"),
    Rule("marks_agree", "審核結果與欄位判斷一致", _marks_agree),
)
#: ``properties.rule`` name → rule. The form editor offers these names.
RULES: dict[str, Rule] = {rule.name: rule for rule in _RULES}

#: form-js ``validate.validationType`` → the same machinery.
VALIDATION_TYPES: dict[str, Rule] = {
    "email": Rule("email", "電子郵件", _email, clean_email, {"type": "email", "spellcheck": "false"}, "l"),
    "phone": Rule("phone", "電話", _any_phone, narrow, {"type": "tel"}, "m"),
}
