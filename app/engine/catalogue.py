"""Named operations that a service task may call, and what they are given.

    @catalogue.operation("vendor.approve", title="核准廠商", reads={"note": "核定意見"}, writes=("vendor_id",))
    def approve(ctx: Context, note: str | None = None) -> dict[str, int]: ...

*local* and *notify* run in the transaction of the command (a notice writes an outbox row); *async* is
handed to a job, which only reads, calls ``ctx.pause()`` before it asks a system that is not ours, and
returns what it found; the case waits for ``commands.answer_operation``. What an operation returns, flat
scalars, becomes task data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, outbox
from app.actor import Actor
from app.engine.faults import BACKOFF
from app.engine.models import ProcessInstance, Submission
from app.outbox.models import OutboxJob

if TYPE_CHECKING:
    from app.engine.packages import LoadedPackage

Kind = Literal["local", "notify", "async"]
Result = Mapping[str, Any] | None
Function = Callable[..., Result]


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of an operation. ``node_id`` is the service task that calls it."""

    session: Session
    actor: Actor
    now: datetime
    instance: ProcessInstance
    package: LoadedPackage
    node_id: str
    task_id: str
    may_pause: bool = False

    def pause(self) -> None:
        """Before slow work of an *async* operation: end its read transaction, so that nothing is held meanwhile.

        What was read before must have been copied into plain values: objects are read again when touched.
        In a *local* operation this does nothing: there the transaction is the person's click.
        """
        if self.may_pause:
            self.session.rollback()

    def values(self, node_id: str | None = None) -> dict[str, Any]:
        """The latest form values sent at a node of this case, the start event when None; empty when there are none."""
        node = node_id or self.package.manifest["start"]
        found = self.session.scalar(
            select(Submission).where(Submission.instance_id == self.instance.id, Submission.node_id == node)
            .order_by(Submission.id.desc()).limit(1))
        return dict(found.values) if found else {}

    def file(self, path: str) -> bytes:
        """A file of the case's package version. Raises NotFound."""
        return self.package.file(path)

    def outbox(self, kind: str, key: str, payload: Mapping[str, Any], due_at: datetime | None = None) -> OutboxJob:
        """An effect to carry out after the commit; the same key twice is one effect."""
        return outbox.add(self.session, kind, key, dict(payload), now=self.now, due_at=due_at,
                          instance_id=self.instance.id)

    def audit(self, action: str, before: Mapping[str, object] | None = None,
              after: Mapping[str, object] | None = None) -> None:
        audit.record(self, action, f"case:{self.instance.id}", before=before, after=after)


@dataclass(frozen=True, slots=True)
class Operation:
    """``reads`` parameter → Chinese label;  ``writes`` names of the task data it sets;  ``retries`` automatic tries.

    skippable  False: the case may not go on without it, because its end would say what is not so, or lack its outputs
    """

    name: str
    title: str
    function: Function
    kind: Kind = "local"
    reads: Mapping[str, str] = field(default_factory=dict)
    writes: tuple[str, ...] = ()
    retries: int = len(BACKOFF)
    skippable: bool = True


_operations: dict[str, Operation] = {}


def operation(name: str, *, title: str, kind: Kind = "local", reads: Mapping[str, str] | None = None,
              writes: tuple[str, ...] = (), retries: int = len(BACKOFF),
              skippable: bool = True) -> Callable[[Function], Function]:
    """Register a function under a name of the form ``topic.verb``. A name is given once."""
    def register(function: Function) -> Function:
        known = _operations.get(name)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"operation {name} is registered twice")
        _operations[name] = Operation(name, title, function, kind, dict(reads or {}), writes, retries, skippable)
        return function
    return register


def find(name: str) -> Operation | None:
    return _operations.get(name)


def is_skippable(name: str | None) -> bool:
    """May a person pass by a step that calls this operation? Yes for None and for one that is not known any more."""
    found = find(name) if name else None
    return found is None or found.skippable


def operations() -> dict[str, Operation]:
    """All operations, by name; the designer's palette."""
    return dict(sorted(_operations.items()))
