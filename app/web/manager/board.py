"""主管看板: where the work stands, who has it, and what is late. Every number leads to its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import render_template
from sqlalchemy.orm import Session

from app import clock
from app.accounts.roles import ROLES, STAFF_ROLES, VENDOR
from app.engine.models import WorkItem
from app.extensions import db
from app.web import nav
from app.web.asked import row_id
from app.web.guard import guard
from app.web.manager import blueprint
from app.web.manager.figures import (
    LATE,
    OLDEST,
    PAGE_SIZE,
    SOON,
    UNASSIGNED,
    BoardFilter,
    Load,
    Marks,
    StepFigure,
    Totals,
    find_items,
    step_figures,
    totals,
    workload,
)
from app.web.manager.people import Person, list_people
from app.web.staff import diagram, listing
from app.web.staff.moments import days_since, soon_until, week_start
from app.web.staff.procedures import Procedure, list_procedures

nav.add("staff", "主管看板", "manager.board", "board.view", order=40, owns=("manager.board", "manager.assign"))
DUES = ((LATE, "逾期"), (SOON, "3 個工作天內到期"))
ALL_STEPS = "all"
_STRIP_AT_MOST = 8           # longer procedures are read on the diagram (ui/UI.md §4)
_SCALE_STEP = 10


@dataclass(frozen=True, slots=True)
class HeatNode:
    """One step in the strip, in process order. ``tint`` a class of the heat scale, empty for none open."""

    node_id: str
    name: str
    open: int
    overdue: int
    oldest_days: int
    tint: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A person's bar in hundredths of the scale: ``width`` all, ``late`` the late part, from ``start``."""

    load: Load
    width: int
    late: int

    @property
    def start(self) -> int:
        return self.width - self.late


@dataclass(frozen=True, slots=True)
class Board:
    """What the template shows."""

    wanted: BoardFilter
    procedures: dict[str, Procedure]
    figures: list[StepFigure]
    totals: Totals
    heat: list[HeatNode]
    items: list[WorkItem]
    count: int
    bars: list[Bar]
    people: list[Person]
    now: datetime

    @property
    def procedure(self) -> Procedure | None:
        return self.procedures.get(self.wanted.package)

    @property
    def step_name(self) -> str:
        names = {figure.node_id: figure.name for figure in self.figures}
        names |= {node.node_id: node.name for node in self.heat}
        return names.get(self.wanted.step, "全部步驟")

    @property
    def oldest_days(self) -> int:
        return days_since(self.totals.oldest_at, self.now) if self.totals.oldest_at else 0

    @property
    def candidates(self) -> list[Person]:
        """Those who may be given what the table shows."""
        needed = {item.role for item in self.items if item.party is None}
        return [person for person in self.people if person.roles & needed]

    def open_of(self, user_id: int) -> int:
        return next((bar.load.open for bar in self.bars if bar.load.user_id == user_id), 0)

    @property
    def average(self) -> str:
        loads = [bar.load.open for bar in self.bars]
        return f"{sum(loads) / len(loads):.1f}".removesuffix(".0") if loads else "0"


@blueprint.get("")
@guard("board.view")
def board() -> str:
    now = clock.now()
    shown = read_board(db.session(), _filter(), now)
    chosen = shown.procedure
    picture = diagram.counted(db.session(), chosen.version_id, _counts(shown), _links(shown)) if chosen else None
    return render_template("web/manager/board.html", board=shown, picture=picture, dues=DUES, size=PAGE_SIZE,
                           unassigned=UNASSIGNED, all_steps=ALL_STEPS, here=listing.here, roles=ROLES,
                           here_page=listing.here_page, days=lambda at: days_since(at, now))


def read_board(session: Session, wanted: BoardFilter, now: datetime) -> Board:
    """Everything on the board in five statements, whatever the number of cases."""
    marks = Marks(now, soon_until(now), week_start(now))
    procedures = list_procedures(session)
    wanted = _with_package(wanted, procedures)
    figures = step_figures(session, wanted, marks)
    heat = _heat(procedures.get(wanted.package), figures, now)
    wanted = _with_step(wanted, figures)
    count = sum(f.open for f in figures if wanted.step in ("", f.node_id))
    bars = _bars(workload(session, wanted, marks))
    return Board(wanted, procedures, figures, totals(session, figures, wanted, marks), heat,
                 find_items(session, wanted, marks), count, bars, list_people(session, STAFF_ROLES), now)


def _filter() -> BoardFilter:
    person = listing.text_arg("person")
    return BoardFilter(package=listing.text_arg("package"),
                       person=person if person == UNASSIGNED or row_id(person) else "",
                       due=listing.text_arg("due", frozenset((LATE, SOON))), step=listing.text_arg("step"),
                       sort=listing.text_arg("sort", frozenset((OLDEST,))), page=listing.page_arg())


def _with_package(wanted: BoardFilter, procedures: dict[str, Procedure]) -> BoardFilter:
    """``all`` is every procedure; nothing chosen, or an unknown one, is the first."""
    if wanted.package == "all":
        return replace(wanted, package="")
    return wanted if wanted.package in procedures else replace(wanted, package=next(iter(procedures), ""))


def _with_step(wanted: BoardFilter, figures: list[StepFigure]) -> BoardFilter:
    """Nothing chosen: the office's step with the most late items, then with the most items."""
    if wanted.step == ALL_STEPS or not wanted.package:
        return replace(wanted, step="")
    if wanted.step:
        return wanted
    worst = max((f for f in figures if f.role != VENDOR), key=lambda f: (f.overdue, f.open), default=None)
    return replace(wanted, step=worst.node_id if worst else "")


def _heat(procedure: Procedure | None, figures: list[StepFigure], now: datetime) -> list[HeatNode]:
    if procedure is None:
        return []
    by_node = {f.node_id: f for f in figures}
    listed = [_node(step.node_id, step.name, by_node.pop(step.node_id, None), now) for step in procedure.steps]
    retired = [_node(f.node_id, f.name, f, now) for f in by_node.values()]   # steps of earlier versions only
    found = listed + retired
    return found if len(found) <= _STRIP_AT_MOST else [node for node in found if node.open][:_STRIP_AT_MOST]


def _node(node_id: str, name: str, figure: StepFigure | None, now: datetime) -> HeatNode:
    if figure is None:
        return HeatNode(node_id, name, 0, 0, 0, "")
    return HeatNode(node_id, name, figure.open, figure.overdue, days_since(figure.oldest_at, now),
                    diagram.tint(figure.open))


def _bars(loads: list[Load]) -> list[Bar]:
    """Bars to one scale: the next ten above the busiest."""
    scale = (max((load.open for load in loads), default=0) // _SCALE_STEP + 1) * _SCALE_STEP
    return [Bar(load, round(100 * load.open / scale), round(100 * load.overdue / scale)) for load in loads]


def _counts(shown: Board) -> dict[str, tuple[int, int]]:
    return {f.node_id: (f.open, f.overdue) for f in shown.figures}


def _links(shown: Board) -> Callable[[str], str | None]:
    """Steps in the diagram that people work on lead to their queue; the rest of it leads nowhere."""
    steps = {step.node_id for step in shown.procedure.steps} if shown.procedure else set()

    def link(node_id: str) -> str | None:
        return listing.here(step=node_id) + "#queue" if node_id in steps else None
    return link
