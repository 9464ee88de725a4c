"""Rules about the settings of steps: forms, deadlines, outputs, and variables that nobody writes."""

from __future__ import annotations

import re

from app.engine import bpmn, syntax
from app.engine import variables as variables_room
from app.engine.bpmn import Element
from app.engine.lint.context import Context
from app.engine.lint.graph import Scope

# Settings of a node and where they may stand; see docs/architecture.md.
PROPERTIES = frozenset((
    "formKey", "due", "outputs", "separateFrom", "phase", "phaseKind", "marksFrom", "valuesFrom", "showFrom",
    "withdraw", "note", "correlation"))
REFERENCES = ("separateFrom", "marksFrom", "valuesFrom", "showFrom")
PHASE_KINDS = ("idle", "run", "act", "done", "bad", "hold")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORBIDDEN = frozenset((
    "typename", "data_objects", "spec", "subprocesses",            # the engine's own words, then FEEL's
    "null", "true", "false", "and", "or", "not", "if", "then", "else", "in", "for", "return", "some", "every",
    "between", "function"))


def properties(ctx: Context) -> None:
    nodes = ctx.node_ids()
    for scope, node in ctx.nodes():
        settings = bpmn.properties(node)
        for name in sorted(settings.keys() - PROPERTIES):
            ctx.say("task.property", scope.file, node, f"{bpmn.label(node)} 的設定「{name}」不認得，會被略過；請檢查拼字。")
        for name in REFERENCES:
            for other in bpmn.listed(settings.get(name)):
                if other not in nodes:
                    ctx.say("task.reference", scope.file, node,
                            f"{bpmn.label(node)} 的設定 {name} 指到不存在的節點「{other}」。")
        kind = settings.get("phaseKind")
        if kind is not None and kind not in PHASE_KINDS:
            ctx.say("task.phase", scope.file, node,
                    f"{bpmn.label(node)} 的 phaseKind「{kind}」不是 {'、'.join(PHASE_KINDS)} 之一。")
        if settings.get("withdraw") and (bpmn.local(node) != "boundaryEvent" or bpmn.trigger(node) != "message"):
            ctx.say("task.withdraw", scope.file, node, f"{bpmn.label(node)} 不是訊息邊界事件，不能設 withdraw。")
        _due(ctx, scope, node, settings.get("due"))


def _due(ctx: Context, scope: Scope, node: Element, due: str | None) -> None:
    if due is None:
        return
    kind = "timeDuration" if due.startswith("P") else "timeDate"
    problem = syntax.timer_problem(kind, due)
    if problem:
        ctx.say("task.due", scope.file, node, f"{bpmn.label(node)} 的期限「{due[:40]}」無法判讀（{problem}）。")


def forms(ctx: Context) -> None:
    for scope, node in ctx.nodes("userTask", "startEvent"):
        key = bpmn.properties(node).get("formKey")
        if not key:
            if bpmn.local(node) == "userTask":
                ctx.say("task.form", scope.file, node, f"{bpmn.label(node)} 沒有表單；請在設定填 formKey。")
            continue
        if ctx.known.forms is not None and key not in ctx.known.forms:
            ctx.say("task.form", scope.file, node, f"{bpmn.label(node)} 的表單「{key}」不存在；請放入 forms/{key}.form。")


def outputs(ctx: Context) -> None:
    for scope, node in ctx.nodes("userTask", "startEvent"):
        settings = bpmn.properties(node)
        fields = (ctx.known.forms or {}).get(settings.get("formKey", ""), [])
        for name in bpmn.listed(settings.get("outputs")):
            if not _VARIABLE.fullmatch(name) or name in _FORBIDDEN:
                ctx.say("task.outputs", scope.file, node,
                        f"{bpmn.label(node)} 的輸出「{name}」不能當變數名稱；請用英文小寫加底線，並避開保留字。")
            elif fields and name not in fields:
                ctx.say("task.outputs_form", scope.file, node,
                        f"{bpmn.label(node)} 的輸出「{name}」不是表單 {settings.get('formKey')} 的欄位。")


def known_parameters(ctx: Context) -> None:
    for scope, node in ctx.nodes("serviceTask"):
        operation = bpmn.operation(node)
        known = ctx.known.operations.get(operation[0]) if operation else None
        if operation is None or known is None:
            continue
        for name in sorted(operation[1].keys() - set(known.reads)):
            ctx.say("operation.unknown_parameter", scope.file, node,
                    f"{bpmn.label(node)} 的系統作業 {operation[0]} 沒有參數「{name}」。")


def variables(ctx: Context) -> None:
    """A variable that is read and never written is a slip of the pen."""
    written = variables_room.written((node for _scope, node in ctx.nodes()), ctx.known)
    for scope, element, name in _read(ctx):
        if name not in written:
            ctx.say("variable.unknown", scope.file, element,
                    f"{bpmn.label(element)} 讀取變數「{name}」，但沒有任何步驟寫入它；請檢查拼字。")


def _read(ctx: Context) -> list[tuple[Scope, Element, str]]:
    found: list[tuple[Scope, Element, str]] = []
    for scope, node in ctx.nodes():
        for flow in scope.leaving[bpmn.ident(node)]:
            found += [(scope, flow, name) for name in sorted(syntax.names(bpmn.condition(flow)))]
        sources = [bpmn.properties(node).get("due")]
        sources += [bpmn.timer(definition)[1] for definition in bpmn.definitions(node)]
        if operation := bpmn.operation(node):
            sources += list(operation[1].values())
        found += [(scope, node, name) for source in sources for name in sorted(syntax.names(source))]
        if table := ctx.known.decisions.get(bpmn.decision(node)):
            found += [(scope, node, name) for name in table.reads]
        for _name, reads in syntax.assignments(bpmn.text(node.find(bpmn.q("script")))):
            found += [(scope, node, name) for name in sorted(reads)]
    return found


RULES = (properties, forms, outputs, known_parameters, variables)
