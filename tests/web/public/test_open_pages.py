"""What anybody may read: announcements, manuals, statements."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from app import clock
from app.actor import SYSTEM
from app.extensions import unit_of_work
from app.procurement.announcements.models import Announcement
from app.procurement.vendors import consent
from tests.web.house import Visitor


def announce(app: Flask, title: str, category: str = "招標公告", *, from_day: int = 0, to_day: int | None = None) -> int:
    today: date = clock.today()
    with app.app_context(), unit_of_work(SYSTEM) as uow:
        row = Announcement(category=category, title=title, body="第一段\n\n第二段<script>", created_at=uow.now,
                           published_on=today + timedelta(from_day),
                           closes_on=None if to_day is None else today + timedelta(to_day))
        uow.session.add(row)
        uow.session.flush()
        return row.id


def test_announcements_are_listed_by_category(app: Flask) -> None:
    announce(app, "雲端服務公開徵求")
    announce(app, "線上說明會", "活動消息")
    visitor = Visitor(app)

    everything = visitor.get("/announcements").text
    events = visitor.get("/announcements?category=活動消息").text

    assert "雲端服務公開徵求" in everything
    assert "線上說明會" in everything
    assert "雲端服務公開徵求" not in events
    assert "線上說明會" in events


def test_an_announcement_is_shown_while_its_window_is_open(app: Flask) -> None:
    shown, over, coming = announce(app, "現在"), announce(app, "過去", from_day=-9, to_day=-1), announce(app, "未來", from_day=2)
    visitor = Visitor(app)

    page = visitor.get(f"/announcements/{shown}")

    assert page.status_code == 200
    assert "第二段&lt;script&gt;" in page.text
    assert visitor.get(f"/announcements/{over}").status_code == 404
    assert visitor.get(f"/announcements/{coming}").status_code == 404
    assert "過去" not in visitor.get("/").text


def test_without_announcements_the_list_says_so(app: Flask) -> None:
    assert "目前沒有公告" in Visitor(app).get("/announcements").text


@pytest.mark.parametrize("path", ["/accessibility", "/manuals", "/manuals/registration", "/manuals/tasks", "/manuals/account",
                                  "/password/forgot", "/register/consent", "/announcements", "/privacy"])
def test_open_pages_have_the_three_keys_one_heading_and_a_title(app: Flask, path: str) -> None:
    page = Visitor(app).get(path)

    assert page.status_code == 200
    assert [page.text.count(f'accesskey="{key}"') for key in "UCZ"] == [1, 1, 1]
    assert page.text.count("<h1") == 1
    assert "｜契流</title>" in page.text
    assert " style=" not in page.text
    assert "onclick" not in page.text


def test_privacy_shows_the_whole_text_and_its_version(app: Flask) -> None:
    text = Visitor(app).get("/privacy").text

    assert consent.VERSION in text
    assert all(heading in text for heading, _ in consent.SECTIONS)


def test_an_unknown_manual_is_not_found(app: Flask) -> None:
    assert Visitor(app).get("/manuals/nothing").status_code == 404
