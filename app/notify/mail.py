"""From a message row to the mail that leaves. The same row gives the same mail with the same Message-ID."""

from __future__ import annotations

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urljoin, urlsplit

from app.errors import ExternalFailure
from app.notify.models import Message
from app.notify.render import one_line

FOOTER = "本信由系統自動寄出，請勿直接回覆。"


def build_email(message: Message, base_url: str, mail_from: str) -> EmailMessage:
    """The mail of a message: plain text, the link made absolute below the body.

    base_url    where people reach the site, e.g. ``https://procure.example.tw``
    mail_from   address, or ``name <address>``
    Raises      ExternalFailure(retry=False) when the address cannot be written into a header
    """
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = _address(*parseaddr(mail_from))
        mail["To"] = _address(message.name, message.email)
        mail["Subject"] = one_line(message.subject)
    except (ValueError, IndexError) as error:
        raise ExternalFailure("mail", "電子郵件地址無法使用。", retry=False, message_id=message.id) from error
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message_id(message.key, base_url)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(message, base_url), cte="base64")
    return mail


def message_id(key: str, base_url: str) -> str:
    """``<key.digest@host>``: the same for each try, so that a mail sent twice is recognised as one."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[:60]
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return f"<{readable or 'message'}.{digest}@{urlsplit(base_url).hostname or 'localhost'}>"


def _text(message: Message, base_url: str) -> str:
    link = [urljoin(base_url.rstrip("/") + "/", message.link.lstrip("/"))] if message.link else []
    return "\n\n".join([message.body.strip(), *link, FOOTER]) + "\n"


def _address(name: str, address: str) -> Address:
    if one_line(address) != address or not address.isascii():
        raise ValueError("not a mail address")
    return Address(display_name=one_line(name), addr_spec=address)
