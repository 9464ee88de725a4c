"""Demo tenders (public facts of [001] figure 15) and announcements (ours)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from app.procurement.announcements.models import Announcement
from app.procurement.tenders.models import Tender

CLOUD, PACKAGE = "雲端服務標", "套裝軟體標"

TENDERS = [
    (29, CLOUD, "1150202", "115年第二次電腦軟體共同供應契約採購-雲端服務(1150202)"),
    (28, CLOUD, "1140206", "114年第六次電腦軟體共同供應契約採購-雲端服務(1140206)"),
    (27, CLOUD, "1140202", "114年第二次電腦軟體共同供應契約採購-雲端服務(1140202)"),
    (26, CLOUD, "1130206", "113年第六次電腦軟體共同供應契約採購-雲端服務(1130206)"),
    (25, CLOUD, "1130202", "113年第二次電腦軟體共同供應契約採購-雲端服務(1130202)"),
    (24, CLOUD, "1120206", "112年第六次電腦軟體共同供應契約採購-雲端服務(1120206)"),
    (23, CLOUD, "1120202", "112年第二次電腦軟體共同供應契約採購-雲端服務(1120202)"),
    (22, CLOUD, "1110204", "111年第四次電腦軟體共同供應契約採購-雲端服務(1110204)"),
    (21, PACKAGE, "1150201", "115年第一次電腦軟體共同供應契約採購-套裝軟體(1150201)"),
    (20, PACKAGE, "1140204", "114年第四次電腦軟體共同供應契約採購-套裝軟體(1140204)"),
]

ANNOUNCEMENTS = [
    (2, "招標公告", "115年第二次電腦軟體共同供應契約採購-雲端服務（1150202）公開徵求，開始收件",
     ("本案公開徵求調查自公告日起開始收件。\n\n參與廠商請先完成註冊，經審核通過後登入系統，選擇標案並詳閱「公開徵求調查說明」與「品項填寫須知」，"
     "再進行品項輸入。\n\n收件截止時間以標案列表所載為準，逾時未送出的草稿將自動關閉。")),
    (5, "活動消息", "品項填寫線上說明會",
     "說明會以線上方式舉行，內容為廠商註冊、品項四個層級的填寫方式，以及申請文件的下載、用印與上傳。\n\n會後將提供簡報與問答整理。"),
    (9, "活動消息", "系統維護：週六 22:00 至翌日 02:00 暫停服務",
     "維護期間無法登入。已填寫的內容都會保留在草稿，維護後可以繼續填寫。"),
    (20, "產品異動公告", "雲端服務契約 3 項品項促銷調查結果",
     "經調查各立約商跟進意願，3 項品項自下月 1 日起適用促銷價，促銷期滿回復決標價。"),
]


def load_notices(session: Session, now: datetime) -> None:
    """Ten tenders, the newest one open for another 30 days, and four announcements of the last weeks."""
    for age, (number, kind, case, name) in enumerate(TENDERS):
        closes = now + timedelta(days=30 - 90 * age) if number != 21 else now - timedelta(days=40)
        session.add(Tender(number=number, kind=kind, case_number=case, name=name, opens_at=closes - timedelta(days=45),
                           closes_at=closes.replace(hour=9, minute=0, second=0, microsecond=0)))
    today: date = now.astimezone(UTC).date()
    for days, category, title, body in ANNOUNCEMENTS:
        session.add(Announcement(category=category, title=title, body=body, published_on=today - timedelta(days=days),
                                 closes_on=None, created_at=now))
