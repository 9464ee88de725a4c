"""The world outside as the kill tests see it: a mail receiver, a business registry, a printer. They do their work and
may then say that they failed ("execute then time out")."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy.orm import Session

from app import notify
from app.config import Config
from app.documents import pdf
from app.errors import ExternalFailure
from app.procurement.vendors import registry

OK, LATE, DOWN, EXPLODES = "ok", "late", "down", "explodes"


class Ports:
    """Installed once in the process that is forked. ``moods`` are set by each request; a mood lasts for one call."""

    def __init__(self, log: Path) -> None:
        self.log, self.moods = log, {"mail": OK, "registry": OK}

    def install(self) -> None:
        notify.deliver = self._deliver                # type: ignore[assignment]
        registry.open_registry = self._open_registry  # type: ignore[assignment]
        pdf.render = _render                          # type: ignore[assignment]

    def _deliver(self, mail: EmailMessage, _config: Config) -> None:
        mood = self._take("mail")
        if mood == DOWN:
            raise ExternalFailure("mail", reason="the server is away")
        line = {"id": str(mail["Message-ID"]), "to": str(mail["To"]), "digest": hashlib.sha256(mail.as_bytes()).hexdigest()}
        with self.log.open("a") as receiver:
            receiver.write(json.dumps(line) + "\n")
        if mood == LATE:
            raise ExternalFailure("mail", reason="timed out")

    def _open_registry(self, session: Session) -> registry.BusinessRegistry:
        return _Registry(session, self)

    def _take(self, port: str) -> str:
        mood = self.moods[port]
        self.moods[port] = OK
        return mood


class _Registry:
    def __init__(self, session: Session, ports: Ports) -> None:
        self._table, self._ports = registry.TableRegistry(session), ports

    def lookup(self, tax_id: str) -> registry.CompanyFacts | None:
        found = self._table.lookup(tax_id)
        mood = self._ports._take("registry")
        if mood in (LATE, DOWN):
            raise ExternalFailure("business-registry", reason="timed out")
        if mood == EXPLODES:
            raise RuntimeError("an answer nobody understands")
        return found


def _render(html: str, *, base: Path | None = None) -> bytes:
    """Bytes that stand for a PDF: a real one costs more than all else in a case together."""
    return b"%PDF-1.7 " + hashlib.sha256(html.encode()).hexdigest().encode()


def received(log: Path) -> Mapping[str, list[str]]:
    """Message-ID → digest of each time it arrived."""
    found: dict[str, list[str]] = {}
    for line in log.read_text().splitlines() if log.exists() else ():
        mail = json.loads(line)
        found.setdefault(mail["id"], []).append(mail["digest"])
    return found
