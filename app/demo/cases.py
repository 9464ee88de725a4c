"""The demo cases, one function each: what happened, on which day of the last sixty."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.demo import companies as c
from app.demo import people as p
from app.demo.companies import Company
from app.demo.story import CONFIRM, CORRECT, REVIEW, Story, judge

ADDRESS = ("address", "公司地址", "與商業登記不符，請填寫登記地址或先辦理變更登記。")
PHONE = ("contact_phone", "聯絡人電話", "電話無法接通，請確認號碼與分機。")
TITLE = ("contact_title", "聯絡人職稱", "請填寫完整職稱。")


def approved(story: Story, company: Company, day: float, reviewer: p.Person) -> None:
    """Reviewed and let in by one person, as the table allows when everything matches."""
    case, _ = story.register(company, day)
    story.send(case, REVIEW, story.person(reviewer), judge("approve"), day + 1.2)


def corrected_then_approved(story: Story) -> None:
    """Two fields corrected in one round."""
    case, contact = story.register(c.CHENHE, 20)
    story.send(case, REVIEW, story.person(p.REVIEWER), judge("correct", PHONE, TITLE, opinion="其餘資料相符。"), 22)
    story.send(case, CORRECT, contact, c.CHENHE.values() | {"contact_phone": "02-5550-0175#12"}, 24)
    story.send(case, REVIEW, story.person(p.REVIEWER), judge("approve"), 25.1)


def confirmed_by_a_second_person(story: Story) -> None:
    """The registry knows another head; the approver agreed after the change of registration was shown."""
    case, _ = story.register(c.HEGUANG, 30)
    story.send(case, REVIEW, story.person(p.REVIEWER_2), judge("approve", opinion="已電話確認負責人變更登記中。"), 32)
    story.send(case, CONFIRM, story.person(p.APPROVER), {"agree": "agree"}, 33.3)


def rejected(story: Story) -> None:
    """A dissolved company."""
    case, _ = story.register(c.LANHAI, 33)
    story.send(case, REVIEW, story.person(p.REVIEWER), judge("reject", opinion="該公司已辦理解散登記。"), 34)
    story.send(case, CONFIRM, story.person(p.APPROVER_2), {"agree": "agree"}, 35.1)


def expired(story: Story) -> None:
    """Nobody answered: reminded after seven days, closed after thirty."""
    case, _ = story.register(c.SHANLAN, 10)
    story.send(case, REVIEW, story.person(p.REVIEWER_2), judge("correct", ADDRESS), 12)
    story.wait(case, 19.1)
    story.wait(case, 43.1)


def withdrawn(story: Story) -> None:
    case, contact = story.register(c.MUYUN, 40)
    story.withdraw(case, contact, 40.1)


def cancelled(story: Story) -> None:
    """The office stopped the case: the company had sent another one's papers."""
    case, _ = story.register(c.TIANQIAO, 44)
    story.cancel(case, story.person(p.MANAGER), "誤送他公司資料，經電話確認取消。", 45)


def being_corrected(story: Story) -> None:
    """Waits for the company, which has been reminded once."""
    case, _ = story.register(c.QINGTIAN, 48)
    story.send(case, REVIEW, story.person(p.REVIEWER), judge("correct", ADDRESS, PHONE, opinion="請一併確認聯絡資料。"), 50)
    story.wait(case, 57.1)


def waits_for_confirmation(story: Story) -> None:
    """Unknown to the registry: a second person decides."""
    case, _ = story.register(c.BEIDOU, 55)
    story.send(case, REVIEW, story.person(p.REVIEWER_3), judge("approve", opinion="已查得新設立登記公文。"), 57)


def reviewed_again(story: Story) -> None:
    """Corrected and back in the pool, with a before and an after to look at."""
    case, contact = story.register(c.CHENGSHI, 52)
    story.send(case, REVIEW, story.person(p.REVIEWER_2), judge("correct", TITLE), 54)
    story.send(case, CORRECT, contact, c.CHENGSHI.values() | {"contact_title": "行政部專員"}, 58.5)


def claimed(story: Story) -> None:
    case, _ = story.register(c.HANCHUAN, 51)
    story.claim(case, REVIEW, story.person(p.REVIEWER), 53)


def waiting_in_the_pool(story: Story) -> None:
    story.register(c.YUANLING, 59.3)


CASES: list[Callable[[Story], None]] = [
    *(partial(approved, company=company, day=2 + 3 * i, reviewer=(p.REVIEWER, p.REVIEWER_2, p.REVIEWER_3)[i % 3])
      for i, company in enumerate(c.PUBLISHERS)),
    corrected_then_approved, confirmed_by_a_second_person, rejected, expired, withdrawn, cancelled, being_corrected,
    waits_for_confirmation, reviewed_again, claimed, waiting_in_the_pool,
]
