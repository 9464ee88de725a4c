"""Tables of the workflow host. The state is the truth of a case; the rest are projections of it.

Projections are rewritten in the same transaction as the state, so queues, timers and reports
never open a state. ``reconcile`` recomputes and compares them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import JsonText, UtcDateTime, db

OPEN, DONE, CANCELLED = "open", "done", "cancelled"          # work items
WHOLE_CASE = ""                                              # task id of an incident that needs no state
RUNNING = "running"                                           # instances: running, done, cancelled


class PackageVersion(db.Model):
    """One published, immutable version of a procedure: diagram, forms, tables, templates, scenarios.

    spec       zlib(JSON): restored process specifications, never re-parsed (engine.md D10)
    manifest   ``manifest.Manifest``: title, lanes, nodes, flows, forms, decisions, messages, files
    report     findings of the check at publication
    """

    __tablename__ = "package_versions"
    __table_args__ = (UniqueConstraint("key", "version"),
                      Index("uq_package_versions_active", "key", unique=True, sqlite_where=text("is_active"),
                            postgresql_where=text("is_active")))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    is_active: Mapped[bool] = mapped_column(default=True)     # the one new cases start on
    spec: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    manifest: Mapped[dict[str, Any]] = mapped_column(JsonText, deferred=True)
    report: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, deferred=True)
    engine: Mapped[str] = mapped_column(String(20))           # SpiffWorkflow's version
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))


class PackageFile(db.Model):
    """A file of a version, byte for byte. ``path`` is the repository's (``bpmn/k/k.bpmn``)."""

    __tablename__ = "package_files"
    __table_args__ = (UniqueConstraint("version_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("package_versions.id"))
    path: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProcessInstance(db.Model):
    """A case. ``state`` is zlib(JSON) of the live tokens only, a few kB whatever its age.

    business_key  the number people use, e.g. ``R-1151121-001``
    subject       what the case is about, e.g. ``vendor:12`` (opaque to the engine)
    parties       lane role → party, e.g. {"vendor": "org:12"}: whose tasks these are
    phase         the state word people see (審核中) and its kind (idle run act done bad hold)
    outcome       id of the end event that was reached
    revision      optimistic lock, +1 each step
    """

    __tablename__ = "process_instances"
    __table_args__ = (
        Index("ix_process_instances_list", "package_key", "status", "id"),
        Index("ix_process_instances_package", "package_key", "id"),
        Index("ix_process_instances_phase", "phase", "id"),
        Index("ix_process_instances_ended", "ended_at", "status",
              sqlite_where=text("ended_at IS NOT NULL"), postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_process_instances_finished", "package_key", "status", "ended_at",
              sqlite_where=text("ended_at IS NOT NULL"), postgresql_where=text("ended_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("package_versions.id"))
    package_key: Mapped[str] = mapped_column(String(80))
    business_key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(80), index=True)
    parties: Mapped[dict[str, str]] = mapped_column(JsonText)
    party: Mapped[str | None] = mapped_column(String(80), index=True)   # the applicant: first of parties
    status: Mapped[str] = mapped_column(String(12))
    phase: Mapped[str] = mapped_column(String(40), default="")
    phase_kind: Mapped[str] = mapped_column(String(8), default="run")
    outcome: Mapped[str | None] = mapped_column(String(100))
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state_format: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by_id: Mapped[int | None]
    started_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkItem(db.Model):
    """One open or closed human task. ``id`` is the engine's task id.

    role        lane id: who may take it;  ``party`` narrows it to one side (a vendor), None = the office
    assignee    the one person it belongs to now, None = in the pool
    due_at      instant, None = no deadline; ``sort_at`` = due_at or far future, for the queue index
    properties  the node's properties from the diagram (formKey, outputs, separateFrom, marksFrom …)
    version     +1 at each claim, release, assign; a page sends back the one it showed
    """

    __tablename__ = "work_items"
    __table_args__ = (
        Index("ix_work_items_queue", "role", "sort_at", "id",
              sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
        Index("ix_work_items_pool", "role", "sort_at", "id",
              sqlite_where=text("status = 'open' AND assignee_id IS NULL AND party IS NULL"),
              postgresql_where=text("status = 'open' AND assignee_id IS NULL AND party IS NULL")),
        Index("ix_work_items_mine", "assignee_id", "sort_at", "id",
              sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
        Index("ix_work_items_party", "party", "sort_at", "id",
              sqlite_where=text("status = 'open' AND party IS NOT NULL"),
              postgresql_where=text("status = 'open' AND party IS NOT NULL")),
        Index("ix_work_items_sent", "party", "closed_at",
              sqlite_where=text("status = 'done' AND party IS NOT NULL"),
              postgresql_where=text("status = 'done' AND party IS NOT NULL")),
        Index("ix_work_items_board", "package_key", "node_id", "sort_at",
              sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
        Index("ix_work_items_oldest", "package_key", "node_id", "opened_at",
              sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instances.id"), index=True)
    package_key: Mapped[str] = mapped_column(String(80))
    business_key: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    node_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(40))
    party: Mapped[str | None] = mapped_column(String(80))
    form_key: Mapped[str | None] = mapped_column(String(120))
    properties: Mapped[dict[str, str]] = mapped_column(JsonText)
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    assignee_id: Mapped[int | None]
    assignee: Mapped[str | None] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sort_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None]
    closed_by: Mapped[str | None] = mapped_column(String(80))


class Draft(db.Model):
    """What a person has typed into a task and not sent; gone when the task is. No validation stands before it."""

    __tablename__ = "drafts"

    item_id: Mapped[str] = mapped_column(ForeignKey("work_items.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JsonText)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Submission(db.Model):
    """What was sent at a node: the whole form, opaque to the engine, never edited. Latest = highest id."""

    __tablename__ = "submissions"
    __table_args__ = (Index("ix_submissions_case", "instance_id", "node_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instances.id"))
    node_id: Mapped[str] = mapped_column(String(100))
    item_id: Mapped[str | None] = mapped_column(String(36))
    form_key: Mapped[str | None] = mapped_column(String(120))
    values: Mapped[dict[str, Any]] = mapped_column(JsonText)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(80))


class Timer(db.Model):
    """A waiting timer of a live token."""

    __tablename__ = "timers"

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instances.id"), index=True)
    task_id: Mapped[str] = mapped_column(String(36), unique=True)
    node_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Subscription(db.Model):
    """A live token that waits for a message. ``correlation`` is the case's business key unless the node says else."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("task_id", "name"), Index("ix_subscriptions_name", "name", "correlation"))

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instances.id"), index=True)
    task_id: Mapped[str] = mapped_column(String(36))
    node_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(100))
    correlation: Mapped[str] = mapped_column(String(200))


class BufferedMessage(db.Model):
    """A message nobody waited for yet; offered again when a subscription opens, dropped after ``expires_at``."""

    __tablename__ = "buffered_messages"
    __table_args__ = (Index("ix_buffered_messages_name", "name", "correlation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    correlation: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonText)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Event(db.Model):
    """One line of a case's history; append-only.

    kind  case.started case.ended case.cancelled | task.opened task.claimed task.released task.assigned
          task.completed task.cancelled | step.completed (any other node) | decision.made | timer.set
          timer.fired timer.rescheduled | message.received | incident.opened incident.retried
          incident.resolved | phase.changed
    data  {"flows": [ids of the sequence flows taken on leaving]} and what the kind needs, e.g. for decision.made
          {"decision", "inputs", "hits": [rule numbers], "outputs"}; {"wrote": what an operation found out}
    """

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_case", "instance_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instances.id"))
    revision: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30))
    node_id: Mapped[str | None] = mapped_column(String(100))
    name: Mapped[str | None] = mapped_column(String(200))
    task_id: Mapped[str | None] = mapped_column(String(36))
    data: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class Incident(db.Model):
    """A step that failed and waits for a retry or a person. The case is never silently stuck.

    task_id     ``WHOLE_CASE`` when not a step failed but the state cannot be read
    attempts    how often the step was tried;  ``retry_at`` None = no more automatic tries
    resolution  None while open, else retried, edited, skipped, cancelled
    """

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_retry", "retry_at", sqlite_where=text("resolved_at IS NULL"),
                            postgresql_where=text("resolved_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instances.id"), index=True)
    task_id: Mapped[str] = mapped_column(String(36))
    node_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(Text)                # Chinese, for people
    detail: Mapped[str] = mapped_column(Text)                 # for developers, no personal data
    attempts: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(80))
    resolution: Mapped[str | None] = mapped_column(String(20))


class Command(db.Model):
    """An idempotency key that was used, and the answer that was given: a repeated click gets it again."""

    __tablename__ = "commands"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    actor_id: Mapped[int | None]
    instance_id: Mapped[int | None]
    result: Mapped[dict[str, Any]] = mapped_column(JsonText)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
