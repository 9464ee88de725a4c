"""``flask audit list``."""

from __future__ import annotations

import json

import pytest

from app import audit
from app.audit.tags import Tag
from app.cli.audit import group
from tests.factories import NOW


@pytest.fixture
def run(app, uow):
    with uow(now=NOW) as work:
        audit.record(work, Tag.ACCOUNT_LOGIN_FAILED, "user:12", after={"reason": "password"})
    return lambda *arguments: app.test_cli_runner().invoke(group, ["list", *arguments])


def test_line_shows_taipei_time_and_words(run):
    assert run().output == "2026-05-19 16:20:00\t系統\t登入失敗\taccount:login:failed\tuser:12\t-\n"


def test_json_line_holds_everything(run):
    line = json.loads(run("--json").output)

    assert (line["at"], line["subject"], line["after"]) == ("2026-05-19T08:20:00+00:00", "user:12", {"reason": "password"})


@pytest.mark.parametrize(("arguments", "is_found"), [
    (("--action", "account"), True), (("--action", "vendor"), False), (("--subject", "user:12"), True),
    (("--since", "2026-05-19T16:20"), True), (("--since", "2026-05-19T16:21"), False), (("--limit", "1"), True)])
def test_filters(run, arguments, is_found):
    assert ("user:12" in run(*arguments).output) is is_found


def test_nothing_found_is_said(run):
    assert run("--action", "vendor").output == "沒有符合的紀錄。\n"
    assert run("--action", "vendor", "--json").output == ""


def test_wrong_options_are_explained(run):
    assert run("--since", "yesterday").exit_code == 2
    assert run("--limit", "0").exit_code == 2
