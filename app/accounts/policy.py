"""The only place that answers "may X do Y". Every route names one action of ``RULES`` or ``PUBLIC``.

A thing of another company does not exist for a vendor (NotFound); an action that a role does not
have is Forbidden. That nobody approves what they reviewed themselves is the engine's rule
(``separateFrom``), because it depends on the diagram.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.roles import ADMIN, APPLICANT, DESIGNER, MANAGER, OFFICE_ROLES, STAFF_ROLES, VENDOR
from app.actor import Actor
from app.errors import AppError, Forbidden, NotFound

PUBLIC = "public"
REGISTRATION = "vendor_registration"         # the one procedure open to a company that is not approved

NOBODY: frozenset[str] = frozenset()
LEADERS = frozenset({MANAGER, ADMIN})
EVERYBODY = STAFF_ROLES | {VENDOR}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table.

    roles       staff roles that may act on any such thing
    vendor      a vendor may, on things of its own side
    applicant   also while its organisation is not approved
    lane        also staff whose role is the work item's
    owner       also the one person the thing belongs to, and of vendors only that person
    """

    roles: frozenset[str] = NOBODY
    vendor: bool = False
    applicant: bool = False
    lane: bool = False
    owner: bool = False


WORK = Rule(vendor=True, applicant=True, lane=True)
SEEN_BY_LEADERS = Rule(LEADERS)

RULES = {
    PUBLIC: Rule(EVERYBODY, vendor=True, applicant=True),
    "task.view": Rule(LEADERS, vendor=True, applicant=True, lane=True),
    "task.complete": WORK,
    "task.claim": WORK,
    "task.release": WORK,
    "task.draft": WORK,
    "task.assign": SEEN_BY_LEADERS,
    "case.view": Rule(OFFICE_ROLES, vendor=True, applicant=True),
    "case.list": Rule(OFFICE_ROLES, vendor=True, applicant=True),
    "case.withdraw": Rule(vendor=True, applicant=True),
    "case.cancel": SEEN_BY_LEADERS,
    "queue.view": Rule(STAFF_ROLES),
    "board.view": SEEN_BY_LEADERS,
    "incident.handle": SEEN_BY_LEADERS,
    "package.view": Rule(LEADERS | {DESIGNER}),
    "account.view": Rule(frozenset({ADMIN}), owner=True),
    "account.change_password": Rule(owner=True),
    "vendor.edit": Rule(vendor=True),
    "file.view": Rule(OFFICE_ROLES, vendor=True, applicant=True),
    "notice.view": Rule(owner=True),
}


def require(actor: Actor | None, action: str, resource: object | None = None) -> None:
    """Return if the actor may; else raise what the door shows.

    actor      None or one without an account is a visitor; the system asks nobody and is refused here
    resource   WorkItem, ProcessInstance, StoredFile, Vendor, Organisation, User, Message …; None asks
               whether there can be any such thing for this actor (menus, lists)
    Raises     Forbidden(code ``login.required``) for visitors, NotFound, Forbidden; KeyError: unknown action
    """
    refusal = _refusal(actor, action, resource)
    if refusal is not None:
        raise refusal


def may(actor: Actor | None, action: str, resource: object | None = None) -> bool:
    """Whether ``require`` would let it pass."""
    return _refusal(actor, action, resource) is None


def _refusal(actor: Actor | None, action: str, resource: object | None) -> AppError | None:
    rule = RULES[action]
    if action == PUBLIC:                                # no login
        return None
    if actor is None or actor.user_id is None:
        return Forbidden("請先登入。", code="login.required")
    if rule.owner and not actor.roles & rule.roles:
        return None if resource is None or _owner(resource) == actor.user_id else NotFound()
    if VENDOR in actor.roles:
        return _refuse_vendor(actor, rule, resource)
    if actor.roles & rule.roles or (rule.lane and _in_lane(actor, resource)):
        return None
    return Forbidden()


def _refuse_vendor(actor: Actor, rule: Rule, resource: object | None) -> AppError | None:
    if resource is not None and (actor.party is None or actor.party not in _parties(resource)):
        return NotFound()
    if not rule.vendor or (rule.lane and resource is not None and getattr(resource, "role", None) != VENDOR):
        return Forbidden()
    if APPLICANT not in actor.roles:
        return None
    if getattr(resource, "package_key", REGISTRATION) != REGISTRATION:
        return NotFound()
    return None if rule.applicant else Forbidden("註冊審核通過後才能使用這項功能。", code="vendor.not_approved")


def _in_lane(actor: Actor, resource: object | None) -> bool:
    """Staff hold the item's role and the item is the office's or of their own side."""
    if resource is None:
        return bool(actor.roles & STAFF_ROLES)
    return getattr(resource, "role", None) in actor.roles and getattr(resource, "party", None) in (None, actor.party)


def _parties(resource: object) -> frozenset[str]:
    """Whose thing it is: its own party, the parties of a case, or the organisation it hangs on."""
    several = getattr(resource, "parties", None) or {}
    organisation = getattr(resource, "organisation", None)
    single = (getattr(resource, "party", None), getattr(organisation, "party", None))
    return frozenset(several.values()) | {party for party in single if party is not None}


def _owner(resource: object) -> int | None:
    """The person a message or an account belongs to."""
    if hasattr(resource, "user_id"):
        return resource.user_id  # type: ignore[no-any-return]
    return getattr(resource, "id", None)
