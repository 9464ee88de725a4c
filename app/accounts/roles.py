"""Roles people hold. A role's key equals the lane id in diagrams (domain §1)."""

from __future__ import annotations

from collections.abc import Iterable

VENDOR = "vendor"
MANAGER, ADMIN, DESIGNER = "manager", "admin", "designer"

ROLES = {
    VENDOR: "廠商", "reviewer": "審核人員", "approver": "核定人員", "tester": "檢測人員", "finance": "財務人員",
    "seal": "機關用印人員", DESIGNER: "流程設計人員", MANAGER: "主管", "agency": "訂購機關", "committee": "評選委員",
    "undertaker": "承辦人", "acceptance": "驗收人員", ADMIN: "系統管理者",
}

# What a lane of a diagram may be called: a role, or the machine.
LANES = frozenset({*ROLES, "system"})

# Who enters by the staff door: everybody but vendors.
STAFF_ROLES = frozenset(ROLES) - {VENDOR}

# The office: may read all cases and vendors. Designers, agencies and committees may not: they see no company's papers.
OFFICE_ROLES = STAFF_ROLES - {DESIGNER, "agency", "committee"}

# Stands beside ``vendor`` in an actor whose organisation is not approved (yet): policy narrows what it sees. Never stored.
APPLICANT = "applicant"


def role_names(keys: Iterable[str]) -> list[str]:
    """The Chinese names of these roles, in the order of ``ROLES``."""
    held = set(keys)
    return [name for key, name in ROLES.items() if key in held]
