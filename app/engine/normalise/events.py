"""Events: triggers the engine does not execute are removed or replaced, and each change is said."""

from __future__ import annotations

from lxml import etree

from app.engine import bpmn, clockwork, syntax
from app.engine.bpmn import Element
from app.engine.normalise.runcopy import RunCopy, drop_children, incoming, outgoing, retag

REHEARSAL_WAIT = "P1D"
EXECUTED = {
    "startEvent": frozenset[str](),
    "endEvent": frozenset(("message", "error", "escalation", "terminate", "cancel")),
    "intermediateCatchEvent": frozenset(("message", "signal", "timer", "conditional")),
    "intermediateThrowEvent": frozenset(("message", "signal", "escalation")),
    "boundaryEvent": frozenset(("message", "signal", "timer", "error", "escalation", "cancel", "conditional")),
}
NAMES = {"message": "訊息", "signal": "信號", "timer": "計時", "error": "錯誤", "escalation": "升級", "terminate": "終止",
         "cancel": "取消", "conditional": "條件", "compensate": "補償", "link": "連結"}
_DECLARED = {"message": "message", "signal": "signal", "error": "error", "escalation": "escalation"}


def links(copy: RunCopy) -> None:
    """A pair of link events is one flow drawn in two pieces."""
    for _process, scope in copy.scopes():
        catches = {_link(node): node for node in bpmn.children(scope, "intermediateCatchEvent")
                   if bpmn.trigger(node) == "link"}
        for node in bpmn.children(scope, "intermediateThrowEvent"):
            if bpmn.trigger(node) != "link":
                continue
            target = catches.get(_link(node))
            drop_children(node, "linkEventDefinition")
            if target is None:
                copy.say(node, "event.link", f"{bpmn.label(node)} 找不到同名的連結終點，已視為結束。")
                continue
            copy.connect(scope, bpmn.ident(node), bpmn.ident(target))
            copy.say(node, "event.link", f"{bpmn.label(node)} 已接到 {bpmn.label(target)}。", weakens=False)
        for target in catches.values():
            drop_children(target, "linkEventDefinition")
            retag(target, "exclusiveGateway" if len(outgoing(scope, target)) == 1 else "intermediateThrowEvent")
            if not incoming(scope, target):
                copy.say(target, "event.link", f"{bpmn.label(target)} 沒有對應的連結起點。")


def _link(node: Element) -> str:
    definition = node.find(bpmn.q("linkEventDefinition"))
    return ("" if definition is None else definition.get("name", "")) or node.get("name", "")


def triggers(copy: RunCopy) -> None:
    """Keep the one trigger that the engine executes at this kind of event."""
    for process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            kind = bpmn.local(node)
            if kind not in EXECUTED:
                continue
            _references(copy, node)
            _keep_one(copy, node, EXECUTED[kind] - ({"cancel"} if bpmn.local(scope) != "transaction"
                                                    and kind == "endEvent" else set()), scope is process)
            if kind == "intermediateCatchEvent" and not bpmn.definitions(node):
                copy.say(node, "event.plain", f"{bpmn.label(node)} 沒有等待的對象，已改為直接通過。")
                retag(node, "intermediateThrowEvent")


def _references(copy: RunCopy, node: Element) -> None:
    """Event definitions that are declared once for the file and referred to."""
    for reference in bpmn.children(node, "eventDefinitionRef"):
        found = [e for e in copy.root if bpmn.ident(e) == bpmn.text(reference).rpartition(":")[2]
                 and bpmn.local(e).endswith("EventDefinition")]
        if found:
            definition = etree.SubElement(node, found[0].tag, dict(found[0].attrib))
            definition.set("id", copy.new_id(f"{bpmn.ident(node)}_definition"))
            definition.extend(list(etree.fromstring(etree.tostring(found[0]))))
        node.remove(reference)


def _keep_one(copy: RunCopy, node: Element, executed: frozenset[str], top: bool) -> None:
    kept = False
    for definition in bpmn.definitions(node):
        trigger = bpmn.local(definition).removesuffix("EventDefinition")
        name = NAMES.get(trigger, trigger)
        if trigger not in executed:
            node.remove(definition)
            rule = "event.start" if bpmn.local(node) == "startEvent" else "event.trigger"
            why = ("開案由系統或人員進行，已改為一般開始" if rule == "event.start" and top
                   else "引擎不執行這種事件，已改為一般事件")
            copy.say(node, rule, f"{bpmn.label(node)} 的{name}觸發：{why}。")
        elif kept:
            node.remove(definition)
            copy.say(node, "event.multiple", f"{bpmn.label(node)} 有多個觸發，只保留第一個，略過「{name}」。")
        else:
            kept = True


def boundaries(copy: RunCopy) -> None:
    """Boundary events need a host and a trigger."""
    for _process, scope in copy.scopes():
        hosts = {bpmn.ident(node): node for node in bpmn.nodes(scope) if bpmn.local(node) in bpmn.ACTIVITIES}
        for node in bpmn.children(scope, "boundaryEvent"):
            host = hosts.get(node.get("attachedToRef", ""))
            if host is None:
                copy.say(node, "boundary.host", f"{bpmn.label(node)} 沒有附著在工作或子流程上，已移除。")
            elif not bpmn.definitions(node):
                copy.say(node, "boundary.trigger", f"{bpmn.label(node)} 沒有引擎能執行的觸發，已移除。")
            elif bpmn.trigger(node) == "cancel" and bpmn.local(host) != "transaction":
                copy.say(node, "boundary.trigger", f"{bpmn.label(node)} 的取消觸發只能用在交易子流程，已移除。")
            else:
                continue
            copy.remove_node(scope, node)


def payloads(copy: RunCopy) -> None:
    """Timers need a time, conditions an expression, messages a name."""
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            for definition in bpmn.definitions(node):
                trigger = bpmn.local(definition).removesuffix("EventDefinition")
                if trigger == "timer":
                    _timer(copy, node, definition)
                elif trigger == "conditional":
                    _conditional(copy, node, definition)
                elif trigger in _DECLARED:
                    _declared(copy, node, definition, trigger)
            if bpmn.local(node) in ("sendTask", "receiveTask") and node.get("messageRef"):
                _declared(copy, node, node, "message")


def _timer(copy: RunCopy, node: Element, definition: Element) -> None:
    kind, source = bpmn.timer(definition)
    problem = _timer_problem(copy, kind, source)
    if problem:
        copy.say(node, "timer.value", f"{bpmn.label(node)} 的計時「{source[:40]}」無法判讀（{problem}），"
                                      f"已定為 {REHEARSAL_WAIT}（一天）。")
        kind, source = "timeDuration", REHEARSAL_WAIT
    drop_children(definition, "timeDate", "timeDuration", "timeCycle")
    etree.SubElement(definition, bpmn.q(kind)).text = source


def _timer_problem(copy: RunCopy, kind: str, source: str) -> str | None:
    if not kind:
        return "沒有時間"
    return syntax.timer_problem(kind, source) or (None if clockwork.is_iso(source) else copy.problem(source))


def _conditional(copy: RunCopy, node: Element, definition: Element) -> None:
    source = bpmn.text(definition.find(bpmn.q("condition")))
    problem = copy.problem(source)
    if not problem:
        return
    copy.say(node, "event.condition", f"{bpmn.label(node)} 的條件「{source[:40]}」無法判讀（{problem}），已改為等待訊息。")
    definition.tag = bpmn.q("messageEventDefinition")
    drop_children(definition, "condition")
    _declared(copy, node, definition, "message", said=True)


def _declared(copy: RunCopy, node: Element, definition: Element, kind: str, *, said: bool = False) -> None:
    """The message, signal, error or escalation an event refers to must exist and have a name."""
    attribute = f"{kind}Ref"
    declared = {bpmn.ident(e): e for e in bpmn.children(copy.root, kind)}
    found = declared.get(definition.get(attribute, ""))
    if found is not None:
        if not found.get("name"):
            found.set("name", bpmn.ident(found))
        return
    dangling = definition.attrib.pop(attribute, None)
    if kind in ("error", "escalation") and bpmn.local(node) == "boundaryEvent":
        if dangling:
            copy.say(node, "event.reference", f"{bpmn.label(node)} 參照的{NAMES[kind]}不存在，改為接住任何{NAMES[kind]}。")
        return
    name = " ".join(node.get("name", "").split()) or bpmn.ident(node)
    added = etree.Element(bpmn.q(kind), {"id": copy.new_id(f"{kind}_{bpmn.ident(node)}"), "name": name})
    if kind == "error":
        added.set("errorCode", bpmn.ident(node))
    if kind == "escalation":
        added.set("escalationCode", bpmn.ident(node))
    copy.root.insert(0, added)
    definition.set(attribute, bpmn.ident(added))
    if not said:
        copy.say(node, "event.reference", f"{bpmn.label(node)} 沒有指定{NAMES[kind]}，已用它的名稱「{name[:40]}」。")


