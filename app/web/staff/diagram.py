"""What pages ask of a published diagram: its human steps in order, and its picture with a path or with counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.engine import packages, picture
from app.engine.manifest import Manifest
from app.engine.packages import LoadedPackage

_HUMAN = frozenset(("userTask", "manualTask", "task"))
_TINTS = ((60, "q-h4"), (30, "q-h3"), (10, "q-h2"), (1, "q-h1"))


def nodes_in_order(manifest: Manifest) -> list[str]:
    """Node ids as a case meets them: breadth first along the flows, boundary events after their step."""
    found: dict[str, None] = {}
    attached: dict[str, list[str]] = {}
    for node_id, node in manifest["nodes"].items():
        if node["attached_to"]:
            attached.setdefault(node["attached_to"], []).append(node_id)
    waiting = deque([manifest["start"]])
    while waiting:
        node_id = waiting.popleft()
        if node_id in found or node_id not in manifest["nodes"]:
            continue
        found[node_id] = None
        waiting.extend(manifest["flows"][flow]["to"] for flow in manifest["nodes"][node_id]["outgoing"])
        waiting.extend(attached.get(node_id, []))
    return [*found, *(node_id for node_id in manifest["nodes"] if node_id not in found)]


def tasks_in_order(package: LoadedPackage) -> list[tuple[str, str, str]]:
    """``(node id, name, role)`` of the steps that people work on, in process order."""
    nodes = package.manifest["nodes"]
    return [(node_id, nodes[node_id]["name"], nodes[node_id]["role"] or "")
            for node_id in nodes_in_order(package.manifest) if nodes[node_id]["type"] in _HUMAN]


def phases(package: LoadedPackage) -> tuple[str, ...]:
    """The state words of a procedure, in process order."""
    nodes = package.manifest["nodes"]
    found = (nodes[node_id]["properties"].get("phase", "") for node_id in nodes_in_order(package.manifest))
    return tuple(dict.fromkeys(phase for phase in found if phase))


def tint(count: int) -> str:
    """The class of the heat scale for a number of open items; empty for none."""
    return next((name for least, name in _TINTS if count >= least), "")


def walked(package: LoadedPackage, *, done: set[str], flows: set[str], now: set[str]) -> Markup:
    """The diagram with the way a case went."""
    return Markup(picture.svg(package.diagram, done=done, flows=flows, now=now))  # noqa: S704 - escaped by the engine


def counted(session: Session, version_id: int, counts: Mapping[str, tuple[int, int]],
            link: Callable[[str], str | None]) -> Markup:
    """The diagram tinted by open items; each counted step leads to its list. ``counts`` open, overdue."""
    package = packages.get(session, version_id)
    shown = {node_id: picture.Count(*count) for node_id, count in counts.items()}
    return Markup(picture.svg(package.diagram, done=set(), flows=set(), now=set(), counts=shown, link=link))  # noqa: S704


def plain(package: LoadedPackage) -> Markup:
    """The diagram as it was drawn."""
    return Markup(picture.svg(package.diagram, done=set(), flows=set(), now=set()))  # noqa: S704
