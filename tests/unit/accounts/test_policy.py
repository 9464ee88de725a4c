"""May X do Y: every action for every role on own, others' and no things.

The expectation is written per group of roles as three letters: own thing, another's, none;
``y`` yes, ``n`` not found, ``f`` forbidden. What "own" means is said in ``things``.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.accounts import policy
from app.accounts.models import Organisation, User
from app.accounts.roles import ROLES
from app.actor import SYSTEM, Actor
from app.engine.models import ProcessInstance, WorkItem
from app.errors import Forbidden, NotFound
from app.files.models import StoredFile
from app.notify.models import Message
from app.procurement.vendors.models import Vendor

OWN, OTHER, NONE = "own", "other", "none"
LANES = ("reviewer", "approver", "tester", "finance", "seal", "undertaker", "acceptance")      # office, no leaders
OUTSIDE = ("agency", "committee")

# action: (vendor, applicant, office lanes, agency and committee, designer, manager, admin)
EXPECTED = {
    "public": ("yyy", "yyy", "yyy", "yyy", "yyy", "yyy", "yyy"),
    "task.view": ("yny", "yny", "yfy", "yfy", "yfy", "yyy", "yyy"),
    "task.complete": ("yny", "yny", "yfy", "yfy", "yfy", "yfy", "yfy"),
    "task.claim": ("yny", "yny", "yfy", "yfy", "yfy", "yfy", "yfy"),
    "task.release": ("yny", "yny", "yfy", "yfy", "yfy", "yfy", "yfy"),
    "task.draft": ("yny", "yny", "yfy", "yfy", "yfy", "yfy", "yfy"),
    "task.assign": ("fnf", "fnf", "fff", "fff", "fff", "yyy", "yyy"),
    "case.view": ("yny", "yny", "yyy", "fff", "fff", "yyy", "yyy"),
    "case.list": ("yny", "yny", "yyy", "fff", "fff", "yyy", "yyy"),
    "case.withdraw": ("yny", "yny", "fff", "fff", "fff", "fff", "fff"),
    "case.cancel": ("fnf", "fnf", "fff", "fff", "fff", "yyy", "yyy"),
    "queue.view": ("fnf", "fnf", "yyy", "yyy", "yyy", "yyy", "yyy"),
    "board.view": ("fnf", "fnf", "fff", "fff", "fff", "yyy", "yyy"),
    "incident.handle": ("fnf", "fnf", "fff", "fff", "fff", "yyy", "yyy"),
    "package.view": ("fnf", "fnf", "fff", "fff", "yyy", "yyy", "yyy"),
    "account.view": ("yny", "yny", "yny", "yny", "yny", "yny", "yyy"),
    "account.change_password": ("yny", "yny", "yny", "yny", "yny", "yny", "yny"),
    "vendor.edit": ("yny", "fnf", "fff", "fff", "fff", "fff", "fff"),
    "file.view": ("yny", "yny", "yyy", "fff", "fff", "yyy", "yyy"),
    "notice.view": ("yny", "yny", "yny", "yny", "yny", "yny", "yny"),
}


def actors(group: int) -> list[Actor]:
    roles = (("vendor",), ("vendor", "applicant"), *[(key,) for key in LANES], *[(key,) for key in OUTSIDE],
             ("designer",), ("manager",), ("admin",))
    members = {0: roles[:1], 1: roles[1:2], 2: roles[2:9], 3: roles[9:11], 4: roles[11:12], 5: roles[12:13], 6: roles[13:]}
    return [Actor(7, "某人", frozenset(held), "org:1" if "vendor" in held else None) for held in members[group]]


def things(action: str, actor: Actor, which: str) -> object | None:
    """An item of the actor's lane or company against another's; a case, file, vendor by company; an account by person."""
    kind, party = action.partition(".")[0], "org:1" if which == OWN else "org:2"
    if which == NONE:
        return None
    if kind == "task":
        own_role = next(iter(actor.roles - {"applicant"}))
        if actor.party:
            return SimpleNamespace(role="vendor", party=party, package_key="vendor_registration")
        return SimpleNamespace(role=own_role if which == OWN else "somebody", party=None, package_key="vendor_registration")
    if kind == "account":
        return SimpleNamespace(id=7 if which == OWN else 8, organisation=SimpleNamespace(party="org:1"))
    if kind == "notice":
        return SimpleNamespace(id=7, user_id=7 if which == OWN else 8)
    if kind == "vendor":
        return SimpleNamespace(organisation=SimpleNamespace(party=party))
    if kind == "case":
        return SimpleNamespace(party=party, parties={"vendor": party}, package_key="vendor_registration")
    return SimpleNamespace(party=party)


def answer(actor: Actor | None, action: str, thing: object | None) -> str:
    try:
        policy.require(actor, action, thing)
    except NotFound:
        return "n"
    except Forbidden:
        return "f"
    return "y"


def test_table_covers_every_action_and_every_role():
    assert set(EXPECTED) == set(policy.RULES)
    assert {role for group in range(7) for actor in actors(group) for role in actor.roles} == {*ROLES, "applicant"}


@pytest.mark.parametrize("action", EXPECTED)
def test_policy_of(action):
    for group, letters in enumerate(EXPECTED[action]):
        for actor in actors(group):
            asked = [(actor, action, things(action, actor, which)) for which in (OWN, OTHER, NONE)]

            assert "".join(answer(*question) for question in asked) == letters, sorted(actor.roles)
            assert [policy.may(*question) for question in asked] == [letter == "y" for letter in letters]


@pytest.mark.parametrize("nobody", [None, Actor(None, "訪客"), SYSTEM, Actor(None, "假冒", frozenset({"admin"}))])
@pytest.mark.parametrize("action", EXPECTED)
def test_visitors_and_the_system_may_only_what_is_open_to_all(nobody, action):
    if action == policy.PUBLIC:
        assert policy.may(nobody, action)
        return
    with pytest.raises(Forbidden) as refusal:
        policy.require(nobody, action)
    assert refusal.value.code == "login.required"


def test_applicant_sees_no_other_procedure_of_its_own():
    applicant = actors(1)[0]
    case = SimpleNamespace(party="org:1", parties={}, package_key="item_change")

    assert answer(applicant, "case.view", case) == "n"
    assert answer(actors(0)[0], "case.view", case) == "y"


def test_second_party_of_a_case_may_see_it():
    case = SimpleNamespace(party="org:9", parties={"vendor": "org:9", "oem": "org:1"}, package_key="survey")

    assert answer(actors(0)[0], "case.view", case) == "y"


def test_vendor_without_an_organisation_sees_nothing():
    lost = Actor(7, "某人", frozenset({"vendor"}), None)

    assert answer(lost, "case.view", SimpleNamespace(party=None, parties={})) == "n"


def test_vendor_may_not_do_the_offices_part_of_its_own_case():
    item = SimpleNamespace(role="reviewer", party="org:1", package_key="vendor_registration")

    assert answer(actors(0)[0], "task.complete", item) == "f"


def test_staff_may_not_do_a_vendors_item_even_with_its_role():
    crossed = Actor(7, "某人", frozenset({"reviewer"}), None)
    item = SimpleNamespace(role="reviewer", party="org:1", package_key="vendor_registration")

    assert answer(crossed, "task.complete", item) == "f"


def test_manager_who_is_also_reviewer_may_complete():
    both = Actor(7, "某人", frozenset({"manager", "reviewer"}), None)

    assert answer(both, "task.complete", SimpleNamespace(role="reviewer", party=None)) == "y"


def test_real_rows_say_whose_they_are():
    mine, vendor = Organisation(id=1), actors(0)[0]
    item = WorkItem(role="vendor", party="org:1", package_key="vendor_registration")
    own = [("vendor.edit", Vendor(organisation=mine)), ("vendor.edit", mine), ("file.view", StoredFile(party="org:1")),
           ("case.view", ProcessInstance(party="org:1", parties={"vendor": "org:1"})), ("task.complete", item),
           ("account.view", User(id=7, organisation=mine)), ("notice.view", Message(id=1, user_id=7))]
    foreign = [("vendor.edit", Vendor(organisation=Organisation(id=2))), ("file.view", StoredFile(party=None)),
               ("case.view", ProcessInstance(party="org:2", parties={})), ("account.view", User(id=8, organisation=mine)),
               ("notice.view", Message(id=7, user_id=None)), ("task.view", WorkItem(role="vendor", party="org:12"))]

    assert [answer(vendor, *question) for question in own] == ["y"] * 7
    assert [answer(vendor, *question) for question in foreign] == ["n"] * 6


def test_unknown_action_is_a_programming_error():
    with pytest.raises(KeyError):
        policy.may(actors(0)[0], "task.viwe")
