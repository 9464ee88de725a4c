"""Demo accounts of the office, one or more of each role. All invented."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Qiliu-demo-115!"  # noqa: S105  printed by `make run`, for demo accounts only


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    name: str
    title: str
    roles: tuple[str, ...]

    @property
    def email(self) -> str:
        return f"{self.login}@office.example"


REVIEWER = Person("reviewer", "陳冠宇", "審核人員", ("reviewer",))
REVIEWER_2 = Person("reviewer2", "李承恩", "審核人員", ("reviewer",))
REVIEWER_3 = Person("reviewer3", "黃怡安", "審核人員", ("reviewer",))
APPROVER = Person("approver", "蔡明哲", "核定人員", ("approver",))
APPROVER_2 = Person("approver2", "沈育瑄", "組長", ("approver", "reviewer"))
MANAGER = Person("manager", "吳佩珊", "主管", ("manager",))

STAFF = [
    REVIEWER, REVIEWER_2, REVIEWER_3, APPROVER, APPROVER_2, MANAGER,
    Person("tester", "張語彤", "檢測人員", ("tester",)),
    Person("finance", "鄭凱文", "財務人員", ("finance",)),
    Person("seal", "謝宜君", "機關用印人員", ("seal",)),
    Person("designer", "洪立群", "流程設計人員", ("designer",)),
    Person("admin", "馮書瑋", "系統管理者", ("admin",)),
]

#: What ``make run`` prints: role, whose account, and what to look at with it.
SHOWN = [
    ("廠商（已通過）", "chenping@vendor.example", "真平企業　郭雅筑"),
    ("廠商（待修改）", "qingtian@vendor.example", "青田系統整合　涂雅雯"),
    ("審核人員", REVIEWER.email, REVIEWER.name),
    ("核定人員", APPROVER.email, APPROVER.name),
    ("主管", MANAGER.email, MANAGER.name),
    ("流程設計人員", "designer@office.example", "洪立群"),
    ("系統管理者", "admin@office.example", "馮書瑋"),
]
