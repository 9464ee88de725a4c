"""The floor: the smallest honest Flask + ORM + SpiffWorkflow server that does the same work.

Per completion, in ONE transaction: token look-up, task row lock and group check, three-field form check, restore,
run and save of the full state as JSON, close the task, insert the next, two history rows, commit. What our own
server adds to this is the price of its promises; ``bench`` prints the ratio of the two, measured in one run.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, jsonify, request
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.extensions import begin_writing, configure_sqlite

SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
FOLDER = Path(__file__).parent / "package"
TOKEN = "t"                    # noqa: S105 the floor knows one person


class Base(DeclarativeBase):
    pass


class Case(Base):
    __tablename__ = "floor_cases"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.String(8))


class Task(Base):
    __tablename__ = "floor_tasks"
    __table_args__ = (sa.Index("ix_floor_tasks_queue", "team", "due", "id", sqlite_where=sa.text("status = 'open'"),
                               postgresql_where=sa.text("status = 'open'")),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(40))
    team: Mapped[str] = mapped_column(sa.String(10))
    due: Mapped[datetime]
    status: Mapped[str] = mapped_column(sa.String(8))
    data: Mapped[str | None] = mapped_column(sa.Text)


class History(Base):
    __tablename__ = "floor_history"
    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int]
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(sa.String(40))
    what: Mapped[str] = mapped_column(sa.String(10))
    data: Mapped[str | None] = mapped_column(sa.Text)


class Timer(Base):
    __tablename__ = "floor_timers"
    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int]
    due: Mapped[datetime] = mapped_column(index=True)


class Token(Base):
    __tablename__ = "floor_tokens"
    token: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    user: Mapped[str] = mapped_column(sa.String(40))
    teams: Mapped[str] = mapped_column(sa.String(80))


def open_engine(url: str) -> sa.Engine:
    """The same driver settings as the product's, so that only the work differs."""
    engine = sa.create_engine(url, **({} if url.startswith("sqlite") else {"pool_size": 8}))
    configure_sqlite(engine)
    return engine


def create(url: str) -> None:
    engine = open_engine(url)
    begin_writing()
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Token(token=TOKEN, user="測試員", teams="team0"))
        session.commit()


def specification(file: str = "floor.bpmn", process: str = "bench_floor") -> Any:
    parser = SpiffBpmnParser()
    parser.add_bpmn_file(str(FOLDER / file))
    return parser.get_spec(process)


def waiting(workflow: BpmnWorkflow) -> list[Any]:
    return workflow.get_tasks(state=TaskState.READY, manual=True)


def create_app() -> Flask:
    """The floor's server; ``FLOOR_URL`` names its database."""
    return build(open_engine(os.environ["FLOOR_URL"]))


def build(engine: sa.Engine) -> Flask:
    app, spec = Flask(__name__), specification()
    app.before_request(begin_writing)

    def route(rule: str, name: str, view: Callable[..., Any], method: str = "POST") -> None:
        def answer(**arguments: int) -> Any:
            with Session(engine) as session:
                return view(session, **arguments)
        app.add_url_rule(rule, name, answer, methods=[method])

    route("/start", "start", partial(start, spec=spec))
    route("/complete/<int:task_id>", "complete", complete)
    route("/open", "open", open_tasks)
    route("/tasks", "tasks", tasks, "GET")
    return app


def _who(session: Session) -> Token:
    found = session.get(Token, request.headers["Authorization"][7:])
    assert found is not None
    return found


def _opened(case: Case, name: str) -> Task:
    return Task(case=case.id, name=name, team="team0", due=datetime.now(UTC).replace(tzinfo=None), status="open")


def _past(case: int, who: str, what: str, data: str | None = None) -> History:
    return History(case=case, at=datetime.now(UTC).replace(tzinfo=None), who=who, what=what, data=data)


def start(session: Session, spec: Any) -> Any:
    workflow = BpmnWorkflow(spec)
    workflow.do_engine_steps()
    who = _who(session).user
    case = Case(state=SERIALIZER.serialize_json(workflow), status="run")
    session.add(case)
    session.flush()
    task = _opened(case, waiting(workflow)[0].task_spec.name)
    session.add_all([task, _past(case.id, who, "start")])
    session.commit()
    return {"task": task.id}


def complete(session: Session, task_id: int) -> Any:
    form = request.form
    values = {"amount": int(form["amount"]), "reason": str(form["reason"]), "urgent": form["urgent"] == "y"}
    mine = _who(session)
    task = session.get(Task, task_id, with_for_update=True)
    if task is None or task.status != "open" or task.team not in mine.teams.split(","):
        return {"error": "closed"}, 409
    case = session.get(Case, task.case, with_for_update=True)
    assert case is not None
    workflow = SERIALIZER.deserialize_json(case.state)
    current = waiting(workflow)[0]
    current.set_data(**values)
    current.run()
    workflow.do_engine_steps()
    case.state = SERIALIZER.serialize_json(workflow)
    case.status = "done" if workflow.completed else "run"
    task.status, task.data = "done", str(values)
    following = [_opened(case, one.task_spec.name) for one in waiting(workflow)]
    session.add_all([*following, _past(case.id, mine.user, "done", str(values)), _past(case.id, mine.user, "next")])
    session.commit()
    return {"task": following[0].id if following else None}


def open_tasks(session: Session) -> Any:
    """The open tasks of the cases that these tasks belong to."""
    wanted = [int(item) for item in request.form.getlist("item")]
    own = sa.select(Task.case).where(Task.id.in_(wanted))
    return jsonify(list(session.scalars(sa.select(Task.id).where(Task.case.in_(own), Task.status == "open"))))


def tasks(session: Session) -> Any:
    mine = _who(session)
    rows = session.scalars(sa.select(Task).where(Task.status == "open", Task.team == mine.teams)
                           .order_by(Task.due, Task.id).limit(25))
    return jsonify([{"id": r.id, "case": r.case, "name": r.name, "due": r.due.isoformat()} for r in rows])


def fill_queue(url: str, total: int) -> None:
    """Top the open tasks up to ``total``, a tenth of them visible to the token's team."""
    engine, now = open_engine(url), datetime.now(UTC).replace(tzinfo=None)
    begin_writing()
    with Session(engine) as session:
        have = session.scalar(sa.select(sa.func.count()).select_from(Task).where(Task.status == "open")) or 0
        rows = [{"case": 0, "name": "task_a", "team": f"team{i % 10}", "status": "open",
                 "due": now + timedelta(minutes=i % 43200)} for i in range(max(0, total - have))]
        for at in range(0, len(rows), 5000):
            session.execute(sa.insert(Task), rows[at:at + 5000])
        session.commit()
        session.execute(sa.text("analyze"))
        session.commit()
