"""Names of what is recorded: ``subject:verb`` or ``subject:verb:detail``.

Rooms and operations may use further names of the same pattern; those that more than one room
uses, or that a person looks for, stand here with the words a person reads.
"""

from __future__ import annotations

import re
from enum import StrEnum

PATTERN = re.compile(r"[a-z_]+(:[a-z_]+){1,2}")
MAX_LENGTH = 60


class Tag(StrEnum):
    ACCOUNT_CREATED = "account:created"
    ACCOUNT_LOGIN = "account:login:ok"
    ACCOUNT_LOGIN_FAILED = "account:login:failed"
    ACCOUNT_LOGOUT = "account:logout"
    ACCOUNT_LOCKED = "account:locked"
    ACCOUNT_CONSENT = "account:consent"
    ACCOUNT_EMAIL = "account:email:changed"
    PASSWORD_CHANGED = "account:password:changed"    # noqa: S105 - a name
    RESET_REQUESTED = "account:reset:requested"
    RESET_USED = "account:reset:used"
    ORGANISATION_CREATED = "organisation:created"
    ORGANISATION_OPENED = "organisation:opened"
    ORGANISATION_CLOSED = "organisation:closed"
    ACCESS_DENIED = "access:denied"
    CASE_STARTED = "case:started"
    CASE_WITHDRAWN = "case:withdrawn"
    CASE_CANCELLED = "case:cancelled"
    TASK_COMPLETED = "task:completed"
    TASK_ASSIGNED = "task:assigned"
    INCIDENT_RETRIED = "incident:retried"
    INCIDENT_SKIPPED = "incident:skipped"
    TIMER_RESCHEDULED = "timer:rescheduled"
    PACKAGE_DEPLOYED = "package:deployed"
    FILE_ADDED = "file:added"
    FILE_READ = "file:read"
    MESSAGE_SENT = "message:sent"
    OUTBOX_RETRIED = "outbox:retried"
    VENDOR_REGISTERED = "vendor:registered"
    VENDOR_CHANGED = "vendor:data:changed"
    VENDOR_STATE = "vendor:state:changed"


_TITLES: dict[str, str] = {
    Tag.ACCOUNT_CREATED: "建立帳號", Tag.ACCOUNT_LOGIN: "登入", Tag.ACCOUNT_LOGIN_FAILED: "登入失敗",
    Tag.ACCOUNT_LOGOUT: "登出", Tag.ACCOUNT_LOCKED: "帳號鎖定", Tag.ACCOUNT_CONSENT: "同意條款",
    Tag.ACCOUNT_EMAIL: "變更帳號電子郵件",
    Tag.PASSWORD_CHANGED: "變更密碼", Tag.RESET_REQUESTED: "申請重設密碼", Tag.RESET_USED: "以連結重設密碼",
    Tag.ORGANISATION_CREATED: "建立組織", Tag.ORGANISATION_OPENED: "啟用組織", Tag.ORGANISATION_CLOSED: "停用組織",
    Tag.ACCESS_DENIED: "拒絕存取", Tag.CASE_STARTED: "案件開始", Tag.CASE_WITHDRAWN: "撤回案件",
    Tag.CASE_CANCELLED: "取消案件", Tag.TASK_COMPLETED: "完成工作", Tag.TASK_ASSIGNED: "指派工作",
    Tag.INCIDENT_RETRIED: "重試異常", Tag.INCIDENT_SKIPPED: "略過異常", Tag.TIMER_RESCHEDULED: "變更時限",
    Tag.PACKAGE_DEPLOYED: "發布流程", Tag.FILE_ADDED: "存入檔案", Tag.FILE_READ: "讀取檔案", Tag.MESSAGE_SENT: "送出郵件",
    Tag.OUTBOX_RETRIED: "重送背景工作", Tag.VENDOR_REGISTERED: "廠商註冊", Tag.VENDOR_CHANGED: "變更廠商資料",
    Tag.VENDOR_STATE: "廠商狀態變更",
}


def title(action: str) -> str:
    """The words for an action; an unknown one is shown as it is."""
    return _TITLES.get(action, action)
