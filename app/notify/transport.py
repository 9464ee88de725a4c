"""How a mail leaves: by SMTP where configured, else as a file in a folder that ``/dev/mail`` shows."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from app.errors import ExternalFailure, NotFound

TIMEOUT_S = 20.0
_NAME = re.compile(r"[0-9TZ]{16}-[A-Za-z0-9.-]{1,90}\.eml")


class Transport(Protocol):
    def send(self, mail: EmailMessage) -> None: ...


class MailSettings(Protocol):
    """The part of ``Config`` that mail needs."""

    @property
    def smtp_url(self) -> str: ...
    @property
    def mail_dir(self) -> Path: ...


def deliver(mail: EmailMessage, settings: MailSettings) -> None:
    """Let one mail leave. Needs no database: call it with no transaction open.

    Raises   ExternalFailure; ``retry`` False when the other side says that this mail can never arrive
    """
    transport: Transport = SmtpTransport(settings.smtp_url) if settings.smtp_url else FolderTransport(settings.mail_dir)
    transport.send(mail)


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """``smtp://user:password@host:port?tls=starttls|none&timeout=20`` or ``smtps://…``. STARTTLS unless told otherwise."""

    url: str

    def send(self, mail: EmailMessage) -> None:
        try:
            with self._connect() as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _text in error.recipients.values()]
            raise _failed(error, permanent=min(codes, default=0) >= 500) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _failed(error, permanent=error.smtp_code >= 500) from error
        except (smtplib.SMTPException, OSError) as error:
            raise _failed(error, permanent=False) from error

    def _connect(self) -> smtplib.SMTP:
        address = urlsplit(self.url)
        options = {key: values[-1] for key, values in parse_qs(address.query).items()}
        host, timeout = address.hostname or "localhost", float(options.get("timeout", TIMEOUT_S))
        if address.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, address.port or 465, timeout=timeout,
                                                    context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, address.port or 587, timeout=timeout)
        try:
            if address.scheme != "smtps" and options.get("tls", "starttls") == "starttls":
                server.starttls(context=ssl.create_default_context())
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True, slots=True)
class FolderTransport:
    """Mails as ``.eml`` files. The name follows from date and Message-ID: the same mail again is the same file."""

    folder: Path

    def send(self, mail: EmailMessage) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = _file_name(mail)
            half = self.folder / f".{name}.{os.getpid()}"
            half.write_bytes(mail.as_bytes())
            half.chmod(0o600)
            half.rename(self.folder / name)                 # visible only when complete
        except OSError as error:
            raise _failed(error, permanent=False) from error

    def list(self, limit: int = 200) -> list[tuple[str, EmailMessage]]:
        """File names and mails, newest first."""
        names = sorted((path.name for path in self.folder.glob("*.eml") if _NAME.fullmatch(path.name)), reverse=True)
        return [(name, self.read(name)) for name in names[:limit]]

    def read(self, name: str) -> EmailMessage:
        """One mail. Raises NotFound, also for names that are not ours."""
        path = self.folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise NotFound()
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        if not isinstance(mail, EmailMessage):
            raise NotFound()
        return mail


def _file_name(mail: EmailMessage) -> str:
    sent = parsedate_to_datetime(str(mail["Date"]))
    key = re.sub(r"[^A-Za-z0-9.]+", "-", str(mail["Message-ID"]).strip("<>").partition("@")[0])
    return f"{sent:%Y%m%dT%H%M%SZ}-{key[-90:]}.eml"


def _failed(error: Exception, *, permanent: bool) -> ExternalFailure:
    """What went wrong, for the outbox row. A server's own words may hold the address, so only its number is kept."""
    number = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        number = min((code for code, _text in error.recipients.values()), default=None)
    return ExternalFailure("mail", "郵件無法送出。", retry=not permanent,
                           reason=f"{type(error).__name__} {number or ''}".strip())
