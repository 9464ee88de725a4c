"""Where everything stands: read from the diagram's interchange part, or laid out simply when there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine import bpmn
from app.engine.bpmn import DC, DD, DI, Element

COLUMN, ROW, MARGIN = 170.0, 110.0, 12.0
_SIZES = {"event": (36.0, 36.0), "gateway": (50.0, 50.0), "activity": (120.0, 76.0)}


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Shape:
    """label: where its words stand when outside; ``open`` an expanded sub-process, ``flat`` a horizontal lane."""

    element: Element
    box: Box
    label: Box | None = None
    open: bool = False
    flat: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    element: Element
    points: list[tuple[float, float]]
    label: Box | None = None


@dataclass(slots=True)
class Layout:
    shapes: list[Shape] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def bounds(self) -> Box:
        """The smallest box around everything, with a margin."""
        labels = [shape.label for shape in self.shapes] + [edge.label for edge in self.edges]
        boxes = [shape.box for shape in self.shapes] + [label for label in labels if label]
        boxes += [Box(x, y, 0, 0) for edge in self.edges for x, y in edge.points]
        if not boxes:
            return Box(0, 0, 100, 40)
        left, top = min(b.x for b in boxes), min(b.y for b in boxes)
        right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
        return Box(left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN)


def read(root: Element) -> Layout:
    """The first plane that shows anything of the diagram."""
    elements = {bpmn.ident(e): e for e in root.iter() if bpmn.is_bpmn(e) and e.get("id")}
    for plane in root.iter(f"{{{DI}}}BPMNPlane"):
        layout = Layout()
        for item in plane:
            element = elements.get(item.get("bpmnElement", "").rpartition(":")[2])
            if element is None:
                continue
            if item.tag == f"{{{DI}}}BPMNShape" and (box := _box(item.find(f"{{{DC}}}Bounds"))):
                layout.shapes.append(Shape(element, box, _label(item), item.get("isExpanded") == "true",
                                           item.get("isHorizontal", "true") != "false"))
            elif item.tag == f"{{{DI}}}BPMNEdge":
                points = [(_number(p, "x"), _number(p, "y")) for p in item.findall(f"{{{DD}}}waypoint")]
                if len(points) > 1:
                    layout.edges.append(Edge(element, points, _label(item)))
        if layout.shapes:
            return layout
    return _simple(root)


def _number(element: Element, name: str) -> float:
    try:
        value = float(element.get(name, "0"))
    except ValueError:
        return 0.0
    return value if abs(value) < 1e6 else 0.0          # also turns nan and inf away


def _box(bounds: Element | None) -> Box | None:
    if bounds is None:
        return None
    return Box(_number(bounds, "x"), _number(bounds, "y"), max(1.0, _number(bounds, "width")),
               max(1.0, _number(bounds, "height")))


def _label(item: Element) -> Box | None:
    return _box(item.find(f"{{{DI}}}BPMNLabel/{{{DC}}}Bounds"))


def _simple(root: Element) -> Layout:
    """From left to right by distance from the beginning; for drawings that were saved without positions."""
    layout, top = Layout(), 0.0
    for process in bpmn.processes(root):
        columns = _columns(process)
        boxes: dict[str, Box] = {}
        used: dict[int, int] = {}
        for node in bpmn.nodes(process):
            column = columns[bpmn.ident(node)]
            width, height = _size(bpmn.local(node))
            row = used.get(column, 0)
            used[column] = row + 1
            boxes[bpmn.ident(node)] = Box(column * COLUMN + (COLUMN - width) / 2,
                                          top + row * ROW + (ROW - height) / 2, width, height)
            layout.shapes.append(Shape(node, boxes[bpmn.ident(node)]))
        for flow in bpmn.flows(process):
            source, target = boxes.get(flow.get("sourceRef", "")), boxes.get(flow.get("targetRef", ""))
            if source and target:
                layout.edges.append(Edge(flow, [(source.x + source.width, source.centre[1]),
                                                (target.x, target.centre[1])]))
        top += ROW * max(used.values(), default=0)
    return layout


def _columns(process: Element) -> dict[str, int]:
    after: dict[str, list[str]] = {}
    for flow in bpmn.flows(process):
        after.setdefault(flow.get("sourceRef", ""), []).append(flow.get("targetRef", ""))
    for node in bpmn.children(process, "boundaryEvent"):
        after.setdefault(node.get("attachedToRef", ""), []).append(bpmn.ident(node))
    columns: dict[str, int] = {}
    todo = [(bpmn.ident(n), 0) for n in bpmn.nodes(process) if bpmn.local(n) == "startEvent"]
    while todo:
        name, column = todo.pop(0)
        if name not in columns:
            columns[name] = column
            todo += [(following, column + 1) for following in after.get(name, ())]
    return {bpmn.ident(node): columns.get(bpmn.ident(node), 0) for node in bpmn.nodes(process)}


def _size(kind: str) -> tuple[float, float]:
    if kind in bpmn.EVENTS:
        return _SIZES["event"]
    return _SIZES["gateway" if kind in bpmn.GATEWAYS else "activity"]
