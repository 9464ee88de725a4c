"""Draws one shape: lane, task, event, gateway, note."""

from __future__ import annotations

from app.engine import bpmn
from app.engine.bpmn import Element
from app.engine.picture import glyphs
from app.engine.picture.layout import Box, Shape
from app.engine.picture.state import Look
from app.engine.picture.words import LINE, SIZE, SMALL, block, number, wrap

HEADER = 30.0                  # width of a lane's title strip
_FRAMES = ("participant", "lane")
_ROOM_BELOW = 104.0


def draw(shape: Shape, look: Look) -> str:
    """The shape with its words; frames and notes included."""
    kind = bpmn.local(shape.element)
    if kind in _FRAMES:
        return _frame(shape)
    if kind in bpmn.EVENTS:
        return _event(shape, look)
    if kind in bpmn.GATEWAYS:
        return _gateway(shape, look)
    if kind in bpmn.SCOPES and shape.open:
        return _open_scope(shape, look)
    if kind in bpmn.ACTIVITIES or kind.endswith("Task"):
        return _task(shape, look)
    return _note(shape, kind)


def rect(box: Box, css: str, radius: float = 0) -> str:
    corner = f' rx="{number(radius)}"' if radius else ""
    return (f'<rect class="{css}" x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" '
            f'height="{number(box.height)}"{corner}/>')


def circle(box: Box, css: str, inset: float = 0) -> str:
    x, y = box.centre
    return f'<circle class="{css}" cx="{number(x)}" cy="{number(y)}" r="{number(min(box.width, box.height) / 2 - inset)}"/>'


def _name(element: Element) -> str:
    return str(element.get("name", ""))


def _frame(shape: Shape) -> str:
    box = shape.box
    if not _name(shape.element).strip():
        return rect(box, "l")
    if not shape.flat:
        strip = Box(box.x, box.y, box.width, HEADER)
        words = block(wrap(_name(shape.element), box.width - 8, SIZE, 1), *strip.centre, css="t-l")
        return rect(box, "l") + rect(strip, "l-h") + words
    strip = Box(box.x, box.y, HEADER, box.height)
    x, y = strip.centre
    words = block(wrap(_name(shape.element), box.height - 8, SIZE, 1), x, y, css="t-l")
    return f'{rect(box, "l")}{rect(strip, "l-h")}<g transform="rotate(-90 {number(x)} {number(y)})">{words}</g>'


def _task(shape: Shape, look: Look) -> str:
    box, kind = shape.box, bpmn.local(shape.element)
    parts = [rect(box, look.shape, 10)]
    if kind == "callActivity":
        parts.append(rect(Box(box.x + 3, box.y + 3, box.width - 6, box.height - 6), look.glyph, 8))
    sign = glyphs.TASKS.get(kind)
    if sign:
        parts.append(glyphs.draw(sign, box.x + 6, box.y + 6, 16, look.glyph))
    markers = _markers(shape.element, kind)
    for index, marker in enumerate(markers):
        left = box.centre[0] - len(markers) * 9 + index * 18
        parts.append(glyphs.draw(glyphs.MARKERS[marker], left + 1, box.y + box.height - 18, 16, look.glyph))
    most = max(1, int((box.height - 12 - (14 if markers else 0)) // LINE))
    lines = wrap(_name(shape.element), box.width - 14, SIZE, most)
    shift = (5.0 if sign and box.height - len(lines) * LINE < 30 else 0.0) - (6.0 if markers else 0.0)
    parts.append(block(lines, box.centre[0], box.centre[1] + shift, look.text))
    return "".join(parts)


def _markers(element: Element, kind: str) -> list[str]:
    found = []
    if element.find(bpmn.q("standardLoopCharacteristics")) is not None:
        found.append("loop")
    multiple = element.find(bpmn.q("multiInstanceLoopCharacteristics"))
    if multiple is not None:
        found.append("sequential" if multiple.get("isSequential") == "true" else "parallel")
    return [*found, "sub"] if kind in bpmn.SCOPES else found


def _open_scope(shape: Shape, look: Look) -> str:
    box = shape.box
    words = block(wrap(_name(shape.element), box.width - 20, SIZE, 1), box.centre[0], box.y + 16, look.text)
    dashed = " n-dash" if shape.element.get("triggeredByEvent") == "true" else ""
    return rect(box, f"{look.shape} n-open{dashed}", 10) + words


def _event(shape: Shape, look: Look) -> str:
    box, element, kind = shape.box, shape.element, bpmn.local(shape.element)
    loose = " n-dash" if element.get("cancelActivity") == "false" or element.get("isInterrupting") == "false" else ""
    parts = [circle(box, look.shape + (" n-end" if kind == "endEvent" else loose))]
    if kind.startswith("intermediate") or kind == "boundaryEvent":
        parts.append(circle(box, look.glyph + loose, 3.5))
    triggers = bpmn.definitions(element)
    trigger = "multiple" if len(triggers) > 1 else bpmn.trigger(element)
    sign = glyphs.EVENTS.get(trigger)
    if sign:
        size = min(box.width, box.height) * 0.56
        thrown = kind in ("endEvent", "intermediateThrowEvent") and trigger in glyphs.THROWN
        css = f"{look.glyph} g-f" if trigger in glyphs.FILLED or thrown else look.glyph
        parts.append(glyphs.draw(sign, box.centre[0] - size / 2, box.centre[1] - size / 2, size, css))
    return "".join(parts) + _beside(shape)


def _gateway(shape: Shape, look: Look) -> str:
    box = shape.box
    x, y = box.centre
    outline = (f"M{number(x)} {number(box.y)}L{number(box.x + box.width)} {number(y)} "
               f"{number(x)} {number(box.y + box.height)} {number(box.x)} {number(y)}z")
    size = min(box.width, box.height) * 0.62
    sign = glyphs.draw(glyphs.GATEWAYS[bpmn.local(shape.element)], x - size / 2, y - size / 2, size,
                       f"{look.glyph} g-b")
    return f'<path class="{look.shape}" d="{outline}"/>{sign}{_beside(shape)}'


def _beside(shape: Shape) -> str:
    """The name of an event or gateway: where the drawing put it, else below."""
    name = _name(shape.element)
    if not name.strip():
        return ""
    x, top = shape.box.centre[0], shape.box.y + shape.box.height + 4
    if shape.label:
        x, top = shape.label.centre[0], shape.label.y
    lines = wrap(name, max(_ROOM_BELOW, shape.label.width if shape.label else 0), SMALL, 3)
    return block(lines, x, top + 8 + (len(lines) - 1) * LINE / 2, "t-s", SMALL)


def _note(shape: Shape, kind: str) -> str:
    """Things that only explain: notes, data, groups."""
    box = shape.box
    if kind == "textAnnotation":
        text = bpmn.text(shape.element.find(bpmn.q("text")))
        lines = wrap(text, box.width - 12, SMALL, max(1, int(box.height // LINE)))
        edge = f"M{number(box.x + 12)} {number(box.y)}h-12v{number(box.height)}h12"
        return f'<path class="g" d="{edge}"/>' + block(lines, box.x + 8, box.centre[1], "t-s", SMALL, "start")
    if kind == "group":
        return rect(box, "l n-dash", 10)
    if kind.startswith("dataStore"):
        x, y, w, h = (number(v) for v in (box.x, box.y + 6, box.width, box.height - 12))
        half = number(box.width / 2)
        return (f'<path class="n" d="M{x} {y}a{half} 6 0 0 1 {w} 0v{h}a{half} 6 0 0 1 -{w} 0z'
                f'M{x} {y}a{half} 6 0 0 0 {w} 0"/>') + _beside(shape)
    fold = min(12.0, box.width / 3)
    outline = (f"M{number(box.x)} {number(box.y)}h{number(box.width - fold)}l{number(fold)} {number(fold)}"
               f"v{number(box.height - fold)}h-{number(box.width)}z")
    return f'<path class="n" d="{outline}"/>' + _beside(shape)
