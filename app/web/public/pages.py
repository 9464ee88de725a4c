"""Announcements, manuals and statements."""

from __future__ import annotations

from flask import render_template, request

from app import clock
from app.errors import NotFound
from app.extensions import db
from app.procurement.announcements import queries as announcements
from app.procurement.vendors import consent
from app.web.guard import public_route
from app.web.public import blueprint
from app.web.public.manuals import MANUALS


@blueprint.get("/announcements")
@public_route
def announcement_list() -> str:
    asked = request.args.get("category")
    category = asked if asked in announcements.CATEGORIES else None
    rows = announcements.current(db.session(), clock.today(), category=category)
    return render_template("web/public/announcements.html", announcements=rows, category=category,
                           categories=announcements.CATEGORIES)


@blueprint.get("/announcements/<int:announcement_id>")
@public_route
def announcement(announcement_id: int) -> str:
    row = announcements.get(db.session(), announcement_id, clock.today())
    return render_template("web/public/announcement.html", row=row)


@blueprint.get("/privacy")
@public_route
def privacy() -> str:
    return render_template("web/public/privacy.html", consent=consent)


@blueprint.get("/accessibility")
@public_route
def accessibility() -> str:
    return render_template("web/public/accessibility.html")


@blueprint.get("/manuals")
@public_route
def manuals() -> str:
    return render_template("web/public/manuals.html", manuals=MANUALS)


@blueprint.get("/manuals/<slug>")
@public_route
def manual(slug: str) -> str:
    found = next((m for m in MANUALS if m.slug == slug), None)
    if found is None:
        raise NotFound(manual=slug)
    return render_template("web/public/manual.html", manual=found)
