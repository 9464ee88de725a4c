"""Registration review, walked as drawn in ``bpmn/vendor_registration``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.accounts.models import User
from app.demo.companies import CHENHE, HEGUANG, QINGTIAN
from app.demo.story import judge
from app.engine import commands, queries
from app.engine.models import Draft, Event
from app.errors import Forbidden, InvalidInput, Stale, WrongState
from app.extensions import db, unit_of_work
from app.notify.models import Message
from tests.flows.driver import Flow

REVIEW, CORRECT, CONFIRM = "review_registration", "correct_registration", "confirm_registration"
ADDRESS = ("address", "公司地址", "與登記不符，請填寫登記地址。")


def test_a_matching_company_is_approved_by_one_person(flow: Flow) -> None:
    flow.registry_knows(CHENHE)
    flow.register(CHENHE)
    reviewer = flow.staff("reviewer")
    assert (flow.case.phase, flow.waits_at()) == ("審核中", [REVIEW])
    assert flow.decision()["outputs"] == {"route": "reviewer", "route_reason": "與商業登記相符"}

    flow.office_sends(REVIEW, reviewer, judge("approve"))

    assert (flow.case.status, flow.case.phase, flow.case.outcome) == ("done", "通過", "registration_approved")
    assert flow.vendor.state == "通過" and flow.vendor.organisation.is_active
    assert flow.letters() == ["received", "approved"]


def test_a_person_of_the_office_is_told_of_a_new_registration(flow: Flow) -> None:
    flow.staff("reviewer")

    flow.register(CHENHE)

    assert flow.letters() == ["received", "review_waiting"]


def test_what_was_sent_is_kept_as_a_pdf(flow: Flow) -> None:
    flow.register(CHENHE)

    [content] = flow.documents()

    text = PdfReader(BytesIO(content)).pages[0].extract_text()
    assert CHENHE.name in text and CHENHE.tax_id in text and flow.case.business_key in text


def test_a_company_unknown_to_the_registry_needs_a_second_person(flow: Flow) -> None:
    flow.register(CHENHE)
    reviewer, approver = flow.staff("reviewer"), flow.staff("approver", name="蔡明哲")
    flow.office_sends(REVIEW, reviewer, judge("approve"))
    assert flow.waits_at() == [CONFIRM]
    assert flow.decision()["outputs"]["route_reason"] == "查無商業登記"

    flow.office_sends(CONFIRM, approver, {"agree": "agree"})

    assert flow.case.outcome == "registration_approved"
    assert "confirm_waiting" in flow.letters()


@pytest.mark.parametrize(("other", "reason"), [
    ({"head_name": "某某某"}, "與商業登記不符"), ({"status": "解散"}, "與商業登記不符")])
def test_a_company_that_differs_from_the_registry_needs_a_second_person(flow: Flow, other: dict[str, str],
                                                                        reason: str) -> None:
    flow.registry_knows(CHENHE, **other)

    flow.register(CHENHE)

    assert flow.decision()["outputs"] == {"route": "approver", "route_reason": reason}


def test_a_company_with_another_ones_telephone_needs_a_second_person(flow: Flow) -> None:
    for company in (CHENHE, QINGTIAN):
        flow.registry_knows(company)
    flow.register(CHENHE)

    flow.register(QINGTIAN, contact_mobile=CHENHE.mobile)

    assert flow.decision()["outputs"] == {"route": "approver", "route_reason": "有重複註冊跡象"}


def test_the_reviewer_cannot_also_confirm(flow: Flow) -> None:
    flow.register(CHENHE)
    both = flow.staff("reviewer", "approver")
    flow.office_sends(REVIEW, both, judge("approve"))

    with pytest.raises(Forbidden) as refusal:
        flow.claim(CONFIRM, both)

    assert refusal.value.code == "task.separation"


def test_the_approver_can_send_a_case_back_to_review(flow: Flow) -> None:
    flow.register(CHENHE)
    reviewer, approver = flow.staff("reviewer"), flow.staff("approver")
    flow.office_sends(REVIEW, reviewer, judge("approve"))

    flow.office_sends(CONFIRM, approver, {"agree": "return", "reason": "請補查核依據。"})

    assert flow.waits_at() == [REVIEW]
    assert flow.letters()[-1] == "review_returned"


def test_a_company_corrects_and_is_reviewed_again(flow: Flow) -> None:
    flow.registry_knows(CHENHE)
    flow.register(CHENHE)
    reviewer = flow.staff("reviewer")
    flow.office_sends(REVIEW, reviewer, judge("correct", ADDRESS, opinion="其餘相符。"))
    assert (flow.case.phase, flow.vendor.state, flow.waits_at()) == ("註冊資料修改", "註冊資料修改", [CORRECT])
    assert not flow.vendor.organisation.is_active

    flow.sends(CORRECT, flow.contact(), CHENHE.values() | {"address": "臺北市中山區民生東路三段10號"})

    assert (flow.vendor.state, flow.vendor.address) == ("審核中", "臺北市中山區民生東路三段10號")
    assert flow.waits_at() == [REVIEW]
    assert flow.letters() == ["received", "correction", "received", "review_waiting"]
    assert len(flow.documents()) == 2


def test_a_company_that_does_not_answer_is_reminded_and_then_closed(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("correct", ADDRESS))

    flow.days(6.9)
    assert "reminder" not in flow.letters()
    flow.days(0.2)
    assert flow.letters()[-1] == "reminder" and flow.waits_at() == [CORRECT]
    flow.days(23.2)                                               # 115年6月18日 16:24
    assert flow.case.status == "running"
    flow.days(0.1)                                                # 18:48

    assert (flow.case.status, flow.case.phase, flow.vendor.state) == ("done", "逾期結案", "逾期結案")
    assert flow.letters()[-1] == "expired" and flow.letters().count("reminder") == 1


def test_letter_task_and_timer_name_the_same_deadline(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("correct", ADDRESS))

    due = flow.open_item(CORRECT).due_at
    [expiry] = [timer.due_at for timer in queries.timers(db.session(), flow.case_id) if timer.node_id == "correction_expired"]
    letter = db.session.query(Message).filter_by(template="vendor_registration/correction").one().body

    assert due == expiry == datetime(2026, 6, 18, 9, 0, tzinfo=UTC)
    assert "115年6月18日 17:00" in letter


def test_a_deadline_that_is_moved_moves_the_task_with_it(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("correct", ADDRESS))
    [timer] = [t for t in queries.timers(db.session(), flow.case_id) if t.node_id == "correction_expired"]
    later = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)

    with unit_of_work(flow.staff("manager"), now=flow.now) as uow:
        commands.reschedule_timer(uow, timer.id, later)

    db.session.rollback()
    assert flow.open_item(CORRECT).due_at == later


def test_a_company_is_rejected_with_the_reason(flow: Flow) -> None:
    flow.registry_knows(HEGUANG)
    flow.register(HEGUANG)

    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("reject", opinion="不是軟體業者。"))

    assert (flow.case.phase, flow.vendor.state, flow.vendor.decision_reason) == ("駁回", "駁回", "不是軟體業者。")
    assert flow.letters()[-1] == "rejected"


def test_a_rejected_company_applies_again_with_the_same_account(flow: Flow) -> None:
    flow.registry_knows(HEGUANG)
    first = flow.register(HEGUANG).business_key
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("reject", opinion="資料不全。"))

    flow.register_again(HEGUANG.values() | {"head_name": HEGUANG.head})

    assert flow.vendor.state == "審核中" and flow.case.business_key != first
    assert flow.waits_at() == [REVIEW]


def test_a_company_withdraws_before_the_review_starts(flow: Flow) -> None:
    flow.register(CHENHE)

    flow.withdraw(flow.contact())

    assert (flow.case.phase, flow.vendor.state) == ("撤回", "撤回")
    assert flow.waits_at() == [] and flow.letters()[-1] == "withdrawn"


def test_a_draft_goes_with_the_task_that_a_withdrawal_takes_away(flow: Flow) -> None:
    flow.register(CHENHE)
    with unit_of_work(flow.staff("reviewer"), now=flow.now) as uow:
        commands.save_draft(uow, flow.open_item(REVIEW).id, {"opinion": "待查"})

    flow.withdraw(flow.contact())

    assert not db.session.scalars(select(Draft)).all()


def test_a_company_cannot_withdraw_once_somebody_has_claimed_the_review(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.claim(REVIEW, flow.staff("reviewer"))

    with pytest.raises(WrongState):
        flow.withdraw(flow.contact())


def test_a_company_cannot_withdraw_after_a_first_review(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("correct", ADDRESS))
    flow.sends(CORRECT, flow.contact(), CHENHE.values())

    with pytest.raises(WrongState):
        flow.withdraw(flow.contact())


def test_a_known_tax_id_is_refused_at_its_field(flow: Flow) -> None:
    flow.register(CHENHE)

    with pytest.raises(InvalidInput) as refusal:
        flow.register(QINGTIAN, tax_id=CHENHE.tax_id)

    assert list(refusal.value.fields) == ["tax_id"] and "已註冊" in refusal.value.fields["tax_id"][0]


def test_a_known_address_is_refused_at_its_field(flow: Flow) -> None:
    flow.register(CHENHE)

    with pytest.raises(InvalidInput) as refusal:
        flow.register(QINGTIAN, contact_email=CHENHE.email.upper())

    assert list(refusal.value.fields) == ["contact_email"]


def test_a_second_click_does_not_send_twice(flow: Flow) -> None:
    flow.registry_knows(CHENHE)
    flow.register(CHENHE)
    reviewer = flow.staff("reviewer")
    item = flow.claim(REVIEW, reviewer)
    flow.sends(REVIEW, reviewer, judge("approve"), key="one-click")

    with unit_of_work(reviewer, now=flow.now) as uow:
        again = commands.complete(uow, item.id, judge("approve"), expected=item.version, command_key="one-click")

    assert again.replayed
    assert flow.letters().count("approved") == 1


def test_somebody_elses_task_cannot_be_sent(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.claim(REVIEW, flow.staff("reviewer"))

    with pytest.raises(Stale):
        flow.sends(REVIEW, flow.staff("reviewer", name="李承恩"), judge("approve"))


def test_the_deadline_is_five_working_days_at_five_in_the_afternoon(flow: Flow) -> None:
    flow.register(CHENHE)                                         # Tuesday 115年5月19日

    due = flow.open_item(REVIEW).due_at

    assert due is not None and due + timedelta(hours=8) == due.replace(day=26, hour=17)


def test_the_history_tells_the_case_in_order(flow: Flow) -> None:
    flow.registry_knows(CHENHE)
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("approve"))

    kinds = [event.kind for event in queries.history(db.session(), flow.case_id)]

    assert kinds[0] == "case.started" and kinds[-1] == "case.ended"
    assert kinds.index("decision.made") < kinds.index("task.opened") < kinds.index("task.claimed") < kinds.index("task.completed")


def test_nothing_is_left_undone(flow: Flow) -> None:
    flow.registry_knows(CHENHE)
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("approve"))

    assert flow.incidents() == [] and flow.dead_jobs() == 0


def test_a_correction_to_a_known_tax_id_is_refused_and_changes_nothing(flow: Flow) -> None:
    flow.register(QINGTIAN)
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("correct", ("tax_id", "統一編號", "請確認")))

    with pytest.raises(InvalidInput) as refusal:
        flow.sends(CORRECT, flow.contact(), CHENHE.values() | {"tax_id": QINGTIAN.tax_id})

    assert list(refusal.value.fields) == ["tax_id"]
    assert flow.waits_at() == [CORRECT] and flow.incidents() == []


def test_a_corrected_address_becomes_the_login(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("correct", ("contact_email", "電子郵件", "請用公司信箱")))

    flow.sends(CORRECT, flow.contact(), CHENHE.values() | {"contact_email": "new.contact@vendor.example"})

    assert db.session.query(User).filter_by(email="new.contact@vendor.example").one().name == CHENHE.contact
    assert flow.vendor.contact_email == "new.contact@vendor.example"


def test_a_corrected_name_becomes_the_title_of_the_case(flow: Flow) -> None:
    flow.register(CHENHE)
    flow.office_sends(REVIEW, flow.staff("reviewer"), judge("correct", ("company_name", "公司名稱", "請填全名")))

    flow.sends(CORRECT, flow.contact(), CHENHE.values() | {"company_name": "晨禾雲端服務股份有限公司"})

    assert flow.case.title == flow.open_item(REVIEW).title == "晨禾雲端服務股份有限公司"


def test_what_the_automatic_steps_found_out_is_kept_for_the_reviewer(flow: Flow) -> None:
    flow.register(CHENHE)

    found = [event.data["wrote"] for event in queries.history(db.session(), flow.case_id)
             if isinstance(event, Event) and (event.data or {}).get("wrote")]

    assert {"registry": "missing", "registry_note": "商業登記查無此統一編號"} in found
    assert {"duplicate": False, "duplicate_note": "未發現雷同的註冊資料"} in found
