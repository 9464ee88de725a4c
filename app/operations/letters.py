"""Letters of a case: a template of the pinned package, filled from the case, to a vendor or to a role."""

from __future__ import annotations

from datetime import date

from app import notify
from app.accounts import queries as accounts
from app.clock import roc_date, roc_datetime
from app.engine.catalogue import Context
from app.notify import Recipient
from app.procurement.vendors import queries as vendors
from app.procurement.vendors.models import Vendor


def vendor_of(ctx: Context) -> Vendor:
    """The vendor the case is about; its subject is ``vendor:<id>``."""
    return vendors.get_vendor(ctx.session, int((ctx.instance.subject or "").partition(":")[2]))


def until(day: date) -> str:
    """A deadline in a letter: the end of office hours of that day, as timers and tasks have it."""
    return f"{roc_date(day)} 17:00"


def facts(ctx: Context, vendor: Vendor) -> dict[str, object]:
    """What every letter of a registration may mention."""
    return {"number": ctx.instance.business_key, "company_name": vendor.company_name, "tax_id": vendor.tax_id,
            "contact_name": vendor.contact_name, "at": roc_datetime(ctx.now)}


def write_vendor(ctx: Context, template: str, **more: object) -> None:
    """A letter to the company: to every active account of its organisation."""
    vendor = vendor_of(ctx)
    for user in accounts.list_members(ctx.session, vendor.organisation_id):
        _send(ctx, template, Recipient(user.email, user.name, user.id), f"/vendor/cases/{ctx.instance.business_key}",
              {**facts(ctx, vendor), **more})


def write_role(ctx: Context, role: str, template: str, **more: object) -> None:
    """A letter to everybody who may take the work."""
    vendor = vendor_of(ctx)
    for user in accounts.list_by_role(ctx.session, role):
        _send(ctx, template, Recipient(user.email, user.name, user.id), f"/staff/cases/{ctx.instance.id}",
              {**facts(ctx, vendor), **more})


def _send(ctx: Context, template: str, to: Recipient, link: str, context: dict[str, object]) -> None:
    source = ctx.file(f"templates/mail/{template}.txt").decode()
    key = f"{template}:{ctx.task_id}:{to.user_id}"
    notify.send(ctx.session, source, template=template, to=to, context=context, key=key, now=ctx.now, link=link)
