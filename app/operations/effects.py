"""Effects that were given up: a person lets them be tried again, and the trail says who."""

from __future__ import annotations

from collections.abc import Sequence

from app import audit, outbox
from app.audit import Tag
from app.extensions import UnitOfWork


def retry_dead(uow: UnitOfWork, job_ids: Sequence[str] | None = None) -> int:
    """Give dead rows, all or those named, new tries. Returns how many; rows that are not dead are passed over."""
    chosen = [job for job in outbox.list_dead(uow.session, limit=None) if job_ids is None or job.id in job_ids]
    if not chosen or not outbox.retry_dead(uow.session, uow.now, [job.id for job in chosen]):
        return 0
    for job in chosen:
        audit.record(uow, Tag.OUTBOX_RETRIED, f"job:{job.id}", after={"kind": job.kind, "attempts": job.attempts})
    return len(chosen)
