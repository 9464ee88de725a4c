"""主管看板: numbers that equal their lists, handing work on, and what went wrong."""

from __future__ import annotations

import re
from datetime import timedelta

from app.audit.queries import list_events
from app.extensions import db
from tests.web.staff.office import NOW, Office, review, text_of


def kpis(page: str) -> dict[str, int]:
    return {name: int(value.replace(",", "")) for name, value in
            re.findall(r"<dt>([^<]+)</dt><dd><a[^>]*>([\d,]+)<small>", page)}


def test_six_numbers_count_what_the_lists_show(office: Office) -> None:
    office.start("逾期有限公司", at=NOW - timedelta(days=20))
    office.claim(office.start("有人有限公司"), office.reviewer)
    office.send(office.start("完成有限公司"), office.reviewer, review())
    client = office.login(office.manager)

    page = text_of(client.get("/manage"))

    assert kpis(page) == {"進行中": 2, "逾期": 1, "3 個工作天內到期": 0, "最久一件": 20, "未指派": 1, "本週完成": 1}
    late = text_of(client.get("/manage?step=all&due=late"))
    assert "逾期有限公司" in late and "有人有限公司" not in late
    unassigned = text_of(client.get("/manage?step=all&person=none"))
    assert "逾期有限公司" in unassigned and "有人有限公司" not in unassigned


def test_strip_follows_the_process_and_leads_to_the_queue(office: Office) -> None:
    office.start("待審有限公司")
    client = office.login(office.manager)

    page = text_of(client.get("/manage"))

    strip = page[page.index('<ol class="q-heat">'):page.index("</ol>", page.index('<ol class="q-heat">'))]
    assert re.findall(r"<span>([^<]+)</span>", strip) == ["初審", "修改註冊資料", "核定"]
    assert "q-h1" in strip and "step=review_registration" in strip
    assert "沒有符合的案件" in text_of(client.get("/manage?step=confirm_registration"))


def test_diagram_carries_counts_that_lead_to_the_step(office: Office) -> None:
    office.start()

    page = text_of(office.login(office.manager).get("/manage"))

    picture = page[page.index('id="h-d"'):]
    assert "q-h1" in picture and "step=review_registration" in picture


def test_vendors_items_count_but_cannot_be_assigned(office: Office) -> None:
    case = office.start("補件有限公司")
    office.send(case, office.reviewer, review("correct", marks=[{"field": "address", "label": "公司地址", "opinion": "缺"}]))
    client = office.login(office.manager)

    page = text_of(client.get("/manage?step=correct_registration"))
    refused = client.post("/manage/assign", data={"item": office.item(case).id, "to": office.reviewer.id}, follow=True)

    assert "補件有限公司" in page and f'value="{office.item(case).id}"' not in page and kpis(page)["未指派"] == 0
    assert "由廠商辦理" in text_of(refused)


def test_bulk_reassign_hands_over_and_is_audited(office: Office) -> None:
    cases = [office.start(f"第{n}件有限公司") for n in range(3)]
    for case in cases:
        office.claim(case, office.reviewer)
    items = [office.item(case).id for case in cases[:2]]
    client = office.login(office.manager)

    page = text_of(client.post("/manage/assign", data={"item": items, "to": office.second.id, "back": "/manage?step=all"},
                               follow=True))

    assert "已將 2 件改派給 黃怡安。" in page
    assert [office.item(case).assignee for case in cases] == ["黃怡安", "黃怡安", "陳冠宇"]
    assert list_events(db.session(), action="task:assigned")[0].actor == "吳佩珊"


def test_items_can_go_back_to_the_pool(office: Office) -> None:
    case = office.start()
    office.claim(case, office.reviewer)

    page = text_of(office.login(office.manager).post("/manage/assign", data={"item": office.item(case).id, "to": "pool"},
                                                     follow=True))

    assert "已將 1 件放回待領。" in page and office.item(case).assignee_id is None


def test_work_goes_only_to_people_of_the_role(office: Office) -> None:
    case = office.start()
    client = office.login(office.manager)

    page = text_of(client.post("/manage/assign", data={"item": office.item(case).id, "to": office.approver.id},
                               follow=True))

    assert "蔡明哲 不是審核人員" in page and office.item(case).assignee_id is None
    assert "請先勾選要改派的案件" in text_of(client.post("/manage/assign", data={"to": "pool"}, follow=True))
    assert "請選擇要改派給誰" in text_of(client.post("/manage/assign", data={"item": office.item(case).id, "to": "x"},
                                                follow=True))


def test_final_decision_is_not_given_to_the_person_who_reviewed(office: Office) -> None:
    case = office.start(listed=False)
    office.send(case, office.both, review())
    client = office.login(office.manager)

    page = text_of(client.post("/manage/assign", data={"item": office.item(case).id, "to": office.both.id},
                               follow=True))

    assert "q-note--bad" in page and "另一位" in page
    assert office.item(case).assignee_id is None


def test_workload_names_the_busiest_first(office: Office) -> None:
    for n in range(2):
        office.claim(office.start(f"甲{n}有限公司"), office.second)
    office.claim(office.start("乙有限公司"), office.reviewer)

    page = text_of(office.login(office.manager).get("/manage"))

    load = page[page.index("每人工作量"):]
    assert load.index("黃怡安") < load.index("陳冠宇") and "最忙的人有 2 件，平均 1.5 件" in load


def test_empty_board_shows_zeros(office: Office) -> None:
    page = text_of(office.login(office.manager).get("/manage"))

    assert kpis(page)["進行中"] == 0 and "沒有符合的案件" in page


def test_board_is_for_managers(office: Office) -> None:
    client = office.login(office.reviewer)

    assert [client.get(path).status_code for path in ("/manage", "/manage/incidents")] == [403, 403]
    assert client.post("/manage/assign").status_code == 403


def test_all_procedures_can_be_shown_at_once(office: Office) -> None:
    office.start("全部有限公司")

    page = text_of(office.login(office.manager).get("/manage?package=all"))

    assert "全部有限公司" in page and "全部步驟" in page


def test_incident_list_is_calm_when_nothing_failed(office: Office) -> None:
    assert "沒有待處理的異常" in text_of(office.login(office.manager).get("/manage/incidents"))
