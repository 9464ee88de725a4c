"""Which kind of outbox row is carried out by what. A handler does the slow part and returns its database effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app import notify, outbox
from app.config import Config
from app.engine import commands
from app.errors import WrongState
from app.extensions import UnitOfWork, db, release
from app.jobs import documents, operations

Effect = Callable[[UnitOfWork], object]


def _nobody_waits(_uow: UnitOfWork, _job: outbox.Job, _error: Exception) -> None:
    """No case waits for this kind; as every dead row it is shown on the manager's page and by ``flask outbox list``."""


@dataclass(frozen=True, slots=True)
class Handler:
    """prepare(job, config) → effect: reads, releases the database, does what is slow; the effect is written with "done".

    on_dead  told in the transaction that gives the row up
    """

    prepare: Callable[[outbox.Job, Config], Effect]
    on_dead: Callable[[UnitOfWork, outbox.Job, Exception], None] = _nobody_waits


def send_mail(job: outbox.Job, config: Config) -> Effect:
    """Payload {"message_id"}. The Message-ID follows from the message, so a mail sent twice is recognised."""
    message_id = int(job.payload["message_id"])
    message = notify.get_message(db.session(), message_id)
    if message.sent_at is None:
        mail = notify.build_email(message, config.base_url, config.mail_from)
        release()
        notify.deliver(mail, config)
    return lambda uow: notify.mark_sent(uow.session, message_id, uow.now)


def pass_message(job: outbox.Job, _config: Config) -> Effect:
    """Payload {"name", "correlation", "payload"}: a message that a case throws to another one; the key makes it one."""
    asked = job.payload
    return lambda uow: commands.deliver_message(uow, str(asked["name"]), str(asked["correlation"]),
                                                asked.get("payload") or {}, command_key=job.key)


HANDLERS = {
    "message": Handler(pass_message),
    "mail": Handler(send_mail),
    "document": Handler(documents.make_document),
    "operation": Handler(operations.call_operation, operations.report_failure),
}


def handler(kind: str) -> Handler:
    try:
        return HANDLERS[kind]
    except KeyError:
        raise WrongState(f"沒有處理「{kind}」的背景工作。", code="job.unknown_kind") from None
