"""Rules of our own packages: ids, names, lanes, gateways that people can read."""

from __future__ import annotations

import re
from collections import Counter

from app.engine import bpmn
from app.engine.bpmn import Element
from app.engine.lint.context import Context

LONGEST_NAME = 24
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SHOWN = bpmn.ACTIVITIES | {"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent"}


def main_process(ctx: Context) -> None:
    called = {node.get("calledElement") for _scope, node in ctx.nodes("callActivity")}
    found = [(file, process) for file, root in ctx.roots.items() for process in bpmn.processes(root)]
    if not any(bpmn.ident(process) == ctx.main for _file, process in found):
        file, process = found[0] if found else (next(iter(ctx.roots)), next(iter(ctx.roots.values())))
        ctx.say("process.id", file, process, f"套件裡沒有 id 為「{ctx.main}」的流程；請把主流程的 id 改成套件名稱。")
        return
    for file, process in found:
        if bpmn.ident(process) != ctx.main and bpmn.ident(process) not in called:
            ctx.say("process.extra", file, process, f"{bpmn.label(process)} 沒有被任何呼叫流程使用；請接上或移到另一套件。")


def ids(ctx: Context) -> None:
    for scope, node in ctx.nodes():
        name = bpmn.ident(node)
        if not _SNAKE.fullmatch(name) or len(name) > 60:
            ctx.say("id.style", scope.file, node, f"{bpmn.label(node)} 的 id 要用英文小寫加底線，如 review_documents。")
        elif bpmn.local(node) in bpmn.ACTIVITIES and "_" not in name:
            ctx.say("id.verb", scope.file, node, f"{bpmn.label(node)} 的 id 請寫成動詞_名詞，如 review_documents。")
    for scope in ctx.scopes:
        for flow in scope.flows:
            if not bpmn.ident(flow):
                ctx.say("id.style", scope.file, flow, f"{bpmn.label(flow)} 沒有 id。")


def names(ctx: Context) -> None:
    for scope, node in ctx.nodes():
        name = " ".join(node.get("name", "").split())
        decides = bpmn.local(node) in bpmn.DECIDING and len(scope.leaving[bpmn.ident(node)]) > 1
        if not name:
            if bpmn.local(node) in _SHOWN or decides:
                ctx.say("name.missing", scope.file, node, f"{bpmn.label(node)} 沒有名稱，清單與歷程會看不懂；請填中文名稱。")
            continue
        if len(name) > LONGEST_NAME:
            ctx.say("name.length", scope.file, node, f"{bpmn.label(node)} 的名稱有 {len(name)} 字，請縮到 {LONGEST_NAME} 字。")
        if not _CHINESE.search(name):
            ctx.say("name.chinese", scope.file, node, f"{bpmn.label(node)} 的名稱沒有中文。")


def gateways(ctx: Context) -> None:
    for scope, node in ctx.nodes(*bpmn.GATEWAYS):
        name = bpmn.ident(node)
        leaving = scope.leaving[name]
        if scope.arrivals[name] > 1 and len(leaving) > 1:
            ctx.say("gateway.mixed", scope.file, node, f"{bpmn.label(node)} 同時匯合又分流，請拆成兩個閘道。")
        if bpmn.local(node) not in bpmn.DECIDING or len(leaving) < 2:
            continue
        if not node.get("default"):
            ctx.say("gateway.no_default", scope.file, node,
                    f"{bpmn.label(node)} 沒有預設流向；條件都不成立時案件會停住。")
        for flow in leaving:
            if not flow.get("name", "").strip():
                ctx.say("flow.name", scope.file, flow, f"{bpmn.label(flow)} 是分支，請填名稱（如「是」「否」）。")


def merges(ctx: Context) -> None:
    for scope, node in ctx.nodes():
        if bpmn.local(node) not in bpmn.GATEWAYS and bpmn.local(node) != "endEvent" \
                and scope.arrivals[bpmn.ident(node)] > 1:
            ctx.say("merge.implicit", scope.file, node,
                    f"{bpmn.label(node)} 有 {scope.arrivals[bpmn.ident(node)]} 條流向直接進入；請先用擇一閘道匯合。")


def events(ctx: Context) -> None:
    """Events that would not do what they look like."""
    for scope, node in ctx.nodes("boundaryEvent", "intermediateCatchEvent"):
        if bpmn.trigger(node) == "conditional":
            ctx.say("event.conditional", scope.file, node,
                    f"{bpmn.label(node)} 是條件事件，只在別的步驟執行時才會被看一眼；請改用訊息或計時。")
        for definition in bpmn.definitions(node):
            kind, text = bpmn.timer(definition)
            repeats = kind == "timeCycle" or text.startswith("R")
            if repeats and not (bpmn.local(node) == "boundaryEvent" and node.get("cancelActivity") == "false"):
                ctx.say("timer.cycle_place", scope.file, node,
                        f"{bpmn.label(node)} 是週期計時；週期只能放在不中斷的邊界事件，請改成一次計時。")


def twins(ctx: Context) -> None:
    """Two flows between the same two nodes cannot be told apart in a history."""
    for scope, node in ctx.nodes():
        targets = Counter(flow.get("targetRef") for flow in scope.leaving[bpmn.ident(node)])
        if any(count > 1 for count in targets.values()):
            ctx.say("flow.twin", scope.file, node, f"{bpmn.label(node)} 有兩條流向接到同一個步驟；請合成一條，條件以 or 相連。")


def lanes(ctx: Context) -> None:
    for file, root in ctx.roots.items():
        for process in bpmn.processes(root):
            found = bpmn.lanes(process)
            counts = Counter(lane.get("name", "").strip() for lane in found)
            for lane in found:
                name = lane.get("name", "").strip()
                if not name or counts[name] > 1:
                    ctx.say("lane.name", file, lane, f"{bpmn.label(lane)} 沒有名稱，或與別的泳道同名。")
                if ctx.known.roles is not None and bpmn.ident(lane) not in ctx.known.roles:
                    ctx.say("lane.role", file, lane,
                            f"{bpmn.label(lane)} 的 id 不是已有的角色；可用：{'、'.join(ctx.known.roles)}。")
            _people_in_lanes(ctx, file, process)


def _people_in_lanes(ctx: Context, file: str, process: Element) -> None:
    placed = bpmn.lane_of(process)
    for scope, node in ctx.nodes("userTask", "manualTask"):
        if scope.process is not process:
            continue
        around = [bpmn.ident(node), *(bpmn.ident(outer) for outer in node.iterancestors())]
        if not any(name in placed for name in around):
            ctx.say("lane.missing", file, node, f"{bpmn.label(node)} 不在任何泳道內，不知由誰辦理；請放進角色的泳道。")


RULES = (main_process, ids, names, gateways, merges, events, twins, lanes)
