"""A case's history in plain words, from the engine's events. Vendors see what concerns them, staff see all.

One row a deed: what a step led to (the new phase) is told in the same row, machinery is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.engine.models import RUNNING, Event, ProcessInstance, Submission, Timer, WorkItem
from app.engine.packages import LoadedPackage
from app.web.format import roc_full, roc_weekday_time

OFFICE = "軟體採購辦公室"
_VENDOR = "vendor"
_SYSTEM = "系統"
_MACHINERY = frozenset(("serviceTask", "scriptTask", "manualTask"))
_DEEDS = frozenset(("case.started", "task.completed", "message.received", "case.cancelled"))
# Keys of review forms whose text belongs into the history; a reason for a colleague stays inside.
_QUOTED_OUTSIDE = ("opinion",)
_QUOTED_INSIDE = ("opinion", "reason")


@dataclass(frozen=True, slots=True)
class Row:
    """``kind`` is done, bad, now or next; ``when`` and ``who`` are words, ``quote`` what was written."""

    text: str
    when: str = ""
    who: str = ""
    kind: str = "done"
    quote: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What a timeline is told from. ``items`` and ``timers`` are the open ones."""

    case: ProcessInstance
    package: LoadedPackage
    events: Sequence[Event]
    submissions: Sequence[Submission]
    items: Sequence[WorkItem]
    timers: Sequence[Timer] = ()


def for_vendor(story: Story, now: datetime) -> list[Row]:
    """Sent, judged, reminded, ended; names of the office's people are not shown."""
    teller = _Teller(story, now, inside=False)
    return [*teller.past(), *teller.present()]


def for_staff(story: Story, now: datetime) -> list[Row]:
    """Everything a person or a rule did, incidents included, and what the clock will do next."""
    teller = _Teller(story, now, inside=True)
    return [*teller.past(), *teller.present(), *teller.coming()]


class _Teller:
    def __init__(self, story: Story, now: datetime, *, inside: bool) -> None:
        self.story, self.case, self.now, self.inside = story, story.case, now, inside
        self.phases = {e.revision: e.data or {} for e in story.events if e.kind == "phase.changed"}
        self.sent = {s.item_id: s for s in story.submissions if s.item_id}
        self.told = {e.revision for e in story.events if e.kind in _DEEDS}       # their new phase is told with them

    def past(self) -> Iterable[Row]:
        for event in self.story.events:
            tell = _TELL.get(event.kind)
            row = tell(self, event) if tell else None
            if row is not None:
                yield row

    def present(self) -> Iterable[Row]:
        """Who is to act now, and until when. Outside, the office's own steps and deadlines are one word: the phase."""
        if self.case.status != RUNNING:
            return
        for item in self.story.items:
            if item.role == _VENDOR or self.inside:
                until = f"應於 {roc_full(item.due_at)} 前完成" if item.due_at else ""
                yield Row(item.name, until, self.item_owner(item), "now")
        if not self.inside and not any(item.role == _VENDOR for item in self.story.items):
            yield Row(self.case.phase or "辦理中", "", OFFICE, "now")

    def coming(self) -> Iterable[Row]:
        for timer in sorted(self.story.timers, key=lambda t: t.due_at):
            yield Row(timer.name or self.name(timer.node_id), roc_full(timer.due_at), "自動", "next", at=timer.due_at)

    # --- kinds of events

    def started(self, event: Event) -> Row:
        return self.row(event, self.name(event.node_id) or "送出申請")

    def completed(self, event: Event) -> Row:
        name = event.name or self.name(event.node_id)
        phase = self.new_phase(event)
        by_vendor = self.role(event.node_id) == _VENDOR
        text = f"{name}：{phase['to']}" if phase and not by_vendor else f"{name}：已送出" if by_vendor else f"{name}完成"
        return self.row(event, text, kind=self.phase_kind(phase), quote=self.quote(event))

    def withdrawn(self, event: Event) -> Row:
        return self.row(event, self.name(event.node_id) or "撤回")

    def rang(self, event: Event) -> Row | None:
        if not self.inside and self.role(event.node_id) != _VENDOR:
            return None
        return self.row(event, event.name or self.name(event.node_id), who="系統自動")

    def decided(self, event: Event) -> Row | None:
        if not self.inside:
            return None
        hits = (event.data or {}).get("hits") or []
        text = f"系統判定：{event.name or self.name(event.node_id)}"
        found = f"命中第 {'、'.join(map(str, hits))} 列" if hits else "沒有命中任何列"
        return self.row(event, f"{text}，{found}", who="決策表")

    def phased(self, event: Event) -> Row | None:
        """A phase that no deed told already: a timer's. That a review goes on is no news outside."""
        phase = event.data or {}
        is_told = event.revision in self.told or (not self.inside and phase.get("kind") == "run")
        return None if is_told or not phase.get("to") else self.row(
            event, f"狀態改為「{phase['to']}」", kind=self.phase_kind(phase), who=_SYSTEM)

    def ended(self, event: Event) -> Row | None:
        if event.revision in self.told or event.revision in self.phases:
            return None
        return self.row(event, f"案件結束：{(event.data or {}).get('phase') or ''}".rstrip("："), who=_SYSTEM)

    def cancelled(self, event: Event) -> Row:
        return self.row(event, "案件已取消", kind="bad", quote=str((event.data or {}).get("reason") or ""))

    def moved(self, event: Event) -> Row | None:
        words = {"task.claimed": "領取", "task.released": "放回", "task.assigned": "指派"}[event.kind]
        to = (event.data or {}).get("assignee")
        return self.row(event, f"{words}「{event.name}」" + (f"給 {to}" if to else "")) if self.inside else None

    def stepped(self, event: Event) -> Row | None:
        """What the system did by itself; gateways and the like are left out."""
        name, kind = event.name or self.name(event.node_id), self.node(event.node_id).get("type", "")
        return self.row(event, name, who=_SYSTEM) if self.inside and name and kind in _MACHINERY else None

    def failed(self, event: Event) -> Row | None:
        words = {"incident.opened": "發生異常", "incident.retried": "重試", "incident.resolved": "異常已排除"}[event.kind]
        return self.row(event, f"{event.name or self.name(event.node_id)}：{words}",
                        kind="bad" if event.kind == "incident.opened" else "done") if self.inside else None

    # --- helpers

    def row(self, event: Event, text: str, *, kind: str = "done", who: str | None = None, quote: str = "") -> Row:
        return Row(text, roc_weekday_time(event.at, self.now), self.actor(event) if who is None else who, kind, quote,
                   event.at)

    def actor(self, event: Event) -> str:
        """Names inside the office; outside only one's own side's, and the office as one."""
        own_side = event.kind in ("case.started", "message.received") or self.role(event.node_id) == _VENDOR
        return event.actor if self.inside or own_side else OFFICE

    def item_owner(self, item: WorkItem) -> str:
        if item.role == _VENDOR:
            return "廠商" if self.inside else "貴公司"
        return item.assignee or "待領取"

    def new_phase(self, event: Event) -> Mapping[str, Any]:
        """``{"to": word, "kind": …}`` when this deed changed the phase, else empty."""
        return self.phases.get(event.revision, {})

    def phase_kind(self, phase: Mapping[str, Any]) -> str:
        return "bad" if phase.get("kind") == "bad" else "done"

    def quote(self, event: Event) -> str:
        """What a reviewer wrote: opinions field by field, then the opinion as a whole."""
        sent = self.sent.get(event.task_id or "")
        if sent is None:
            return ""
        lines = [f"{mark['label']}：{mark['opinion']}" for mark in sent.values.get("marks") or []]
        wholes = [sent.values.get(key) for key in (_QUOTED_INSIDE if self.inside else _QUOTED_OUTSIDE)]
        return "\n".join([*lines, *(str(whole) for whole in wholes if whole)])

    def node(self, node_id: str | None) -> Mapping[str, object]:
        return self.story.package.manifest["nodes"].get(node_id or "", {})

    def name(self, node_id: str | None) -> str:
        return str(self.node(node_id).get("name") or "")

    def role(self, node_id: str | None) -> str:
        return str(self.node(node_id).get("role") or "")


_TELL: dict[str, Callable[[_Teller, Event], Row | None]] = {
    "case.started": _Teller.started, "task.completed": _Teller.completed, "message.received": _Teller.withdrawn,
    "timer.fired": _Teller.rang, "decision.made": _Teller.decided, "phase.changed": _Teller.phased,
    "case.ended": _Teller.ended, "case.cancelled": _Teller.cancelled, "task.claimed": _Teller.moved,
    "task.released": _Teller.moved, "task.assigned": _Teller.moved, "step.completed": _Teller.stepped,
    "incident.opened": _Teller.failed, "incident.retried": _Teller.failed, "incident.resolved": _Teller.failed,
}
