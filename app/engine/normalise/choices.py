"""Gateways whose conditions are missing or foreign: a person chooses the road by a variable."""

from __future__ import annotations

from app.engine import bpmn
from app.engine.bpmn import Element
from app.engine.normalise.runcopy import RunCopy, incoming, outgoing, set_condition


def conditions(copy: RunCopy) -> None:
    """Every road out of a deciding gateway has a FEEL condition or is the default."""
    for process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            leaving = outgoing(scope, node)
            if bpmn.local(node) not in bpmn.DECIDING:
                continue
            if len(leaving) == 1:
                _single(copy, node, leaving[0])
            elif bpmn.local(node) == "inclusiveGateway":
                _inclusive(copy, node, leaving)
            else:
                _exclusive(copy, process, node, leaving)


def _single(copy: RunCopy, node: Element, flow: Element) -> None:
    problem = bpmn.condition(flow) and copy.problem(bpmn.condition(flow))
    if problem:
        copy.say(flow, "gateway.condition", f"{bpmn.label(flow)} 的條件無法判讀（{problem}），已移除；它是唯一的路。")
        set_condition(flow, None)
    node.attrib.pop("default", None)


def _inclusive(copy: RunCopy, node: Element, leaving: list[Element]) -> None:
    for flow in leaving:
        source = bpmn.condition(flow)
        if bpmn.ident(flow) == node.get("default") or (source and not copy.problem(source)):
            continue
        copy.say(flow, "gateway.condition", f"{bpmn.label(flow)} {_why(copy, source)}，已定為一定會走。")
        set_condition(flow, "true")


def _exclusive(copy: RunCopy, process: Element, node: Element, leaving: list[Element]) -> None:
    default = node.get("default")
    unclear = [flow for flow in leaving if bpmn.ident(flow) != default
               and (not bpmn.condition(flow) or copy.problem(bpmn.condition(flow)))]
    if not unclear:
        return
    if default is None:
        chosen = next((flow for flow in unclear if not bpmn.condition(flow)), unclear[0])
        copy.say(chosen, "gateway.default", f"{bpmn.label(chosen)} {_why(copy, bpmn.condition(chosen))}，"
                                            f"已定為 {bpmn.label(node)} 的預設路線。")
        set_condition(chosen, None)
        node.set("default", bpmn.ident(chosen))
        unclear.remove(chosen)
    if not unclear:
        return
    variable = copy.choice(process)
    for flow in unclear:
        copy.say(flow, "gateway.condition", f"{bpmn.label(flow)} {_why(copy, bpmn.condition(flow))}，"
                                            f"已改為變數 {variable} 等於「{bpmn.ident(flow)}」時走這條路。")
        set_condition(flow, f'{variable} = "{bpmn.ident(flow)}"')


def _why(copy: RunCopy, source: str | None) -> str:
    problem = copy.problem(source)
    return f"的條件「{(source or '')[:40]}」無法判讀（{problem}）" if source else "沒有條件"


def prepare_choices(copy: RunCopy) -> None:
    """Begin with no choice made, so that conditions can be evaluated and the default road is open."""
    for process, variables in copy.choices.items():
        start = bpmn.children(process, "startEvent")[0]
        script = copy.add(process, "scriptTask", f"{bpmn.ident(process)}_no_choice", "尚未選擇路線")
        copy.beside(script, start)
        text = copy.add(script, "script", f"{bpmn.ident(script)}_text")
        del text.attrib["id"]
        text.text = "\n".join(f"{name} = null" for name in variables)
        for flow in outgoing(process, start):
            flow.set("sourceRef", bpmn.ident(script))
        copy.connect(process, bpmn.ident(start), bpmn.ident(script))
        assert incoming(process, script)
