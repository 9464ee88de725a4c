"""審核: reading beside judging, drafts, sending once, the second person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app import clock
from app.engine import queries
from app.engine.models import Draft
from app.errors import InvalidInput
from app.extensions import db
from app.procurement.vendors import commands as vendors
from tests.web.staff.office import NOW, Browser, Office, review, text_of


def opened(client: Browser, url: str) -> dict[str, str]:
    """The hidden values of the task's form."""
    page = text_of(client.get(url))
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("version", "command_key")}  # type: ignore[index]


def test_pool_item_shows_the_data_and_offers_to_claim(office: Office) -> None:
    item = office.item(office.start("晨禾雲端股份有限公司"))

    page = text_of(office.login(office.reviewer).get(f"/staff/tasks/{item.id}"))

    assert "領取並開始" in page and "公司負責人" in page and "許庭瑋" in page
    assert 'name="command_key"' not in page


def test_my_task_shows_one_judgement_for_each_reviewed_field(office: Office) -> None:
    case = office.start()
    item = office.claim(case, office.reviewer)

    page = text_of(office.login(office.reviewer).get(f"/staff/tasks/{item.id}"))

    assert 'name="judge__company_name"' in page and 'name="opinion__company_name"' in page
    assert "送出審核結果" in page and "暫存" in page


def test_colleagues_task_is_read_only(office: Office) -> None:
    case = office.start()
    item = office.claim(case, office.reviewer)

    page = text_of(office.login(office.second).get(f"/staff/tasks/{item.id}"))

    assert "由 陳冠宇 辦理中" in page and "送出審核結果" not in page


def test_approval_is_sent_and_ends_the_case(office: Office) -> None:
    case = office.start()
    url = f"/staff/tasks/{office.claim(case, office.reviewer).id}"
    client = office.login(office.reviewer)

    answer = client.post(url, data={**opened(client, url), "do": "send", "outcome": "approve"})

    assert answer.status_code == 303
    assert queries.case(db.session(), case.id).phase == "通過"
    assert "此頁只能檢視" in text_of(client.get(url))


def test_sending_the_same_page_twice_is_one_completion(office: Office) -> None:
    case = office.start()
    url = f"/staff/tasks/{office.claim(case, office.reviewer).id}"
    client = office.login(office.reviewer)
    data = {**opened(client, url), "do": "send", "outcome": "approve"}

    answers = [client.post(url, data=data).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert len([s for s in queries.submissions(db.session(), case.id) if s.node_id == "review_registration"]) == 1


def test_a_key_answers_for_its_own_task_only(office: Office) -> None:
    urls = [f"/staff/tasks/{office.claim(office.start(), office.reviewer).id}" for _ in range(2)]
    client = office.login(office.reviewer)
    one, other = ({**opened(client, url), "do": "send", "outcome": "approve"} for url in urls)

    client.post(urls[0], data=one)
    client.post(urls[1], data={**other, "command_key": one["command_key"]})

    assert [queries.get_item(db.session(), url.rpartition("/")[2]).status for url in urls] == ["done", "done"]


@pytest.mark.parametrize(("field", "status"), [("outcome", 422), ("tax_id", 303)])
def test_what_an_operation_refuses_is_said_and_the_review_is_kept(office: Office, monkeypatch: pytest.MonkeyPatch,
                                                                 field: str, status: int) -> None:
    def refuse(*_: object) -> None:
        raise InvalidInput({field: ["這家公司剛剛被別人核准"]})
    monkeypatch.setattr(vendors, "approve", refuse)
    url = f"/staff/tasks/{office.claim(office.start(), office.reviewer).id}"
    client = office.login(office.reviewer)

    answer = client.post(url, data={**opened(client, url), "do": "send", "outcome": "approve", "opinion": "資料齊備"})

    page = text_of(answer if status == 422 else client.get(url))
    assert answer.status_code == status and "這家公司剛剛被別人核准" in page and "資料齊備" in page
    assert db.session.query(Draft).one().values["opinion"] == "資料齊備"


def test_stale_page_is_told_and_changes_nothing(office: Office) -> None:
    case = office.start()
    item = office.claim(case, office.reviewer)
    url = f"/staff/tasks/{item.id}"
    client = office.login(office.reviewer)
    data = {**opened(client, url), "do": "send", "outcome": "approve", "version": str(item.version - 1)}

    page = text_of(client.post(url, data=data, follow=True))

    assert "q-note--bad" in page and office.item(case).id == item.id


def test_missing_outcome_is_refused_and_what_was_typed_is_kept(office: Office) -> None:
    case = office.start()
    item = office.claim(case, office.reviewer)
    url = f"/staff/tasks/{item.id}"
    client = office.login(office.reviewer)

    answer = client.post(url, data={**opened(client, url), "do": "send", "opinion": "<b>稍後補</b>",
                                    "judge__address": "revise", "opinion__address": "地址與登記不符"})

    page = text_of(answer)
    assert answer.status_code == 422 and "請選擇審核結果" in page and "<title>錯誤：" in page
    assert "地址與登記不符" in page and "<b>稍後補</b>" not in page
    assert db.session.query(Draft).one().values["opinion__address"] == "地址與登記不符"


def test_saving_keeps_a_draft_without_checking(office: Office) -> None:
    case = office.start()
    url = f"/staff/tasks/{office.claim(case, office.reviewer).id}"
    client = office.login(office.reviewer)

    client.post(url, data={**opened(client, url), "do": "save", "opinion__address": "門牌？"})
    background = client.post(f"{url}/draft", data={"opinion__address": "門牌號碼？"})

    assert text_of(background) == "已儲存 16:20"
    page = text_of(client.get(url))
    assert "門牌號碼？" in page and "已儲存 5月19日 16:20" in page


def test_draft_that_arrives_after_the_session_ended_is_kept(office: Office) -> None:
    case = office.start()
    url = f"/staff/tasks/{office.claim(case, office.reviewer).id}"
    client = office.login(office.reviewer)

    with clock.frozen(NOW + timedelta(hours=3)):
        answer = client.post(url, data={"do": "send", "version": "2", "command_key": "k", "opinion__address": "門牌？"})

    assert answer.status_code == 303 and "next=" in answer.location
    assert db.session.query(Draft).one().values["opinion__address"] == "門牌？"
    assert office.item(case).assignee_id == office.reviewer.id


def test_correction_round_shows_before_and_after(office: Office) -> None:
    case = office.start("晨禾雲端公司")
    office.send(case, office.reviewer, review("correct", marks=[
        {"field": "company_name", "label": "公司名稱", "opinion": "請填全名"}]))
    values = office.values_of(case) | {"company_name": "晨禾雲端股份有限公司"}
    office.send(case, office.vendor, values)
    item = office.claim(case, office.reviewer)

    client = office.login(office.reviewer)
    page, changes = (text_of(client.get(f"/staff/tasks/{item.id}{tab}")) for tab in ("", "?tab=changes"))

    assert "第 2 次送件" in page and "<ins>股份有限</ins>" in page
    assert "本次修改 1" in changes and "前一版" in changes


def test_approver_sees_the_reviewers_judgement_with_name_and_time(office: Office) -> None:
    case = office.start(listed=False)
    office.send(case, office.reviewer, review("approve", checked=["contact"]))
    item = office.claim(case, office.approver)

    page = text_of(office.login(office.approver).get(f"/staff/tasks/{item.id}"))

    assert "初審意見" in page and "陳冠宇" in page and "聯絡人資料合理" in page
    assert "統一編號" in page and 'name="agree"' in page


def test_person_who_reviewed_may_not_claim_the_final_decision(office: Office) -> None:
    case = office.start(listed=False)
    office.send(case, office.both, review("approve"))
    item = office.item(case)
    client = office.login(office.both)

    answer = client.post(f"/staff/tasks/{item.id}/claim", data={"version": item.version}, follow=True)

    page = text_of(answer)
    assert "q-note--bad" in page and "另一位" in page
    assert office.item(case).assignee_id is None


def test_checks_tab_shows_the_table_that_decided(office: Office) -> None:
    item = office.item(office.start(listed=False))

    page = text_of(office.login(office.reviewer).get(f"/staff/tasks/{item.id}?tab=checks"))

    assert "商業登記查核" in page and "查無資料" in page and "命中" in page


def test_company_names_cannot_bring_markup(office: Office) -> None:
    case = office.start("<script>alert(1)</script>股份有限公司")
    item = office.claim(case, office.reviewer)
    client = office.login(office.reviewer)

    pages = [text_of(client.get(url)) for url in ("/staff/queue", f"/staff/tasks/{item.id}", f"/staff/cases/{case.id}")]

    assert all("<script>alert" not in page and "&lt;script&gt;" in page for page in pages)


def test_unknown_task_is_not_found(office: Office) -> None:
    assert office.login(office.reviewer).get("/staff/tasks/no-such-item").status_code == 404
