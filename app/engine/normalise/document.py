"""What must hold before anything else: it is BPMN, within limits, and every id is there once."""

from __future__ import annotations

import re
from collections import Counter

from app.engine import bpmn
from app.engine.bpmn import Element
from app.engine.normalise.runcopy import RunCopy, drop, drop_children
from app.errors import DefinitionError

MAX_NODES = 300                 # a process; longer chains exhaust the engine's recursion (engine.md D2)
MAX_NESTING = 12
MAX_NAME = 200
_DECLARED = {"message", "signal", "error", "escalation"}
_IDENTIFIED = bpmn.NODES | _DECLARED | {"process", "sequenceFlow"}
_ID = re.compile(r"[^\W\d][\w.\-]*")
_REFERENCES = ("messageRef", "signalRef", "errorRef", "escalationRef", "calledElement", "sourceRef", "targetRef",
               "attachedToRef", "default", "processRef")


def check_document(root: Element, file: str) -> None:
    """Raises DefinitionError when this is no BPMN diagram or is beyond the limits."""
    if root.tag != bpmn.q("definitions"):
        raise DefinitionError("這不是 BPMN 2.0 流程圖（最外層不是 definitions）。", file=file, rule="bpmn.root")
    _check_ids(root, file)
    for process in bpmn.processes(root):
        count = sum(1 for element in process.iter() if bpmn.is_bpmn(element) and bpmn.local(element) in bpmn.NODES)
        if count > MAX_NODES:
            raise DefinitionError(f"{bpmn.label(process)} 有 {count} 個節點，超過上限 {MAX_NODES}；請拆成數個流程。",
                                  file=file, element=bpmn.ident(process), rule="process.size")
        for scope in bpmn.scopes(process):
            depth = sum(1 for outer in scope.iterancestors() if bpmn.local(outer) in bpmn.SCOPES)
            if depth > MAX_NESTING:
                raise DefinitionError(f"{bpmn.label(scope)} 在第 {depth} 層子流程內，超過上限 {MAX_NESTING} 層。",
                                      file=file, element=bpmn.ident(scope), rule="process.nesting")


def _check_ids(root: Element, file: str) -> None:
    counts = Counter(element.get("id") for element in root.iter() if bpmn.is_bpmn(element) and element.get("id"))
    for name, count in counts.items():
        if count > 1:
            raise DefinitionError(f"id「{name}」出現 {count} 次；每個元素的 id 必須不同。", file=file, element=name,
                                  rule="id.duplicate")
        if not _ID.fullmatch(name) or len(name) > 100:
            raise DefinitionError(f"id「{name[:60]}」不能使用；請用字母開頭，只用字母、數字、底線、點與減號，100 字以內。",
                                  file=file, element=name[:100], rule="id.syntax")


def tidy(copy: RunCopy) -> None:
    """Remove what repeats itself, complete ids, make references plain. Nothing here changes a meaning."""
    for element in list(copy.root.iter()):
        if bpmn.is_bpmn(element):
            _plain_references(element)
            drop_children(element, "incoming", "outgoing")
    for reference in copy.root.iter(bpmn.q("flowNodeRef")):
        reference.text = _plain(reference, bpmn.text(reference))
    for element in copy.root.iter():
        if bpmn.is_bpmn(element) and not element.get("id") and bpmn.local(element) in _IDENTIFIED:
            element.set("id", copy.new_id(f"unnamed_{bpmn.local(element)}"))
            copy.say(element, "id.missing", f"{bpmn.label(element)} 原本沒有 id，已補上。")


def misplaced(copy: RunCopy) -> None:
    """Steps and flows that stand inside a step or a lane: the library would find them there and be confused."""
    for process in bpmn.processes(copy.root):
        scopes = set(bpmn.scopes(process))
        for element in list(process.iter()):
            inside = element is not process and bpmn.local(element) in _IDENTIFIED - _DECLARED
            if inside and bpmn.is_bpmn(element) and element.getparent() not in scopes:
                copy.say(element, "node.misplaced", f"{bpmn.label(element)} 放在不能有步驟的地方，已移除。")
                drop(element)


def _plain_references(element: Element) -> None:
    for name in _REFERENCES:
        value = element.get(name)
        if value is not None:
            value = _plain(element, value.strip())
            if value:
                element.set(name, value)
            else:
                del element.attrib[name]


def _plain(element: Element, reference: str) -> str:
    """``tns:message_1`` and ``message_1`` are the same reference."""
    prefix, colon, name = reference.partition(":")
    return name if colon and prefix in element.nsmap else reference


def pools(copy: RunCopy) -> None:
    """Keep the processes that can run; pools without one are partners outside and message flows drawings."""
    for kind in ("collaboration", "choreography", "conversation", "globalChoreographyTask", "relationship"):
        for element in bpmn.children(copy.root, kind):
            _say_message_flows(copy, element)
            drop(element)
    for process in bpmn.processes(copy.root):
        if not bpmn.nodes(process):
            copy.say(process, "pool.empty", f"{bpmn.label(process)} 裡面沒有步驟，執行時略過。", weakens=False)
            drop(process)
        elif process.get("isExecutable", "true") not in ("true", "1"):
            copy.say(process, "process.executable", f"{bpmn.label(process)} 標示為不可執行，已改為可執行。")
            process.set("isExecutable", "true")
        else:
            process.set("isExecutable", "true")


def _say_message_flows(copy: RunCopy, collaboration: Element) -> None:
    for flow in bpmn.children(collaboration, "messageFlow"):
        copy.say(flow, "pool.message_flow", f"{bpmn.label(flow)} 只是說明，執行時略過；要等訊息請用訊息事件。",
                 weakens=False)
