"""Diagram → SpiffWorkflow specifications. The only place where its parser runs; it is given a tree, never bytes.

Feed it a tree that ``xmlsafe`` has read and ``normalise`` has cleaned: the library's own parser loops for
ever on some references and drops what it does not know (engine.md §1.3, reliability.md §2).
"""

from __future__ import annotations

from collections.abc import Mapping

from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.spiff.parser.event_parsers import (
    SpiffBoundaryEventParser,
    SpiffIntermediateCatchEventParser,
    SpiffReceiveTaskParser,
    SpiffStartEventParser,
)
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import ScriptTaskParser, ServiceTaskParser, SpiffTaskParser

from app.engine import bpmn, specs
from app.engine.bpmn import Element
from app.errors import DefinitionError

Specs = tuple[BpmnProcessSpec, Mapping[str, BpmnProcessSpec]]


class DecisionTaskParser(SpiffTaskParser):
    """A business rule task keeps only the decision's id; the table is looked up in the package (D15)."""

    def create_task(self) -> specs.DecisionTask:
        reference = bpmn.decision(self.node)
        if not reference:
            self.raise_validation_exception("decision missing")
        return specs.DecisionTask(self.spec, self.bpmn_id, decision_ref=reference, **self.bpmn_attributes)

    @staticmethod
    def get_decision_ref(node: Element) -> str:
        return bpmn.decision(node)


class TimerParserMixin:
    """Timers become our own definitions: FEEL or ISO text, judged by the command's clock."""

    def parse_timer_event(self, event: Element) -> object:
        kind, expression = bpmn.timer(event)
        timer = specs.TIMERS.get(kind)
        if timer is None or not expression:
            raise ValidationException("timer without value", node=self.node, file_name=self.filename)  # type: ignore[attr-defined]
        return timer(self.node.get("name") or self.node.get("id"), expression)  # type: ignore[attr-defined]


class AppStartEventParser(TimerParserMixin, SpiffStartEventParser):
    pass


class AppBoundaryEventParser(TimerParserMixin, SpiffBoundaryEventParser):
    pass


class AppCatchEventParser(TimerParserMixin, SpiffIntermediateCatchEventParser):
    pass


class AppParser(SpiffBpmnParser):
    """SpiffWorkflow's parser with our tasks and timers in place of its own."""

    OVERRIDE_PARSER_CLASSES = SpiffBpmnParser.OVERRIDE_PARSER_CLASSES | {
        full_tag(tag): (parser, specs.CLASSES[tag]) for tag, parser in (
            ("serviceTask", ServiceTaskParser),
            ("businessRuleTask", DecisionTaskParser),
            ("scriptTask", ScriptTaskParser),
            ("startEvent", AppStartEventParser),
            ("boundaryEvent", AppBoundaryEventParser),
            ("intermediateCatchEvent", AppCatchEventParser),
            ("receiveTask", SpiffReceiveTaskParser),
        ) if tag in specs.CLASSES
    }


def parse_specs(roots: Mapping[str, Element], process_id: str) -> Specs:
    """Specifications of a process and of everything it contains or calls.

    roots       file → normalised tree
    process_id  the process to start
    Raises      DefinitionError naming file, element and rule ``engine.parse``
    """
    parser = AppParser()
    file = ""
    try:
        for file, root in roots.items():
            parser.add_bpmn_xml(root, filename=file)
        return parser.get_spec(process_id), parser.get_subprocess_specs(process_id)
    except ValidationException as error:
        element = error.id or None
        raise DefinitionError(f"流程引擎無法讀取元素 {element or process_id}：{error}", file=error.file_name or file,
                              element=element, rule="engine.parse") from None
    except RecursionError:
        raise DefinitionError("流程太長，引擎無法讀取；請將部分步驟移到子流程。", file=file, element=process_id,
                              rule="engine.depth") from None
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise DefinitionError(f"流程引擎無法讀取這張圖（{type(error).__name__}）。", file=file, element=process_id,
                              rule="engine.parse") from None
