"""The diagram as an SVG picture, drawn on the server from the diagram's own positions.

No script and no style attribute: the stylesheet's classes under ``.q-dia`` say how it looks. Every text of
the diagram is escaped. The words beside the picture stay the full account; the picture has a summary only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from html import escape
from itertools import pairwise

from app.engine import bpmn, xmlsafe
from app.engine.bpmn import Element
from app.engine.picture import layout, shapes
from app.engine.picture.layout import Box, Edge, Layout, Shape
from app.engine.picture.state import Count, State
from app.engine.picture.words import SMALL, block, number, width, wrap

__all__ = ["Count", "svg"]

Link = Callable[[str], str | None]
WIDTHS = (48, 64, 80, 96, 112, 128, 160, 192, 224)       # rem; class q-dia--<n>, so that words stay readable
READABLE = 0.86
_NAMED = bpmn.ACTIVITIES | bpmn.EVENTS


def svg(diagram: bytes, *, done: Collection[str] = (), flows: Collection[str] = (), now: Collection[str] = (),
        counts: Mapping[str, Count] | None = None, link: Link | None = None, label: str | None = None,
        uid: str = "dia") -> str:
    """The picture of a diagram.

    diagram  the file's bytes, as published
    done, now, flows  ids of nodes passed and open, and of sequence flows walked (case page)
    counts   node → open and overdue cases (manager's page)
    link     node id → address, None = no link; with links the picture is a group, else one image
    label    what a screen reader hears first; by default made of the names and states
    uid      distinguishes several pictures on one page
    Raises   DefinitionError when the file is no readable XML
    """
    root = xmlsafe.parse(diagram)
    state = State(frozenset(done), frozenset(flows), frozenset(now), dict(counts or {}))
    plan = layout.read(root)
    box = plan.bounds()
    parts = [_open_tag(box, label or _summary(root, state), bool(link)), _arrows(uid)]
    parts += [shapes.draw(shape, state.look("")) for shape in plan.shapes if _layer(shape) == 0]
    parts += [_node(shape, state, link) for shape in _layered(plan, 1)]
    parts += [_edge(edge, state, uid) for edge in plan.edges]
    parts += [_node(shape, state, link) for layer in (2, 3) for shape in _layered(plan, layer)]
    parts += [_badges(shape.box, state.counts.get(bpmn.ident(shape.element))) for shape in _layered(plan, 2)]
    parts += [_edge_label(edge) for edge in plan.edges]
    return "".join([*parts, "</svg>"])


def _layer(shape: Shape) -> int:
    """0 frames, 1 open sub-processes, 2 steps, 3 boundary events."""
    kind = bpmn.local(shape.element)
    if kind in ("participant", "lane", "group"):
        return 0
    if kind in bpmn.SCOPES and shape.open:
        return 1
    return 3 if kind == "boundaryEvent" else 2


def _layered(plan: Layout, layer: int) -> list[Shape]:
    return [shape for shape in plan.shapes if _layer(shape) == layer]


def _open_tag(box: Box, label: str, has_links: bool) -> str:
    wish = box.width * READABLE / 16
    size = next((step for step in WIDTHS if step >= wish), WIDTHS[-1])
    view = " ".join(number(value) for value in (box.x, box.y, box.width, box.height))
    return (f'<svg class="q-dia q-dia--{size}" viewBox="{view}" role="{"group" if has_links else "img"}" '
            f'aria-label="{escape(label)}">')


def _arrows(uid: str) -> str:
    """Arrow heads; ``a-on`` on a walked road."""
    def marker(name: str, css: str, size: int) -> str:
        return (f'<marker id="{escape(uid)}-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="{size}" '
                f'markerHeight="{size}" orient="auto"><path class="{css}" d="M0 0l8 4-8 4z"/></marker>')
    return f'<defs>{marker("on", "a-on", 4)}{marker("off", "a", 7)}</defs>'


def _node(shape: Shape, state: State, link: Link | None) -> str:
    me = bpmn.ident(shape.element)
    name = " ".join(shape.element.get("name", "").split()) or bpmn.KIND_NAMES.get(bpmn.local(shape.element), me)
    drawn = shapes.draw(shape, state.look(me))
    address = link(me) if link else None
    if address:
        return f'<a href="{escape(address)}" aria-label="{escape(state.words(me, name))}">{drawn}</a>'
    return f"<g><title>{escape(state.words(me, name))}</title>{drawn}</g>"


def _badges(box: Box, count: Count | None) -> str:
    """Open cases at the upper left corner, overdue ones at the lower left: boundary events sit on the right."""
    if count is None or not count.open:
        return ""
    badges = [("n-badge", f"{count.open} 件", box.y)]
    if count.overdue:
        badges.append(("n-late", f"逾期 {count.overdue}", box.y + box.height))
    drawn = ""
    for css, text, y in badges:
        size = width(text, SMALL) + 14
        field = Box(box.x - 10, y - 11, size, 22)
        drawn += shapes.rect(field, css, 11) + block([text], *field.centre, css="t-badge", size=SMALL)
    return drawn


def _edge(edge: Edge, state: State, uid: str) -> str:
    css = state.edge(bpmn.ident(edge.element))
    kind = bpmn.local(edge.element)
    if kind != "sequenceFlow":
        css = "e-m"
    path = "L".join(f"{number(x)} {number(y)}" for x, y in edge.points)
    plain = kind in ("association", "dataInputAssociation", "dataOutputAssociation")
    arrow = "" if plain else f' marker-end="url(#{escape(uid)}-{"on" if css == "e-on" else "off"})"'
    return f'<path class="{css}"{arrow} d="M{path}"/>'


def _edge_label(edge: Edge) -> str:
    name = edge.element.get("name", "")
    if not name.strip():
        return ""
    if edge.label:
        x, y = edge.label.centre
        room = max(edge.label.width, 60.0)
    else:
        (x1, y1), (x2, y2) = _longest(edge.points)
        x, y = (x1 + x2) / 2, (y1 + y2) / 2 - (9 if abs(x2 - x1) >= abs(y2 - y1) else 0)
        room = max(60.0, abs(x2 - x1) - 8)
    return block(wrap(name, room, SMALL, 3), x, y, "t-s", SMALL)


def _longest(points: list[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    return max(pairwise(points), key=lambda pair: abs(pair[0][0] - pair[1][0]) + abs(pair[0][1] - pair[1][1]))


def _summary(root: Element, state: State) -> str:
    """What the picture shows, in one sentence."""
    named = {bpmn.ident(node): " ".join(node.get("name", "").split())
             for process in bpmn.processes(root) for scope in bpmn.scopes(process) for node in bpmn.nodes(scope)
             if bpmn.local(node) in _NAMED and node.get("name", "").strip()}
    title = next((p.get("name") for p in bpmn.processes(root) if p.get("name")), None) or "流程圖"
    parts = []
    if done := [name for node, name in named.items() if node in state.done and node not in state.now]:
        parts.append(f"{'、'.join(done)}已完成")
    if now := [name for node, name in named.items() if node in state.now]:
        parts.append(f"目前在{'、'.join(now)}")
    if busy := [f"{named[node]} {count.open} 件" for node, count in state.counts.items()
                if node in named and count.open]:
        parts.append("、".join(busy))
    return f"{title}：{'，'.join(parts) if parts else f'共 {len(named)} 個步驟'}"
