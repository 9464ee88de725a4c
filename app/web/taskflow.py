"""One human task on a page, for vendors and staff alike: open, keep as draft, check, send.

The form, its values and its opinions come from the case's pinned package (``formKey``, ``valuesFrom``,
``marksFrom``, ``showFrom`` in the diagram). Checking keeps what was typed as the draft and shows it
again in words; sending reads that draft, so that what is sent is what was shown.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import forms
from app.accounts import policy
from app.actor import Actor
from app.engine import commands, packages, queries
from app.engine.bpmn import listed
from app.engine.models import OPEN, Draft, ProcessInstance, Submission, WorkItem
from app.engine.packages import LoadedPackage
from app.errors import InvalidInput, NotFound, Stale
from app.extensions import UnitOfWork
from app.forms import Bound, FormSchema, Row


def new_key() -> str:
    """An idempotency key for one opened page."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True, slots=True)
class Shown:
    """An earlier submission laid beside the form (``showFrom``)."""

    title: str
    by: str
    at: datetime
    rows: list[Row]


@dataclass(slots=True)
class TaskPage:
    """All a page needs. ``bound`` carries the form; ``marks`` the opinions that limit what may be changed.

    command_key  new with every opened page: the same page sent twice is one completion
    """

    item: WorkItem
    case: ProcessInstance
    package: LoadedPackage
    schema: FormSchema
    bound: Bound
    draft: Draft | None
    marks: list[dict[str, str]]
    subject: Submission | None = None
    shown: list[Shown] = field(default_factory=list)
    command_key: str = field(default_factory=new_key)

    @property
    def is_open(self) -> bool:
        return self.item.status == OPEN

    def is_mine(self, actor: Actor) -> bool:
        """Whether this person may act on it now: open, allowed, and not another's."""
        return (self.is_open and self.item.assignee_id in (None, actor.user_id)
                and policy.may(actor, "task.complete", self.item))

    @property
    def summary(self) -> list[Row]:
        return forms.summary(self.schema, self.bound.values)

    @property
    def digest(self) -> str:
        """Names exactly what the check page showed, so that another tab's change is noticed before sending."""
        text = json.dumps(self.bound.values, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Sent:
    """``replayed``: the same page had been sent before. ``case_key`` names the case."""

    item_id: str
    case_key: str
    replayed: bool
    opened: list[str]


def open_task(session: Session, item_id: str, actor: Actor, now: datetime, *, post: Any = None) -> TaskPage:
    """The task with its form filled: what was posted, else this person's draft, else the starting values.

    Raises NotFound (foreign, unknown, or without a form), Forbidden
    """
    item, case, draft = queries.get_task(session, item_id, actor.user_id)
    policy.require(actor, "task.view", item)
    package = packages.get(session, case.version_id)
    schema = form_of(package, item.form_key)
    marks = _marks(session, item)
    review = form_of(package, schema.review_of) if schema.review_of else None
    subject, previous = _under_review(session, item, schema.review_of)
    start = {**starting_values(session, item), **(draft.values if draft else {})}
    context: dict[str, object] = {"now": now, "marks": marks, "subject": subject.values if subject else {},
                                  "previous": previous.values if previous else {}}
    bound = forms.bind(schema, start, post=post, context=context, review=review,
                       editable={mark["field"] for mark in marks} if marks else None)
    return TaskPage(item, case, package, schema, bound, draft, marks, subject, _shown(session, package, item))


def save(uow: UnitOfWork, item_id: str, post: Any) -> Draft:
    """Keep what was typed. Nothing is checked. Raises Stale when the task is closed."""
    page = open_task(uow.session, item_id, uow.actor, uow.now, post=post)
    policy.require(uow.actor, "task.draft", page.item)
    require_open(page.item)
    return commands.save_draft(uow, item_id, page.bound.draft())


def check(uow: UnitOfWork, item_id: str, post: Any) -> TaskPage:
    """Keep what was typed, then judge it: ``page.bound.errors`` is empty when it may be sent."""
    page = open_task(uow.session, item_id, uow.actor, uow.now, post=post)
    policy.require(uow.actor, "task.complete", page.item)
    require_open(page.item)
    page.draft = commands.save_draft(uow, item_id, page.bound.draft())
    page.bound.validate()
    return page


def kept(session: Session, item_id: str, actor: Actor, now: datetime) -> TaskPage:
    """The task as its draft stands, judged; for the page that shows everything before sending."""
    page = open_task(session, item_id, actor, now)
    policy.require(actor, "task.complete", page.item)
    page.bound.validate()
    return page


def send(uow: UnitOfWork, item_id: str, *, expected: int, command_key: str, digest: str) -> Sent | TaskPage:
    """Complete the task with its draft. Gives the page back instead when the draft is no longer what was shown."""
    page = kept(uow.session, item_id, uow.actor, uow.now)
    if page.is_open and (page.bound.errors or page.digest != digest):
        return page
    return complete(uow, page, expected=expected, command_key=command_key)


def complete(uow: UnitOfWork, page: TaskPage, *, expected: int, command_key: str) -> Sent:
    """Complete the task with the values of a judged page; the key of an opened page, used again, gets the first answer.

    Raises Stale (closed, changed, another's), Forbidden(code ``task.separation``)
    """
    values = page.bound.values if page.is_open else {}
    done = commands.complete(uow, page.item.id, values, expected=expected,
                             command_key=f"task:{page.item.id}:{command_key[:60]}")
    return Sent(page.item.id, page.case.business_key, done.replayed, list(done.item_ids))


def refused(session: Session, item_id: str, actor: Actor, now: datetime, refusal: InvalidInput) -> TaskPage:
    """The form again, as kept, after an operation of the diagram refused its values; raises what names no field of it."""
    page = kept(session, item_id, actor, now)
    keys = {field.key for field in page.schema.fields()}
    if not refusal.fields or not keys.issuperset(refusal.fields):
        raise refusal
    for key, messages in refusal.fields.items():
        page.bound.errors.setdefault(key, []).extend(messages)
    return page


def form_of(package: LoadedPackage, form_key: str | None) -> FormSchema:
    """The form of a key at the package's version."""
    path = package.manifest["forms"].get(form_key or "")
    if path is None:
        raise NotFound("這項工作沒有表單。", form=form_key)
    return forms.load(package.file(path), path)


def require_open(item: WorkItem) -> None:
    if item.status != OPEN:
        raise Stale(item=item.id)


def submission_of(session: Session, item: WorkItem) -> Submission | None:
    """What was sent to complete this task."""
    return next((s for s in queries.submissions(session, item.instance_id) if s.item_id == item.id), None)


def _nodes(item: WorkItem, name: str) -> list[str]:
    return listed(item.properties.get(name))


def _latest(session: Session, item: WorkItem, name: str) -> Submission | None:
    nodes = _nodes(item, name)
    return queries.latest_submission(session, item.instance_id, nodes) if nodes else None


def starting_values(session: Session, item: WorkItem) -> Mapping[str, object]:
    """The values that the form begins with (``valuesFrom``), before anybody's draft."""
    found = _latest(session, item, "valuesFrom")
    return found.values if found else {}


def _marks(session: Session, item: WorkItem) -> list[dict[str, str]]:
    found = _latest(session, item, "marksFrom")
    return list(found.values.get("marks") or []) if found else []


def _under_review(session: Session, item: WorkItem, form_key: str | None) -> tuple[Submission | None, Submission | None]:
    """The last two submissions of the form that this one judges: as it is now and as it was before."""
    if form_key is None:
        return None, None
    sent = [s for s in queries.submissions(session, item.instance_id) if s.form_key == form_key]
    return (sent[-1] if sent else None), (sent[-2] if len(sent) > 1 else None)


def _shown(session: Session, package: LoadedPackage, item: WorkItem) -> list[Shown]:
    found = []
    for node in _nodes(item, "showFrom"):
        sent = queries.latest_submission(session, item.instance_id, [node])
        if sent is not None and sent.form_key:
            rows = forms.summary(form_of(package, sent.form_key), sent.values)
            found.append(Shown(package.node(node)["name"], sent.by, sent.at, rows))
    return found


