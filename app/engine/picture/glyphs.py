"""Small signs in the shapes: what kind of task, which event, which gateway. Drawn on a 16 × 16 field."""

from __future__ import annotations

from app.engine.picture.words import number

# Stroke paths of class g; those in FILLED are filled.
TASKS = {
    "userTask": "M8 1.5a3 3 0 1 0 .01 0M2.5 14.5c0-3.5 2.4-5.6 5.5-5.6s5.5 2.1 5.5 5.6z",
    "manualTask": "M1.5 7l5-4 1 1.4-2 2h8.5M6.5 9h7M6.5 11.5h6M1.5 12.5l2 1.5H12",
    "serviceTask": "M8 5.6a2.4 2.4 0 1 0 .01 0M8 1.2v2.2M8 12.6v2.2M1.2 8h2.2M12.6 8h2.2M3.2 3.2l1.6 1.6"
                   "M11.2 11.2l1.6 1.6M12.8 3.2l-1.6 1.6M4.8 11.2l-1.6 1.6",
    "businessRuleTask": "M1.5 2.5h13v11h-13zM1.5 6h13M1.5 9.7h13M5.5 6v7.5",
    "scriptTask": "M4 1.5h9.5c-3 3 2 9-1.5 13H2.5c3.5-4-1.5-9 1.5-13zM5.5 5h5M6 8h5M5.5 11h5",
    "sendTask": "M1.5 3.5h13v9h-13zM1.5 3.5L8 9l6.5-5.5",
    "receiveTask": "M1.5 3.5h13v9h-13zM1.5 3.5L8 9l6.5-5.5",
}
EVENTS = {
    "message": "M2 4h12v8.5H2zM2 4l6 5 6-5",
    "timer": "M8 1.5a6.5 6.5 0 1 0 .01 0M8 4.2V8l2.6 1.8",
    "signal": "M8 2.5l5.8 10H2.2z",
    "error": "M2.5 13L6 3.5l4 6 3.5-6.5L10 13 6 7.5z",
    "escalation": "M8 2l4.5 11.5L8 9.5l-4.5 4z",
    "terminate": "M8 2.5a5.5 5.5 0 1 0 .01 0z",
    "conditional": "M3 2h10v12H3zM5 5h6M5 8h6M5 11h6",
    "compensate": "M8 3.5L2.5 8 8 12.5zM13.5 3.5L8 8l5.5 4.5z",
    "link": "M2 6h6V3l6 5-6 5v-3H2z",
    "cancel": "M4 4l8 8M12 4l-8 8",
    "multiple": "M8 2l6 4.5-2.3 7H4.3L2 6.5z",
}
GATEWAYS = {
    "exclusiveGateway": "M4.5 4.5l7 7M11.5 4.5l-7 7",
    "parallelGateway": "M8 2.5v11M2.5 8h11",
    "inclusiveGateway": "M8 3a5 5 0 1 0 .01 0",
    "eventBasedGateway": "M8 2a6 6 0 1 0 .01 0M8 4.5l3.3 2.4-1.3 3.9H6L4.7 6.9z",
    "complexGateway": "M8 2.5v11M2.5 8h11M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6",
}
MARKERS = {"sub": "M3 3h10v10H3zM8 5v6M5 8h6", "parallel": "M4 3v10M8 3v10M12 3v10",
           "sequential": "M3 4h10M3 8h10M3 12h10", "loop": "M11.5 4.5A5 5 0 1 0 13 8M13.5 2.5v3h-3"}
FILLED = frozenset(("terminate",))
THROWN = frozenset(("message", "signal", "escalation", "error", "link", "compensate"))


def draw(path: str, x: float, y: float, size: float, css: str) -> str:
    """A sign with its upper left corner at a point."""
    return (f'<path class="{css}" transform="translate({number(x)} {number(y)}) scale({size / 16:.3g})" '
            f'd="{path}"/>')
