"""案件: finding one, reading it, ending it; timers, incidents, procedures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.actor import SYSTEM
from app.engine import catalogue, commands, queries
from app.engine.models import Incident, ProcessInstance, Timer
from app.extensions import db, unit_of_work
from tests.web.staff.office import NOW, Office, review, text_of

ADDRESS = {"field": "address", "label": "公司地址", "opinion": "缺樓層"}


def test_cases_are_found_by_number_name_phase_and_state(office: Office) -> None:
    done, running = office.start("甲案有限公司"), office.start("乙案有限公司")
    office.send(done, office.reviewer, review())
    client = office.login(office.reviewer)

    def found(query: str) -> tuple[bool, bool]:
        page = text_of(client.get(f"/staff/cases?{query}"))
        return done.business_key in page, running.business_key in page

    assert found("") == (True, True)
    assert found("status=done") == (True, False) and found("status=running") == (False, True)
    assert found("phase=審核中") == (False, True) and found(f"q={done.business_key}") == (True, False)
    assert found("ended=week") == (True, False) and found("package=other") == (False, False)


def test_case_page_tells_where_it_stands_and_why(office: Office) -> None:
    case = office.start(listed=False)

    page = text_of(office.login(office.reviewer).get(f"/staff/cases/{case.id}"))

    assert "目前在「初審」，等候審核人員領取辦理，應於 115年5月26日 17:00 前完成。" in page
    assert "走到哪裡" in page and "<svg" in page and "n-now" in page
    assert "為什麼走這條路" in page and "命中第 3 列" in page and "q-hit" in page and "核定人員" in page
    assert "無待處理" in page and "註冊審核第 1 版" in page


def test_ended_case_says_how_it_ended(office: Office) -> None:
    case = office.start()
    office.send(case, office.reviewer, review())

    page = text_of(office.login(office.reviewer).get(f"/staff/cases/{case.id}"))

    assert "已於 5月19日 16:20 結束，結果為「通過」。" in page


def test_manager_cancels_with_a_reason_that_the_history_keeps(office: Office) -> None:
    case = office.start()
    client = office.login(office.manager)

    refused = text_of(client.post(f"/staff/cases/{case.id}/cancel", data={"reason": " "}, follow=True))
    page = text_of(client.post(f"/staff/cases/{case.id}/cancel", data={"reason": "廠商來電表示重複申請"}, follow=True))

    assert "請填寫取消的理由" in refused
    assert "廠商來電表示重複申請" in page and "已於 5月19日 16:20 取消" in page
    assert queries.case(db.session(), case.id).status == "cancelled"


def test_reviewers_may_not_cancel(office: Office) -> None:
    case = office.start()
    client = office.login(office.reviewer)

    assert client.post(f"/staff/cases/{case.id}/cancel", data={"reason": "不要"}).status_code == 403
    assert "取消這件案子" not in text_of(client.get(f"/staff/cases/{case.id}"))


def test_manager_moves_a_timer(office: Office) -> None:
    case = office.start()
    office.send(case, office.reviewer, review("correct", marks=[ADDRESS]))
    timer = db.session.query(Timer).filter_by(instance_id=case.id, node_id="correction_expired").one()
    client = office.login(office.manager)

    page = text_of(client.post(f"/staff/timers/{timer.id}", data={"due_at": "2026-07-01T17:00"}, follow=True))

    db.session.expire_all()
    assert "已改到 115年7月1日 17:00" in page
    assert db.session.get(Timer, timer.id).due_at - NOW > timedelta(days=40)
    assert "請選擇新的日期和時間" in text_of(client.post(f"/staff/timers/{timer.id}", {"due_at": "x"}, follow=True))
    assert office.login(office.reviewer).post(f"/staff/timers/{timer.id}").status_code == 403


def fail(case_id: int) -> Incident:
    """An incident row as the engine writes it, of a step that no longer exists."""
    incident = Incident(instance_id=case_id, task_id="0" * 36, node_id="remind_vendor", name="查核商業登記",
                        code="external.failure", message="商業登記系統沒有回應。", detail="timeout", attempts=2,
                        opened_at=NOW, retry_at=NOW + timedelta(minutes=5))
    db.session.add(incident)
    db.session.commit()
    return incident


def test_incidents_are_shown_with_what_can_be_done(office: Office) -> None:
    case = office.start()
    fail(case.id)

    shown = text_of(office.login(office.manager).get(f"/staff/cases/{case.id}"))
    read_only = text_of(office.login(office.reviewer).get(f"/staff/cases/{case.id}"))

    assert "「查核商業登記」沒有成功，資料都已保留，將於 5月19日 16:25 自動重試。" in shown
    assert "立即重試" in shown and "略過這個步驟" in shown and "更正並重試" in shown
    assert "商業登記系統沒有回應" in read_only and "立即重試" not in read_only


def stuck(office: Office) -> tuple[ProcessInstance, Incident]:
    """A case whose approval fails because its company cannot be found."""
    case = office.start()
    point_to(case, "vendor:999")
    office.send(case, office.reviewer, review())
    return case, db.session.query(Incident).filter_by(instance_id=case.id).one()


def point_to(case: ProcessInstance, subject: str) -> str:
    found = db.session.get(ProcessInstance, case.id)
    before, found.subject = found.subject, subject
    db.session.commit()
    return before


def test_retry_tells_whether_it_helped(office: Office) -> None:
    case, incident = stuck(office)
    client = office.login(office.manager)

    again = text_of(client.post(f"/staff/incidents/{incident.id}/retry", follow=True))
    point_to(case, "vendor:1")
    page = text_of(client.post(f"/staff/incidents/{incident.id}/retry", follow=True))

    assert "再試一次仍然沒有成功" in again
    assert "已重試。" in page and "重試成功" in page and queries.case(db.session(), case.id).phase == "通過"
    assert "這筆異常已經處理" in text_of(client.post(f"/staff/incidents/{incident.id}/retry", follow=True))


def test_skipping_goes_on_without_the_step(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = catalogue.operations()["vendor.acknowledge"]
    monkeypatch.setitem(catalogue._operations, usual.name, replace(usual, function=lambda _ctx: 1 / 0))
    case = office.start()
    incident = db.session.query(Incident).filter_by(instance_id=case.id).one()
    client = office.login(office.manager)

    listed = text_of(client.get("/manage/incidents"))
    offered = text_of(client.get(f"/staff/cases/{case.id}"))
    page = text_of(client.post(f"/staff/incidents/{incident.id}/skip", follow=True))

    assert case.business_key in listed and "回覆收件" in listed and "略過這個步驟" in offered
    assert "已略過這個步驟" in page and "略過" in text_of(client.get("/manage/incidents?tab=closed"))


def test_an_approval_cannot_be_skipped(office: Office) -> None:
    """The case would end as 通過 with a company that is not approved."""
    case, incident = stuck(office)
    client = office.login(office.manager)

    shown = text_of(client.get(f"/staff/cases/{case.id}"))
    page = text_of(client.post(f"/staff/incidents/{incident.id}/skip", follow=True))

    assert "略過這個步驟" not in shown and "立即重試" in shown
    assert "不能略過" in page and queries.case(db.session(), case.id).status == "running"


def test_a_case_that_cannot_be_read_can_only_be_retried(office: Office) -> None:
    case = office.start()
    with unit_of_work(SYSTEM, now=NOW) as uow:
        commands.flag_unreadable(uow, case.id, "zlib")

    page = text_of(office.login(office.manager).get(f"/staff/cases/{case.id}"))

    assert "案件狀態無法讀取，需要人員處理。" in page and "立即重試" in page
    assert "略過這個步驟" not in page and "更正並重試" not in page


def test_only_managers_handle_incidents(office: Office) -> None:
    incident = fail(office.start().id)
    client = office.login(office.reviewer)

    answers = [client.post(f"/staff/incidents/{incident.id}/{verb}").status_code for verb in ("retry", "edit", "skip")]

    assert answers == [403] * 3


def test_corrected_data_must_be_readable(office: Office) -> None:
    incident = fail(office.start().id)

    page = text_of(office.login(office.manager).post(f"/staff/incidents/{incident.id}/edit", data={"variables": "x"},
                                                     follow=True))

    assert "第 1 行不是「名稱 = 值」的格式" in page


def test_procedure_pages_show_diagram_check_and_files(office: Office) -> None:
    client = office.login(office.manager)

    listed = text_of(client.get("/staff/packages"))
    version = text_of(client.get("/staff/packages/1"))
    file = client.get("/staff/packages/1/files/rules/vendor_registration/route.dmn")

    assert "註冊審核" in listed and "第 1 版" in listed
    assert "檢查結果" in version and "決策表" in version and "<svg" in version and "現行版本" in version
    assert file.mimetype == "text/plain" and file.headers["Content-Disposition"].startswith("attachment")
    assert client.get("/staff/packages/99").status_code == 404
    assert client.get("/staff/packages/1/files/../secret").status_code == 404
    assert office.login(office.reviewer).get("/staff/packages").status_code == 403


def test_unknown_case_is_not_found(office: Office) -> None:
    assert office.login(office.reviewer).get("/staff/cases/999999").status_code == 404
