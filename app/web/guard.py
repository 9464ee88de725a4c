"""Every route says who may use it: ``@guard("task.view")`` or ``@public_route``. A test holds that none forgets."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app import clock
from app.accounts import policy
from app.accounts.models import User
from app.web import session as visits

View = Callable[..., Any]


def guard(action: str, *, pending: bool = False, keeps_session: bool = True,
          on_lapsed: Callable[..., None] | None = None) -> Callable[[View], View]:
    """Ask for a login and for the role that ``action`` needs; the view asks again with the thing itself.

    pending        also open to a vendor whose registration is not approved
    keeps_session  False: the request does not start the 120 minutes again (background saving)
    on_lapsed      called with the account and the view's arguments when a form arrives after the session ended
    """
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = visits.current_user()
            if user is None:
                return _ask_to_log_in(on_lapsed, kwargs)
            if not pending and is_pending(user):
                return redirect(url_for("vendor.home"), 303)
            if keeps_session:
                visits.touch(clock.now())
            policy.require(visits.current_actor(), action)
            return view(*args, **kwargs)
        guarded.policy = action  # type: ignore[attr-defined]
        return guarded
    return decorate


def public_route(view: View) -> View:
    """Anybody may use this route, signed in or not."""
    view.policy = "public"  # type: ignore[attr-defined]
    return view


def is_pending(user: User) -> bool:
    """A vendor whose registration is not (or no longer) approved."""
    return user.organisation is not None and user.organisation.kind == "vendor" and not user.organisation.is_active


def _ask_to_log_in(on_lapsed: Callable[..., None] | None, kwargs: dict[str, Any]) -> Response:
    before = visits.lapsed_user()
    if before and on_lapsed and request.method == "POST":
        on_lapsed(before, **kwargs)
    if before:
        flash("登入時間已到，請重新登入。您的草稿都已保留。", "act")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else readable_path()
    return redirect(url_for("public.home", next=wanted), 303)


def readable_path() -> str | None:
    """The page that a form was sent from: its own address when that can be read, else none."""
    adapter = current_app.create_url_adapter(request)
    try:
        adapter and adapter.match(request.path, method="GET")
    except HTTPException:
        return visits.safe_next(request.form.get("back"))
    return request.path
