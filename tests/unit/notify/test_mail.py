"""From the row to the mail, and how the mail leaves."""

from __future__ import annotations

import re
import socket
import stat
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from app.errors import ExternalFailure, NotFound
from app.notify import FolderTransport, SmtpTransport, build_email, deliver
from app.notify.models import Message
from tests.factories import NOW

BASE, FROM = "https://procure.example.tw/qiliu", "契流 <no-reply@procure.example.tw>"


def message(**changes):
    values = {"id": 1, "key": "vendor_registration/approved:41:7", "name": "王小明", "email": "wang@example.tw",
              "subject": "註冊審核通過（R-1）", "body": "王小明 您好：\n\n已通過。\n", "link": "/vendor/cases/R-1",
              "created_at": NOW}
    return Message(**{**values, **changes})


def mail(**changes):
    return build_email(message(**changes), BASE, FROM)


def reread(sent):
    return message_from_bytes(sent.as_bytes(), policy=policy.default)


def test_mail_is_readable_chinese_with_an_absolute_link():
    read = reread(mail())

    assert (str(read["From"]), str(read["To"])) == ("契流 <no-reply@procure.example.tw>", "王小明 <wang@example.tw>")
    assert str(read["Subject"]) == "註冊審核通過（R-1）" and read["Auto-Submitted"] == "auto-generated"
    assert read.get_content().splitlines() == ("王小明 您好：\n\n已通過。\n\nhttps://procure.example.tw/qiliu/vendor/cases/R-1\n\n"
                                  "本信由系統自動寄出，請勿直接回覆。").splitlines()
    assert mail().as_bytes().isascii()


def test_same_row_gives_the_same_message_id_and_other_keys_others():
    assert mail()["Message-ID"] == mail()["Message-ID"]
    assert mail(key="a:b")["Message-ID"] != mail(key="a-b")["Message-ID"]
    assert str(mail(key="通知")["Message-ID"]).endswith("@procure.example.tw>")


def test_mail_without_a_link_has_none():
    assert "https://" not in reread(mail(link=None)).get_content()


@pytest.mark.parametrize("changes", [{"name": "王\r\nBcc: evil@example.tw"}, {"subject": "x\r\nBcc: evil@example.tw"},
                                     {"name": "王, 小明 <evil@example.tw>"}, {"name": "王" * 80}])
def test_headers_cannot_be_injected(changes):
    read = reread(mail(**changes))

    assert read["Bcc"] is None and [a.addr_spec for a in read["To"].addresses] == ["wang@example.tw"]


@pytest.mark.parametrize("email", ["", "wang", "wang@example.tw\r\nBcc: e@e.tw", "a@b.tw, c@d.tw", "王@example.tw", "a b@c.tw"])
def test_unusable_address_fails_for_good(email):
    with pytest.raises(ExternalFailure) as failure:
        mail(email=email)

    assert failure.value.retry is False


def test_folder_keeps_whole_mails_once(tmp_path):
    folder = FolderTransport(tmp_path / "mail")

    folder.send(mail()), folder.send(mail()), folder.send(mail(key="other"))

    listed = folder.list()
    assert len(listed) == len(list((tmp_path / "mail").iterdir())) == 2
    assert {str(kept["Subject"]) for _name, kept in listed} == {"註冊審核通過（R-1）"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (tmp_path / "mail").iterdir())
    assert folder.read(listed[0][0])["To"] == listed[0][1]["To"]


def test_folder_that_is_not_there_is_empty(tmp_path):
    assert FolderTransport(tmp_path / "none").list() == []


@pytest.mark.parametrize("name", ["", "..", "../secret.key", "x.eml", "20260519T082000Z-a/../../b.eml", "20260519T082000Z-a.eml"])
def test_folder_reads_its_own_names_only(tmp_path, name):
    with pytest.raises(NotFound):
        FolderTransport(tmp_path).read(name)


class Sink:
    """A mail server that keeps what it takes; addresses that begin with full, bad or busy are refused."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.startswith("bad"):
            return "550 no such user"
        if address.startswith("busy"):
            return "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        if envelope.rcpt_tos[0].startswith("full"):
            return "554 too much"
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    yield SimpleNamespace(url=f"smtp://127.0.0.1:{port}?tls=none&timeout=5", port=port, taken=sink.taken)
    controller.stop()


def test_smtp_delivers(server, tmp_path):
    deliver(mail(), SimpleNamespace(smtp_url=server.url, mail_dir=tmp_path))

    envelope = server.taken[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@procure.example.tw", ["wang@example.tw"])
    assert "已通過" in message_from_bytes(envelope.content, policy=policy.default).get_content()
    assert list(tmp_path.iterdir()) == []


def test_without_smtp_mails_go_to_the_folder(tmp_path):
    deliver(mail(), SimpleNamespace(smtp_url="", mail_dir=tmp_path))

    assert len(FolderTransport(tmp_path).list()) == 1


@pytest.mark.parametrize(("email", "retry"), [("bad@example.tw", False), ("busy@example.tw", True), ("full@example.tw", False)])
def test_refusal_says_whether_trying_again_can_help(server, email, retry):
    with pytest.raises(ExternalFailure) as failure:
        SmtpTransport(server.url).send(mail(email=email))

    assert failure.value.retry is retry and email not in str(failure.value.facts)
    assert re.fullmatch(r"SMTP\w+ (550|451|554)", failure.value.facts["reason"])


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1?tls=none&timeout=2", "smtp://{}?timeout=5", "smtps://{}?timeout=5",
                                 "smtp://user:secret@{}?tls=none&timeout=5"])
def test_server_that_cannot_be_used_is_tried_again(server, url):
    with pytest.raises(ExternalFailure) as failure:
        SmtpTransport(url.format(f"127.0.0.1:{server.port}")).send(mail())

    assert failure.value.retry and "secret" not in str(failure.value.facts)
