"""R5: another system does its work and then says that it failed, or nothing at all: no letter, no decision is doubled."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.ctx import AppContext

from app import clock
from app.demo.companies import CHENHE
from app.demo.story import judge
from app.engine.models import Event
from app.extensions import db
from app.jobs import rounds
from app.notify import transport
from app.procurement.vendors import registry
from tests.conftest import UowFactory
from tests.flows.driver import Flow

pytestmark = pytest.mark.both_databases
REVIEW = "review_registration"


class Receiver:
    """A mail server that takes each letter, and for the first copies answers as if it had not."""

    def __init__(self, failures: int) -> None:
        self.copies, self._failures = list[str](), failures

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        message_id = str(message_from_bytes(envelope.content, policy=policy.default)["Message-ID"])
        self.copies.append(message_id)
        count = Counter(self.copies)[message_id]
        if count > self._failures:
            return "250 OK"
        return "451 timed out" if count % 2 else "421 going away"


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    """The application's letters go to it by SMTP."""
    sink = Receiver(failures=2)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    config = app.extensions["qiliu"]
    app.extensions["qiliu"] = config.with_changes(smtp_url=f"smtp://127.0.0.1:{port}?tls=none&timeout=5")
    yield sink
    controller.stop()


@pytest.fixture
def flow(app: Flask, ctx: AppContext) -> Flow:
    return Flow(app)


def until_quiet(flow: Flow) -> None:
    """Back-offs and leases run out; what waits is done."""
    for _ in range(8):
        flow.now += timedelta(minutes=11)
        with clock.frozen(flow.now):
            rounds.retry_incidents(flow.now, rounds.Failures())
        flow.jobs()


def test_letters_that_arrived_before_the_failure_are_told_apart_by_their_id(flow: Flow, receiver: Receiver) -> None:
    flow.registry_knows(CHENHE)
    reviewer = flow.staff("reviewer")
    flow.register(CHENHE)
    until_quiet(flow)
    flow.office_sends(REVIEW, reviewer, judge("approve"))
    until_quiet(flow)

    assert flow.letters() == ["received", "review_waiting", "approved"]
    assert sorted(Counter(receiver.copies).values()) == [3, 3, 3]          # twice as if lost, once for good
    assert flow.dead_jobs() == 0 and flow.case.outcome == "registration_approved"


def test_a_connection_that_breaks_after_the_letter_is_tried_again(
        flow: Flow, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver._failures = 0
    whole, broken = smtplib.SMTP.send_message, list[str]()

    def send_then_break(server: smtplib.SMTP, mail: Any, *rest: Any, **options: Any) -> Any:
        answer = whole(server, mail, *rest, **options)
        if str(mail["Message-ID"]) not in broken:
            broken.append(str(mail["Message-ID"]))
            raise TimeoutError("no answer")
        return answer
    monkeypatch.setattr(transport.smtplib.SMTP, "send_message", send_then_break)

    flow.register(CHENHE)
    until_quiet(flow)

    assert flow.letters() == ["received"] and Counter(receiver.copies) == {broken[0]: 2}


class Registry(HTTPServer):
    """A business registry that counts questions and drops the first answers on the way."""

    def __init__(self, lost: int) -> None:
        self.asked, self.lost = 0, lost
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: Any = self.server
        server.asked += 1
        if server.asked > server.lost:
            self.send_response(404)
            self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(params=[1, 2])
def lossy_registry(app: Flask, request: pytest.FixtureRequest) -> Iterator[Registry]:
    server = Registry(request.param)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    registry.configure(f"http://127.0.0.1:{server.server_port}")
    yield server
    registry.configure("")
    server.shutdown()
    server.server_close()


def test_a_registry_whose_answer_is_lost_decides_once(flow: Flow, lossy_registry: Registry, uow: UowFactory) -> None:
    flow.register(CHENHE)
    until_quiet(flow)

    decisions = [event.data["inputs"] for event in db.session.query(Event).filter(Event.kind == "decision.made")]
    assert len(decisions) == 1 and lossy_registry.asked == 2 and flow.incidents() == []
    assert flow.waits_at() == [REVIEW] and flow.letters() == ["received"]
