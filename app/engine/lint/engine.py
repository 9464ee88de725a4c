"""Rules about what SpiffWorkflow 3.2.0 would do wrong with a diagram it accepts (engine.md D1, D2, D12–D14)."""

from __future__ import annotations

import re

from app.engine import bpmn, syntax
from app.engine.lint.context import Context
from app.engine.lint.graph import Scope

MOST_INSTANCES = 50
MOST_FORESEEN = 1000
_UNDECIDED = ("exclusiveGateway", "inclusiveGateway", "eventBasedGateway")
_JOINS = ("parallelGateway", "inclusiveGateway")
_RESERVED = frozenset(("Start", "End", "Root", "StartEventSplit", "StartEventJoin"))
_RESERVED_END = re.compile(r"(\.EndJoin|\.BoundaryEventSplit|\.BoundaryEventJoin|\[child\])$")


def joins_in_loops(ctx: Context) -> None:
    """D1: from the second round such a join lets the first branch through alone."""
    for scope in ctx.scopes:
        for loop in scope.loops():
            for name in sorted(loop):
                if scope.kind(name) in _JOINS and scope.arrivals[name] > 1:
                    ctx.say("join.in_loop", scope.file, scope.nodes[name],
                            f"{bpmn.label(scope.nodes[name])} 在迴圈內匯合，第二輪起會提早放行；"
                            "請把分流到匯合這一段移到子流程。")


def loops_without_rest(ctx: Context) -> None:
    """D2: a loop in which no token ever rests runs for ever within one step."""
    for scope in ctx.scopes:
        for loop in scope.loops():
            if not any(scope.waits(name) for name in loop):
                first = scope.nodes[min(loop)]
                ctx.say("loop.no_wait", scope.file, first,
                        f"{bpmn.label(first)} 所在的迴圈沒有人員工作、計時或訊息，會永遠繞下去；請放入等待的步驟。")


def timers_behind_event_gateways(ctx: Context) -> None:
    """D12: the gateway keeps one due time for all of them."""
    for scope, node in ctx.nodes("eventBasedGateway"):
        timers = [name for name in scope.after[bpmn.ident(node)] if bpmn.trigger(scope.nodes[name]) == "timer"]
        if len(timers) > 1:
            ctx.say("event_gateway.timers", scope.file, node,
                    f"{bpmn.label(node)} 後面有 {len(timers)} 個計時（{'、'.join(sorted(timers))}），"
                    "引擎會讓它們共用一個到期時間；請只留最短的一個。")


def cycles_before_waiting(ctx: Context) -> None:
    """D13: what a repeating reminder opened disappears when its host ends."""
    for scope, node in ctx.nodes("boundaryEvent"):
        for definition in bpmn.definitions(node):
            kind, text = bpmn.timer(definition)
            if kind != "timeCycle" and not text.startswith("R"):
                continue
            waiting = sorted(name for name in scope.reached_from(bpmn.ident(node)) if scope.waits(name))
            if waiting:
                ctx.say("timer.cycle_wait", scope.file, node,
                        f"{bpmn.label(node)} 是週期計時，後面的「{waiting[0]}」會在主工作完成時消失；"
                        "請改用一次計時，或只接系統工作後結束。")


def reserved_ids(ctx: Context) -> None:
    """D14: a node called ``End`` ends the case at once."""
    for scope, node in ctx.nodes():
        name = bpmn.ident(node)
        if name in _RESERVED or _RESERVED_END.search(name):
            ctx.say("id.reserved", scope.file, node, f"{bpmn.label(node)} 的 id 是流程引擎的保留字，請換一個。")


def ids_across_files(ctx: Context) -> None:
    seen: dict[str, str] = {}
    for scope, node in ctx.nodes():
        name = bpmn.ident(node)
        if seen.setdefault(name, scope.file) != scope.file:
            ctx.say("id.shared", scope.file, node, f"{bpmn.label(node)} 的 id 在 {seen[name]} 也用了，請換一個。")


def instances(ctx: Context) -> None:
    """More than 50 copies of a task cost time with the square of their number."""
    for scope, node in ctx.nodes():
        for cardinality in node.iterfind(f"{bpmn.q('multiInstanceLoopCharacteristics')}/{bpmn.q('loopCardinality')}"):
            count = bpmn.text(cardinality)
            if count.isdigit() and int(count) > MOST_INSTANCES:
                ctx.say("multiple.limit", scope.file, node,
                        f"{bpmn.label(node)} 要同時開 {count} 份，超過上限 {MOST_INSTANCES}；請改由系統作業為每一方開案。")


def recursive_calls(ctx: Context) -> None:
    calls: dict[str, set[str]] = {}
    for scope, node in ctx.nodes("callActivity"):
        calls.setdefault(bpmn.ident(scope.process), set()).add(node.get("calledElement", ""))
    for scope, node in ctx.nodes("callActivity"):
        seen: set[str] = set()
        todo = [node.get("calledElement", "")]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += calls.get(name, ())
        if bpmn.ident(scope.process) in seen:
            ctx.say("call.recursive", scope.file, node,
                    f"{bpmn.label(node)} 直接或間接呼叫自己所在的流程，永遠不會結束；請移除這個呼叫。")


def successive_forks(ctx: Context) -> None:
    """The engine predicts every certain road in full: blocks of parallel branches in a row multiply."""
    for scope in ctx.scopes:
        foreseen: dict[str, int] = {}
        for name in scope.nodes:
            if _foreseen(scope, name, foreseen, set()) > MOST_FORESEEN:
                ctx.say("parallel.row", scope.file, scope.nodes[name],
                        f"{bpmn.label(scope.nodes[name])} 之後接連的並行分支太多，案件狀態會超過上限；"
                        "請把每一段分流到匯合移到子流程。")
                break


def _foreseen(scope: Scope, name: str, known: dict[str, int], path: set[str]) -> int:
    """How many tasks the engine makes in advance from here on."""
    if name in known:
        return known[name]
    if name in path:
        return 1
    undecided = scope.kind(name) in _UNDECIDED or any(scope.kind(n) == "boundaryEvent" for n in scope.after[name])
    if undecided:
        size = 2 + len(scope.after[name])
    else:
        size = 1 + sum(_foreseen(scope, following, known, path | {name}) for following in scope.after[name])
    known[name] = min(size, 10 * MOST_FORESEEN)
    return known[name]


def parameters(ctx: Context) -> None:
    """D8: every parameter is an expression."""
    for scope, node in ctx.nodes("serviceTask"):
        operation = bpmn.operation(node)
        for name, source in (operation[1] if operation else {}).items():
            problem = syntax.expression_problem(source)
            if problem:
                ctx.say("operation.parameter", scope.file, node,
                        f"{bpmn.label(node)} 的參數 {name}「{source[:40]}」無法判讀（{problem}）；文字要加雙引號。")


RULES = (joins_in_loops, loops_without_rest, timers_behind_event_gateways, reserved_ids, ids_across_files, instances,
         recursive_calls, successive_forks, parameters)
# Our own timers keep such a step alive (``timers.CycleTimer``); our diagrams do without it all the same, because
# nobody expects five open reminders.
PUBLISHED = (cycles_before_waiting,)
