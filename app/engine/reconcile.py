"""Do the tables say what the states say? The state is the truth; zero differences is the only good answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.engine import packages, state, statements
from app.engine.compact import all_tasks
from app.engine.models import CANCELLED, OPEN, RUNNING, Incident, ProcessInstance, Subscription, Timer, WorkItem
from app.engine.operate import Operator
from app.engine.project import Projection, project
from app.engine.settle import Run, is_automatic
from app.engine.step import lock_instance, open_step, save
from app.engine.workitems import item_row
from app.extensions import UnitOfWork

BATCH = 200
Found = tuple[str, str, str, str]        # kind, key, expected, found


@dataclass(frozen=True, slots=True)
class Difference:
    """``kind``: state, status, unsettled, item, timer, subscription, incident;  ``key`` task id or message name."""

    instance_id: int
    business_key: str
    kind: str
    key: str
    expected: str
    found: str


def reconcile(where: UnitOfWork | Session, instance_id: int | None = None, repair: bool = False) -> list[Difference]:
    """Compare the projections of one case, or of all that ``case_ids`` names, with their states.

    where   a unit of work locks each case first, so that nobody changes it between the two looks; a session does not
    repair  rewrite what differs (needs a unit of work); what a repair did is compared again and left out
    """
    session = where.session if isinstance(where, UnitOfWork) else where
    if repair and not isinstance(where, UnitOfWork):
        raise ValueError("a repair needs a unit of work")
    found: list[Difference] = []
    for case_id in _cases(session, instance_id):
        if isinstance(where, UnitOfWork):
            lock_instance(where, case_id)
        differences = compare(session, case_id)
        if differences and repair and isinstance(where, UnitOfWork):
            _repair(where, case_id, differences)
        found += differences
    return found


def _cases(session: Session, instance_id: int | None) -> Iterator[int]:
    if instance_id is not None:
        yield instance_id
        return
    last = 0
    while batch := case_ids(session, last):
        yield from batch
        last = batch[-1]


def case_ids(session: Session, after: int = 0, limit: int = BATCH) -> list[int]:
    """Ids above ``after``, in order: the running cases, and ended ones that something still stands open for."""
    def left_over(model: type[WorkItem | Timer | Subscription | Incident], *which: ColumnElement[bool]) -> ColumnElement[bool]:
        return ProcessInstance.id.in_(select(model.instance_id).where(model.instance_id > after, *which))

    return list(session.scalars(
        select(ProcessInstance.id).where(ProcessInstance.id > after, or_(
            ProcessInstance.status == RUNNING, left_over(WorkItem, WorkItem.status == OPEN), left_over(Timer),
            left_over(Subscription), left_over(Incident, Incident.resolved_at.is_(None))))
        .order_by(ProcessInstance.id).limit(limit)))


def compare(session: Session, instance_id: int) -> list[Difference]:
    """The differences of one case."""
    instance = session.get_one(ProcessInstance, instance_id, populate_existing=True)
    expected = Projection()
    found: list[Found] = []
    if instance.status != CANCELLED:
        try:
            workflow = state.load(instance.state, instance.state_format,
                                  packages.get(session, instance.version_id).specs)
        except state.DAMAGE as error:
            return [_difference(instance, ("state", "", "readable", f"{type(error).__name__}: {error}"[:200]))]
        expected = project(workflow)
        found += _life(instance, workflow, expected)
    for kind, wanted, got in _tables(session, instance, expected):
        found += [(kind, key, wanted.get(key, "absent"), got.get(key, "absent"))
                  for key in sorted(wanted.keys() | got.keys()) if wanted.get(key) != got.get(key)]
    return [_difference(instance, one) for one in found]


def _difference(instance: ProcessInstance, found: Found) -> Difference:
    return Difference(instance.id, instance.business_key, *found)


def _life(instance: ProcessInstance, workflow: BpmnWorkflow, expected: Projection) -> Iterator[Found]:
    """Is the case as alive as its state, at rest, and able to go on?"""
    is_running = instance.status == RUNNING
    if is_running != expected.has_tokens:
        yield "status", "", RUNNING if expected.has_tokens else "done", instance.status
    for task in all_tasks(workflow):
        if is_running and is_automatic(task):
            yield "unsettled", str(task.id), "at rest", task.task_spec.name
    if expected.is_stuck:
        yield "stuck", "", "something that moves the case", "nothing"


Table = tuple[str, dict[str, str], dict[str, str]]


def _tables(session: Session, instance: ProcessInstance, expected: Projection) -> Iterator[Table]:
    def rows(model: Any, *columns: Any, where: Any = None) -> list[Any]:
        query = select(*columns).where(model.instance_id == instance.id)
        return list(session.execute(query if where is None else query.where(where)))

    yield ("item", {key: task.task_spec.bpmn_id for key, task in expected.items.items()},
           {r.id: r.node_id for r in rows(WorkItem, WorkItem.id, WorkItem.node_id, where=WorkItem.status == OPEN)})
    yield ("timer", {key: due.isoformat() for key, (_, _, due) in expected.timers.items()},
           {r.task_id: r.due_at.isoformat() for r in rows(Timer, Timer.task_id, Timer.due_at)})
    yield ("subscription", {f"{key} {name}": to or instance.business_key for (key, name), (_, to) in expected.waits.items()},
           {f"{r.task_id} {r.name}": r.correlation
            for r in rows(Subscription, Subscription.task_id, Subscription.name, Subscription.correlation)})
    yield ("incident", dict.fromkeys(expected.faults, "open"),
           dict.fromkeys([r.task_id for r in rows(Incident, Incident.task_id, where=Incident.resolved_at.is_(None))], "open"))


def _repair(uow: UnitOfWork, instance_id: int, differences: list[Difference]) -> None:
    """Rewrite the projections of one case from its state. A state that cannot be read is left for a person."""
    instance = lock_instance(uow, instance_id)
    kinds = {difference.kind for difference in differences}
    if "state" in kinds:
        return
    if instance.status == CANCELLED:
        _clear(uow.session, instance, Projection())
        return
    package = packages.get(uow.session, instance.version_id)
    run = Run(package, uow.now, Operator(uow, instance, package))
    run.resume(instance.state, instance.state_format)
    found = project(run.workflow)
    _clear(uow.session, instance, found)
    _restore(uow, instance, run, found)
    if kinds & {"unsettled", "status", "stuck"}:
        instance.status = RUNNING
        uow.session.flush()
        save(open_step(uow, instance))


def _clear(session: Session, instance: ProcessInstance, found: Projection) -> None:
    keep = {"synchronize_session": False}
    session.execute(update(WorkItem).where(WorkItem.instance_id == instance.id, WorkItem.status == OPEN,
                                           WorkItem.id.not_in(found.items)).values(status=CANCELLED).execution_options(**keep))
    session.execute(statements.DROP_CLOSED_DRAFTS, {"instance_id": instance.id})
    for model in (Timer, Subscription):
        session.execute(delete(model).where(model.instance_id == instance.id).execution_options(**keep))
    session.execute(update(Incident).where(Incident.instance_id == instance.id, Incident.resolved_at.is_(None),
                                           Incident.task_id.not_in(found.faults))
                    .values(resolved_at=Incident.opened_at, resolution=CANCELLED, retry_at=None).execution_options(**keep))


def _restore(uow: UnitOfWork, instance: ProcessInstance, run: Run, found: Projection) -> None:
    session = uow.session
    known = {row.id: row.status for row in session.execute(
        select(WorkItem.id, WorkItem.status).where(WorkItem.instance_id == instance.id))}
    for key, task in found.items.items():
        if key not in known:
            session.execute(insert(WorkItem).values(**item_row(instance, run.package, run, task)))
        elif known[key] != OPEN:
            session.execute(update(WorkItem).where(WorkItem.id == key).values(
                status=OPEN, closed_at=None, closed_by=None, closed_by_id=None).execution_options(synchronize_session=False))
    for key, (node_id, name, due_at) in found.timers.items():
        session.execute(insert(Timer).values(instance_id=instance.id, task_id=key, node_id=node_id, name=name, due_at=due_at))
    for (key, name), (node_id, to) in found.waits.items():
        session.execute(insert(Subscription).values(instance_id=instance.id, task_id=key, node_id=node_id, name=name,
                                                    correlation=to or instance.business_key))
    open_ones = set(session.scalars(select(Incident.task_id).where(Incident.instance_id == instance.id,
                                                                   Incident.resolved_at.is_(None))))
    for key, task in found.faults.items():
        if key not in open_ones:
            spec = task.task_spec
            session.execute(insert(Incident).values(
                instance_id=instance.id, task_id=key, node_id=spec.bpmn_id, name=spec.bpmn_name or spec.bpmn_id,
                code="incident.restored", message="異常記錄遺失，已由案件狀態重建。", detail="", attempts=1, opened_at=uow.now))


__all__ = ["Difference", "case_ids", "compare", "reconcile"]
