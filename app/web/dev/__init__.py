"""Development only: the mails that would have been sent, with links that can be followed."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import Blueprint, current_app, render_template
from markupsafe import Markup, escape

from app.config import Config
from app.web.guard import public_route

blueprint = Blueprint("dev", __name__, url_prefix="/dev")
_SHOWN = 50
_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it lies in the mail folder; ``body`` is escaped, its addresses are links."""

    subject: str
    to: str
    at: datetime
    body: Markup


@blueprint.get("/mail")
@public_route
def mail() -> str:
    """The newest first. Mails leave through the worker, so a new one may take a second to appear."""
    config: Config = current_app.extensions["qiliu"]
    found = sorted(config.mail_dir.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return render_template("web/dev/mail.html", mails=[_read(path) for path in found[:_SHOWN]], total=len(found))


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    return Mail(str(message["Subject"] or ""), str(message["To"] or ""),
                datetime.fromtimestamp(path.stat().st_mtime, UTC), _linked(text.get_content() if text else ""))


def _linked(text: str) -> Markup:
    """Plain text with its addresses made into links to this very site."""
    parts, at = [], 0
    for found in _LINK.finditer(text):
        path = re.sub(r"^https?://[^/]+", "", found[0]) or "/"
        parts += [escape(text[at:found.start()]), Markup('<a href="{}">{}</a>').format(path, found[0])]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
