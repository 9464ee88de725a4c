"""Steps without an implementation become steps a person does; loops and repetitions get usable figures."""

from __future__ import annotations

from lxml import etree

from app.engine import bpmn, syntax
from app.engine.bpmn import SPIFF, Element
from app.engine.normalise.runcopy import RunCopy, drop, drop_children, outgoing, retag

REHEARSAL_TIMES = "2"
_MULTIPLE, _LOOP = "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"
_STRUCTURE = frozenset(("documentation", "extensionElements", "laneSet", "sequenceFlow", "ioSpecification",
                        "artifact", "property", "supportedInterfaceRef", "rendering"))


def unknown_nodes(copy: RunCopy) -> None:
    """Flow elements that the engine has no word for, e.g. choreography tasks."""
    for _process, scope in copy.scopes():
        known = {bpmn.ident(node) for node in bpmn.nodes(scope)}
        ends = {flow.get(side) for flow in bpmn.flows(scope) for side in ("sourceRef", "targetRef")}
        for child in list(scope):
            if bpmn.is_bpmn(child) and bpmn.ident(child) in ends - known and bpmn.local(child) not in _STRUCTURE:
                copy.say(child, "node.unknown", f"{bpmn.label(child)} 不是可執行的種類，已改為人工工作。")
                _empty(child)
                retag(child, "manualTask")


def sub_processes(copy: RunCopy) -> None:
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            kind = bpmn.local(node)
            if kind not in bpmn.SCOPES:
                continue
            if node.get("triggeredByEvent") in ("true", "1"):
                copy.say(node, "event_subprocess", f"{bpmn.label(node)} 是事件子流程，引擎不能正確中斷主流程，已移除；"
                                                   "請改用子流程加邊界事件。")
                copy.remove_node(scope, node)
            elif not bpmn.nodes(node):
                copy.say(node, "subprocess.empty", f"{bpmn.label(node)} 裡面沒有步驟，已改為人工工作。")
                _empty(node)
                retag(node, "manualTask")
            elif kind == "adHocSubProcess":
                copy.say(node, "subprocess.adhoc", f"{bpmn.label(node)} 的步驟次序不定，已改為一般子流程。")
                drop_children(node, "completionCondition")
                retag(node, "subProcess")


def compensation(copy: RunCopy) -> None:
    """Nothing is undone automatically: steps that only run as compensation leave the run copy."""
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            if node.get("isForCompensation") in ("true", "1"):
                copy.say(node, "event.compensation", f"{bpmn.label(node)} 只在補償時執行，引擎不執行補償，已移除。")
                copy.remove_node(scope, node)


def implementations(copy: RunCopy) -> None:
    """A task that nothing implements is done by a person; foreign code is never executed."""
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            for attribute in ("startQuantity", "completionQuantity"):
                if node.get(attribute, "1") != "1":
                    copy.say(node, "task.quantity", f"{bpmn.label(node)} 的權杖數量 {attribute} 不會執行，已略過。")
                    del node.attrib[attribute]
            _scripts_beside(copy, node)
            reason = _missing(copy, node)
            if reason:
                copy.say(node, *reason)
                _empty(node)
                retag(node, "manualTask")


def _missing(copy: RunCopy, node: Element) -> tuple[str, str] | None:
    """(rule, message) when the node cannot do its work."""
    finder = _FINDERS.get(bpmn.local(node))
    return finder(copy, node, bpmn.label(node)) if finder else None


def _no_operation(copy: RunCopy, node: Element, name: str) -> tuple[str, str] | None:
    operation = bpmn.operation(node)
    if operation is None:
        return "task.operation", f"{name} 沒有指定系統作業，已改為人工工作。"
    if operation[0] not in copy.known.operations:
        return "task.operation", f"{name} 指定的系統作業「{operation[0]}」不存在，已改為人工工作。"
    return None


def _no_decision(copy: RunCopy, node: Element, name: str) -> tuple[str, str] | None:
    decision = bpmn.decision(node)
    if decision in copy.known.decisions:
        return None
    return "task.decision", f"{name} 的決策表「{decision or '未指定'}」不存在，已改為人工工作。"


def _no_script(copy: RunCopy, node: Element, name: str) -> tuple[str, str] | None:
    problem = syntax.script_problem(bpmn.text(node.find(bpmn.q("script"))))
    return ("task.script", f"{name} 的腳本不是 FEEL 指定式（{problem}），不會執行，已改為人工工作。") if problem else None


def _no_called(copy: RunCopy, node: Element, name: str) -> tuple[str, str] | None:
    called = node.get("calledElement")
    if called in copy.called:
        return None
    return "task.called", f"{name} 呼叫的流程「{called or '未指定'}」不在檔案內，已改為人工工作。"


def _no_message(copy: RunCopy, node: Element, name: str) -> tuple[str, str] | None:
    return None if node.get("messageRef") else ("task.message", f"{name} 沒有指定訊息，已改為人工工作。")


def _no_kind(copy: RunCopy, node: Element, name: str) -> tuple[str, str] | None:
    return "task.plain", f"{name} 沒有種類，已改為人工工作。"


_FINDERS = {"serviceTask": _no_operation, "businessRuleTask": _no_decision, "scriptTask": _no_script,
            "callActivity": _no_called, "sendTask": _no_message, "receiveTask": _no_message, "task": _no_kind}


def _scripts_beside(copy: RunCopy, node: Element) -> None:
    """Pre- and post-scripts run as well: they must be FEEL."""
    for kind in ("preScript", "postScript"):
        script = bpmn.extension(node, kind)
        problem = None if script is None else syntax.script_problem(bpmn.text(script))
        if script is not None and problem:
            if bpmn.text(script):
                copy.say(node, "task.script", f"{bpmn.label(node)} 的 {kind} 不是 FEEL 指定式（{problem}），已移除。")
            drop(script)
    for parameter in node.iter(f"{{{SPIFF}}}parameter"):
        parameter.set("type", parameter.get("type", "any"))


def repetitions(copy: RunCopy) -> None:
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            for loop in bpmn.children(node, _LOOP):
                _loop(copy, node, loop)
            for multiple in bpmn.children(node, _MULTIPLE):
                _multiple(copy, node, multiple)


def _loop(copy: RunCopy, node: Element, loop: Element) -> None:
    maximum, condition = loop.get("loopMaximum"), loop.find(bpmn.q("loopCondition"))
    if maximum is not None and not (maximum.isdigit() and 0 < int(maximum) <= 1000):
        copy.say(node, "loop.limit", f"{bpmn.label(node)} 的重複上限「{maximum}」不能使用，已移除。")
        del loop.attrib["loopMaximum"]
    if condition is not None and copy.problem(bpmn.text(condition)):
        copy.say(node, "loop.condition", f"{bpmn.label(node)} 的重複條件無法判讀，已移除。")
        drop(condition)
    if not loop.get("loopMaximum") and loop.find(bpmn.q("loopCondition")) is None:
        copy.say(node, "loop.endless", f"{bpmn.label(node)} 沒有重複條件，已定為重複 {REHEARSAL_TIMES} 次。")
        loop.set("loopMaximum", REHEARSAL_TIMES)


def _multiple(copy: RunCopy, node: Element, multiple: Element) -> None:
    cardinality, source = multiple.find(bpmn.q("loopCardinality")), multiple.find(bpmn.q("loopDataInputRef"))
    unreadable = cardinality is not None and copy.problem(bpmn.text(cardinality))
    foreign = source is not None and not bpmn.text(source).isidentifier()
    if (cardinality is None and source is None) or unreadable or foreign:
        copy.say(node, "multiple.count", f"{bpmn.label(node)} 沒有可判讀的執行份數，已定為 {REHEARSAL_TIMES} 份。")
        drop_children(multiple, "loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
                      "outputDataItem")
        etree.SubElement(multiple, bpmn.q("loopCardinality")).text = REHEARSAL_TIMES
    elif cardinality is not None and source is not None:
        copy.say(node, "multiple.count", f"{bpmn.label(node)} 同時指定份數與名單，以份數為準。")
        drop(source)
    condition = multiple.find(bpmn.q("completionCondition"))
    if condition is not None and copy.problem(bpmn.text(condition)):
        if bpmn.text(condition):
            copy.say(node, "multiple.condition", f"{bpmn.label(node)} 的提前完成條件無法判讀，已移除。")
        drop(condition)


def complex_gateways(copy: RunCopy) -> None:
    for _process, scope in copy.scopes():
        for node in bpmn.children(scope, "complexGateway"):
            copy.say(node, "gateway.complex", f"{bpmn.label(node)} 已改為可複選閘道。")
            drop_children(node, "activationCondition")
            node.attrib.pop("activationCount", None)
            for flow in outgoing(scope, node):
                if bpmn.condition(flow) and bpmn.ident(flow) == node.get("default"):
                    drop_children(flow, "conditionExpression")
            retag(node, "inclusiveGateway")


def _empty(node: Element) -> None:
    """Leave a plain task: no content but its documentation and its repetition."""
    kept = ("documentation", "extensionElements", _LOOP, _MULTIPLE)
    for child in list(node):
        if not bpmn.is_bpmn(child) or bpmn.local(child) not in kept:
            node.remove(child)
    for name in ("serviceTaskOperator", "calledDecisionId"):
        extension = bpmn.extension(node, name)
        if extension is not None:
            drop(extension)
    for attribute in ("calledElement", "messageRef", "operationRef", "implementation", "scriptFormat", "instantiate"):
        node.attrib.pop(attribute, None)
