"""Start a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from app.engine import packages
from app.engine.commands.keys import recall, remember
from app.engine.faults import StepFault
from app.engine.models import RUNNING, ProcessInstance, Submission
from app.engine.operate import Operator
from app.engine.packages import LoadedPackage
from app.engine.settle import Run
from app.engine.step import Step, save
from app.errors import InvalidInput
from app.extensions import UnitOfWork


def start(uow: UnitOfWork, key: str, *, title: str, business_key: str, parties: Mapping[str, str],
          subject: str | None = None, values: Mapping[str, Any] | None = None,
          variables: Mapping[str, Any] | None = None, command_key: str | None = None) -> ProcessInstance:
    """Start a case on the active version of a package.

    business_key  the number people use; one case each
    parties       lane role → party, e.g. {"vendor": "org:12"}; the first is the applicant
    values        the form sent at the start event, stored as its submission
    variables     flat scalars for the first token
    Raises        NotFound (package), InvalidInput (variables)
    Repeat        the same command key returns the first case
    """
    if answer := recall(uow, command_key, "start"):
        return uow.session.get_one(ProcessInstance, answer["instance_id"])
    version = packages.active(uow.session, key)
    instance = ProcessInstance(
        version_id=version.id, package_key=key, business_key=business_key, title=title[:200], subject=subject,
        parties=dict(parties), party=next(iter(parties.values()), None), status=RUNNING, phase="", phase_kind="run",
        revision=0, state=b"", state_format=0, started_at=uow.now, started_by_id=uow.actor.user_id,
        started_by=uow.actor.name)
    uow.session.add(instance)
    uow.session.flush()                   # operations and projections need its id
    package = packages.get(uow.session, version.id)
    if values is not None:
        _submit(uow, instance, package, values)
    step = Step(uow, instance, package, Run(package, uow.now, Operator(uow, instance, package)))
    step.event("case.started", node_id=package.manifest["start"], name=title)
    try:
        step.run.begin(dict(variables or {}))
    except StepFault as fault:
        raise InvalidInput(message=fault.message, code=fault.code) from fault
    save(step)
    remember(uow, command_key, "start", instance.id, {"instance_id": instance.id})
    return instance


def _submit(uow: UnitOfWork, instance: ProcessInstance, package: LoadedPackage, values: Mapping[str, Any]) -> None:
    start_event = package.manifest["start"]
    uow.session.execute(insert(Submission).values(
        instance_id=instance.id, node_id=start_event, form_key=package.node(start_event)["properties"].get("formKey"),
        values=dict(values), at=uow.now, by_id=uow.actor.user_id, by=uow.actor.name))
