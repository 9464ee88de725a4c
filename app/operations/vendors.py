"""Operations of the registration review. Each is a line of the diagram; the rules stand below."""

from __future__ import annotations

from datetime import date, timedelta

from app.clock import taipei_date
from app.engine import queries as engine
from app.engine.catalogue import Context, operation
from app.errors import ExternalFailure, NotFound
from app.operations.letters import until, vendor_of, write_vendor
from app.procurement.vendors import commands, logic, queries, registry

REVIEW, CONFIRM, CORRECT = "review_registration", "confirm_registration", "correct_registration"
START = "start_received"


@operation("vendor.acknowledge", title="回覆收件並留存 PDF")
def acknowledge(ctx: Context) -> None:
    """Tell the company its data arrived, and have the PDF of what it sent made."""
    submission = engine.latest_submission(ctx.session, ctx.instance.id, [START, CORRECT])
    if submission is None:
        raise NotFound(case=ctx.instance.id)
    key = f"receipt:{ctx.instance.id}:{submission.id}"
    ctx.outbox("document", key, {
        "template": "templates/pdf/vendor_registration/receipt.html", "instance_id": ctx.instance.id,
        "submission_id": submission.id, "key": key, "name": f"註冊資料_{ctx.instance.business_key}.pdf",
        "kind": "receipt"})
    write_vendor(ctx, "vendor_registration/received")


@operation("vendor.check_duplicates", title="比對重複註冊", writes=("duplicate", "duplicate_note"), skippable=False)
def check_duplicates(ctx: Context) -> dict[str, object]:
    """Look for other companies with the same telling data."""
    vendor = vendor_of(ctx)
    shared = logic.shared_fields(vendor, queries.list_lookalikes(ctx.session, vendor))
    note = "；".join(f"{label}與「{name}」相同" for label, name in shared[:3])
    return {"duplicate": bool(shared), "duplicate_note": note or "未發現雷同的註冊資料"}


@operation("vendor.check_registry", title="查核商業登記", kind="async", writes=("registry", "registry_note"), skippable=False)
def check_registry(ctx: Context) -> dict[str, object]:
    """Compare with the business registry, asking twice at most; no answer is an answer (ADR 0002)."""
    vendor = vendor_of(ctx)
    tax_id, claimed = vendor.tax_id, {key: getattr(vendor, key) for key in logic.DATA_FIELDS}
    source = registry.open_registry(ctx.session)
    ctx.pause()
    for last in (False, True):
        try:
            verdict, note = registry.compare(claimed, source.lookup(tax_id))
            return {"registry": str(verdict), "registry_note": note}
        except ExternalFailure as failure:
            if last:
                return {"registry": "unavailable", "registry_note": failure.message}
    raise AssertionError("unreachable")


@operation("vendor.request_correction", title="請廠商修改", reads={"days": "期限（天）"}, writes=("answer_by",), skippable=False)
def request_correction(ctx: Context, days: int) -> dict[str, str]:
    """Ask for corrections. ``answer_by`` is the one deadline: of the letter, the task and the timer (17:00 that day)."""
    commands.request_correction(ctx, vendor_of(ctx))
    review, answer_by = ctx.values(REVIEW), taipei_date(ctx.now) + timedelta(days=days)
    write_vendor(ctx, "vendor_registration/correction", marks=review.get("marks", []),
                 opinion=review.get("opinion"), due=until(answer_by))
    return {"answer_by": answer_by.isoformat()}


@operation("vendor.remind", title="提醒廠商修改", reads={"answer_by": "回覆期限"})
def remind(ctx: Context, answer_by: str) -> None:
    write_vendor(ctx, "vendor_registration/reminder", due=until(date.fromisoformat(answer_by)))


@operation("vendor.apply_correction", title="更新註冊資料", skippable=False)
def apply_correction(ctx: Context) -> None:
    vendor = vendor_of(ctx)
    commands.apply_correction(ctx, vendor, ctx.values(CORRECT))
    ctx.instance.title = vendor.company_name


@operation("vendor.approve", title="核准註冊並通知", skippable=False)
def approve(ctx: Context) -> None:
    commands.approve(ctx, vendor_of(ctx))
    write_vendor(ctx, "vendor_registration/approved")


@operation("vendor.reject", title="駁回註冊並通知", skippable=False)
def reject(ctx: Context) -> None:
    reason = str(ctx.values(REVIEW).get("opinion") or "資料經審核不符規定")
    commands.reject(ctx, vendor_of(ctx), reason)
    write_vendor(ctx, "vendor_registration/rejected", reason=reason)


@operation("vendor.expire", title="逾期結案", skippable=False)
def expire(ctx: Context) -> None:
    commands.expire(ctx, vendor_of(ctx))
    write_vendor(ctx, "vendor_registration/expired")


@operation("vendor.withdraw", title="撤回註冊", skippable=False)
def withdraw(ctx: Context) -> None:
    commands.withdraw(ctx, vendor_of(ctx))
    write_vendor(ctx, "vendor_registration/withdrawn")
