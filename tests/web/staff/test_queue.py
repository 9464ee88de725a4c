"""我的待辦: tabs, claiming and giving back, filters, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import timedelta

from sqlalchemy import event, insert

from app.engine.models import OPEN, WorkItem
from app.extensions import db
from tests.web.staff.office import NOW, Office, text_of


def test_new_case_waits_in_the_pool(office: Office) -> None:
    case = office.start("晨禾雲端股份有限公司")

    page = text_of(office.login(office.reviewer).get("/staff/queue?tab=pool"))

    assert case.business_key in page and "晨禾雲端股份有限公司" in page and "待領" in page
    assert f"/staff/tasks/{office.item(case).id}/claim" in page


def test_claiming_moves_an_item_to_my_own_and_opens_it(office: Office) -> None:
    item = office.item(office.start())
    client = office.login(office.reviewer)

    answer = client.post(f"/staff/tasks/{item.id}/claim", data={"version": item.version})

    assert answer.status_code == 303 and answer.location.endswith(f"/staff/tasks/{item.id}")
    assert item.business_key in text_of(client.get("/staff/queue"))
    assert "目前沒有待辦" in text_of(client.get("/staff/queue?tab=pool"))


def test_claiming_from_an_old_list_says_that_it_is_taken(office: Office) -> None:
    item = office.item(office.start())
    office.login(office.reviewer).post(f"/staff/tasks/{item.id}/claim", data={"version": item.version})
    late = office.login(office.second)

    answer = late.post(f"/staff/tasks/{item.id}/claim", data={"version": 1, "back": "/staff/queue?tab=pool"},
                       follow=True)

    assert answer.status_code == 200 and "q-note--bad" in text_of(answer)
    assert office.item(office_case(item)).assignee_id == office.reviewer.id


def office_case(item: WorkItem) -> object:
    return type("Case", (), {"id": item.instance_id})()


def test_giving_back_returns_an_item_to_the_pool(office: Office) -> None:
    case = office.start()
    office.claim(case, office.reviewer)
    client = office.login(office.reviewer)

    page = text_of(client.post(f"/staff/tasks/{office.item(case).id}/release", follow=True))

    assert "放回待領" in page and office.item(case).assignee_id is None


def test_colleagues_see_whose_it_is_under_all(office: Office) -> None:
    case = office.start()
    office.claim(case, office.reviewer)

    page = text_of(office.login(office.second).get("/staff/queue?tab=all"))

    assert case.business_key in page and "陳冠宇" in page


def test_items_of_another_role_are_not_listed(office: Office) -> None:
    case = office.start()

    page = text_of(office.login(office.approver).get("/staff/queue?tab=all"))

    assert case.business_key not in page


def test_late_items_come_first(office: Office) -> None:
    fresh = office.start("新到案件有限公司")
    old = office.start("逾期案件有限公司", at=NOW - timedelta(days=20))

    page = text_of(office.login(office.reviewer).get("/staff/queue?tab=pool"))

    assert page.index(old.business_key) < page.index(fresh.business_key)
    assert "q-due--late" in page


def test_filters_narrow_by_deadline_step_and_words(office: Office) -> None:
    fresh, old = office.start("新到案件有限公司"), office.start("逾期案件有限公司", at=NOW - timedelta(days=20))
    client = office.login(office.reviewer)

    late = text_of(client.get("/staff/queue?tab=pool&due=late"))
    named = text_of(client.get("/staff/queue?tab=pool&q=新到"))
    step = text_of(client.get("/staff/queue?tab=pool&package=vendor_registration&step=confirm_registration"))
    wild = text_of(client.get("/staff/queue?tab=pool&q=%25"))

    assert old.business_key in late and fresh.business_key not in late
    assert fresh.business_key in named and old.business_key not in named
    assert "沒有符合的待辦" in step and "沒有符合的待辦" in wild


def test_empty_queue_says_what_to_do_next(office: Office) -> None:
    page = text_of(office.login(office.reviewer).get("/staff/queue"))

    assert "您目前沒有待辦" in page and "看待領的案件" in page


def test_vendors_find_nothing_behind_the_staff_door(office: Office) -> None:
    case = office.start()
    client = office.login(office.vendor)

    answers = [client.get(f"/staff/{path}").status_code for path in (
        "queue", "cases", f"cases/{case.id}", f"tasks/{office.item(case).id}", "packages")]

    assert answers == [404] * 5


def test_visitors_are_asked_to_log_in(office: Office) -> None:
    answer = Context().run(office.app.test_client().get, "/staff/queue")

    assert answer.status_code == 303 and "next=" in answer.location


def test_queue_takes_four_statements_and_pages_through_many(office: Office) -> None:
    case = office.start()
    item = office.item(case)
    copies = [{c.key: getattr(item, c.key) for c in WorkItem.__table__.columns} | {"id": f"{n:036}", "status": OPEN}
              for n in range(400)]
    db.session.execute(insert(WorkItem), copies)
    db.session.commit()
    client = office.login(office.reviewer)
    client.get("/staff/queue?tab=pool")

    with counted() as statements:
        first = text_of(client.get("/staff/queue?tab=pool"))
    last = text_of(client.get("/staff/queue?tab=pool&page=17"))

    assert len(statements) <= 4, statements
    assert "共 300 件以上" in first and first.count("<tr role=\"row\"><th role=\"rowheader\"") == 25
    assert "顯示 401 至 401" in last and "下一頁" not in last


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SELECTs that run inside."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)
    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
