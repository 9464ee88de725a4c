"""Data objects and stores are documentation here: task data are a few flat values, the rest is in tables."""

from __future__ import annotations

from app.engine import bpmn
from app.engine.normalise.runcopy import RunCopy, drop

SHOWN = ("dataObject", "dataStore")
SILENT = ("dataObjectReference", "dataStoreReference", "dataInputAssociation", "dataOutputAssociation",
          "ioSpecification", "ioBinding", "property", "correlationProperty", "correlationKey",
          "correlationSubscription", "auditing", "monitoring", "resourceRole", "performer", "potentialOwner",
          "humanPerformer", "association", "textAnnotation", "group")


def drop_data(copy: RunCopy) -> None:
    """Take data out of the run copy: one unresolved reference makes the library's parser loop for ever."""
    for kind in SHOWN + SILENT:
        for element in list(copy.root.iter(bpmn.q(kind))):
            if kind in SHOWN:
                copy.say(element, "data.ignored", f"{bpmn.label(element)} 只供閱讀，執行時略過。", weakens=False)
            drop(element)
