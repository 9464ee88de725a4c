"""The script engine given to SpiffWorkflow: FEEL, the command's clock, and no Python from a diagram (D8).

SpiffWorkflow asks a script engine for everything a diagram can express. Ours parses FEEL, knows the
instant of the command, and hands operations, decisions and faults to the host (``settle.Run``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.task import Task

from app.engine import clockwork
from app.engine.faults import StepFault
from app.rules import feel
from app.rules.calendar import office_calendar

Data = Mapping[str, Any]


class Host(Protocol):
    """What the engine asks of the running command."""

    def perform(self, task: Task, operation: str, parameters: dict[str, Any]) -> bool | None: ...
    def decide(self, task: Task, decision: str) -> None: ...
    def fault(self, task: Task, fault: StepFault) -> None: ...
    def reminded(self, task: Task) -> None: ...


def _fault(error: feel.FeelError, source: str) -> StepFault:
    return StepFault(error.code, f"運算式無法計算：{error.message}", detail=source)


class FeelEnvironment(BasePythonScriptEngineEnvironment):
    """Expressions over a mapping. ``context`` wins over ``external_context`` (data objects)."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now

    def value(self, expression: str, context: Data, external_context: Data | None = None) -> Any:
        """A FEEL value. Raises StepFault."""
        try:
            return feel.evaluate(expression, {**external_context, **context} if external_context else context,
                                 now=self.now, calendar=office_calendar(), strict=True)
        except feel.FeelError as error:
            raise _fault(error, expression) from error

    def evaluate(self, expression: str | None, context: Data, external_context: Data | None = None) -> Any:
        """A JSON-safe value; raw ISO text stands for itself."""
        text = (expression or "").strip()
        if not text:
            raise StepFault("feel.empty", "運算式是空的。")
        return text if clockwork.is_iso(text) else feel.plain(self.value(text, context, external_context))

    def execute(self, script: str, context: dict[str, Any], external_context: Data | None = None) -> bool:
        """FEEL assignments in order, each seeing those before; all or nothing."""
        seen, results = {**(external_context or {}), **context}, {}
        try:
            for name, program in feel.script(script or ""):
                results[name] = seen[name] = feel.plain(
                    program(seen, now=self.now, calendar=office_calendar(), strict=True))
        except feel.FeelError as error:
            raise _fault(error, script) from error
        context.update(results)
        return True

    def call_service(self, context: Data, **_: Any) -> str:
        raise StepFault("operation.direct", "這個步驟不能直接呼叫服務。")


class FeelScriptEngine(PythonScriptEngine):
    """One per command. ``now`` is the command's instant; ``firing`` the timer tasks that may fire at present."""

    environment: FeelEnvironment

    def __init__(self, host: Host, now: datetime) -> None:
        super().__init__(FeelEnvironment(now))
        self.host, self.now = host, now
        self.firing: set[UUID] = set()

    def validate(self, expression: str) -> None:
        feel.compile(expression)

    def evaluate(self, task: Task, expression: str, external_context: Data | None = None) -> Any:
        return self.environment.evaluate(expression, task.data, external_context)

    def execute(self, task: Task, script: str, external_context: Data | None = None) -> bool:
        return self.environment.execute(script, task.data, external_context)

    def call_service(self, task: Task, **_: Any) -> str:
        """Operations are called by ``AppServiceTask``; the base class hides the real error behind a NameError (D16)."""
        raise StepFault("operation.direct", "這個步驟不能直接呼叫服務。", detail=task.task_spec.name)

    def condition(self, task: Task, expression: str) -> bool:
        """True or false; null, numbers and texts are faults, not a silent no."""
        value = self.environment.value(expression, task.data, task.workflow.data_objects)
        try:
            return bool(feel.as_bool(value, expression))
        except feel.FeelError as error:
            raise _fault(error, expression) from error

    def instant(self, task: Task, expression: str) -> datetime:
        """When a timer is due: a raw ISO text or the FEEL value of the expression. Raises StepFault."""
        text = (expression or "").strip()
        value: Any = text
        if not clockwork.is_iso(text):
            value = self.environment.value(text, task.data, task.workflow.data_objects)
            value = value if isinstance(value, date) else feel.plain(value)
        try:
            return clockwork.instant(value, self.now)
        except clockwork.TimeError as error:
            raise StepFault(error.code, error.message, detail=text) from error

    def text(self, task: Task, expression: str) -> str:
        """A text such as ``R3/PT1H``, raw or computed."""
        value = self.evaluate(task, expression)
        if not isinstance(value, str):
            raise StepFault("timer.value", "週期設定的結果不是文字。", detail=expression)
        return value

    def is_firing(self, task: Task) -> bool:
        return task.id in self.firing
