"""The one map from errors to pages. Unexpected faults show a reference code and nothing else."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app import audit, clock
from app.actor import Actor
from app.audit.tags import Tag
from app.errors import AppError, Forbidden, NotFound, TooMany
from app.extensions import db, limiter, unit_of_work
from app.web import session as visits
from app.web.frame import Frame
from app.web.guard import readable_path
from app.web.typed import in_words

log = logging.getLogger(__name__)
_SECRET_WORDS = ("password", "secret", "confirm", "csrf_token")
_ENTRANCES = ("public.login", "public.send_registration")
_AWAY_S = 30                 # when to ask again while the database is away, s
_SHOWN_AT_MOST = 20_000      # characters of a posted field shown again


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    text: str


_WORDS = {
    400: Words("這個要求不完整", "網址或表單內容無法辨識。請回到上一頁再試一次。"),
    403: Words("您的角色不能執行這個動作", "需要這項權限時，請洽貴單位的帳號管理者或軟體採購辦公室。"),
    404: Words("找不到這一頁", "網址可能打錯、頁面已移走，或您沒有檢視的權限。"),
    405: Words("這一頁不能這樣使用", "請從頁面上的按鈕或連結操作，不要直接重送網址。"),
    409: Words("目前不能執行這個動作", "資料已有變動。請回到上一頁重新整理後再試。"),
    413: Words("送出的內容太大", "整份表單連同檔案不可超過系統上限。請縮短文字或分次上傳檔案；先前的草稿仍然保留。"),
    422: Words("送出的內容需要修正", "有欄位不符合規定。請回到上一頁修正後再送出。"),
    429: Words("嘗試次數過多", "為了保護帳號安全，請稍後再試。"),
    500: Words("這一頁沒有處理成功", "您先前儲存的內容都已保留。請重新整理；仍有問題請提供代碼給客服。"),
    503: Words("系統暫時忙碌", "資料庫暫時沒有回應，已儲存的資料都沒有遺失。請稍候一分鐘再重新整理；"
               "送出的表單可以再送一次，不會重複辦理。仍有問題請提供代碼給客服。"),
}


def register(app: Flask) -> None:
    """Attach the handlers, most particular first."""
    app.register_error_handler(CSRFError, csrf_failed)
    app.register_error_handler(AppError, app_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(DBAPIError, database_away)
    app.register_error_handler(PoolTimeout, database_away)
    app.register_error_handler(Exception, unexpected)


def app_error(error: AppError) -> Response:
    """A fault people can be told about, in its own words. Refusals are written to the audit trail."""
    if isinstance(error, (Forbidden, NotFound)) and visits.current_user():
        _audit_refusal(error)
    db.session.rollback()
    known = _WORDS.get(error.status, _WORDS[500])
    title = known.title if error.status in (403, 404, 429) else _TITLES.get(error.code, known.title)
    response = page(error.status, title, error.message)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


_TITLES = {"state.stale": "這筆資料已有變動", "external.failure": "外部系統沒有回應"}


def http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    if error.code == 429:
        return _too_many()
    words = _WORDS.get(error.code or 500, _WORDS[400 if (error.code or 500) < 500 else 500])
    response = page(error.code or 500, words.title, words.text)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _too_many() -> Response:
    """The rate limit of a route: says when to come back."""
    limit = limiter.current_limit
    seconds = max(1, round(limit.reset_at - clock.now().timestamp())) if limit else 60
    response = page(429, _WORDS[429].title, f"為了保護帳號安全，請在 {max(1, round(seconds / 60))} 分鐘後再試。")
    response.headers["Retry-After"] = str(seconds)
    return response


def unexpected(error: Exception) -> Response:
    """A reference code for the caller, the fault for the log. The page needs neither database nor session."""
    return _fault(error, 500)


def database_away(error: SQLAlchemyError) -> Response:
    """The database does not answer, or let this transaction wait too long: it is rolled back, and later it may work."""
    if isinstance(error, DBAPIError) and not isinstance(error, OperationalError) and not error.connection_invalidated:
        return unexpected(error)
    response = _fault(error, 503)
    response.headers["Retry-After"] = str(_AWAY_S)
    return response


def _fault(error: Exception, status: int) -> Response:
    code = f"QL-{secrets.token_hex(3).upper()}"
    log.exception("fault %s (%d) at %s %s", code, status, request.method, request.path, exc_info=error)
    with suppress(SQLAlchemyError):
        db.session.rollback()
    words = _WORDS[status]
    g.fault = True              # nothing of the frame may be looked up now
    visitor = Frame(None, Actor(None, ""), clock.now())
    return make_response(render_template("web/errors/page.html", title=words.title, text=words.text, code=code,
                                         status=status, frame=visitor), status)


def csrf_failed(_error: CSRFError) -> Response:
    """The form's safety token no longer fits. What was typed is shown again, so that nothing is lost.

    The button to send it on appears only when the browser says that the form came from this very
    site; a form from elsewhere can thus never be carried through by one careless click.
    """
    if request.endpoint in _ENTRANCES and visits.current_user():
        return redirect(url_for("public.home"), 303)             # back to an old login page: one is in already
    fields = [(k, v[:_SHOWN_AT_MOST]) for k, values in request.form.lists() for v in values if not _is_secret(k)]
    own = request.headers.get("Sec-Fetch-Site") == "same-origin"
    secret = any(_is_secret(k) for k in request.form if k != "csrf_token")
    return make_response(render_template("web/errors/csrf.html", fields=fields, typed=in_words(db.session(), fields),
                                         may_resend=own and not secret, back=readable_path()), 400)


def page(status: int, title: str, text: str) -> Response:
    return make_response(render_template("web/errors/page.html", title=title, text=text, status=status, code=None), status)


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)


def _audit_refusal(error: AppError) -> None:
    """In a transaction of its own: the refused one is rolled back, the trace of it is not."""
    db.session.rollback()
    with unit_of_work(visits.current_actor()) as uow:
        audit.record(uow, Tag.ACCESS_DENIED, f"endpoint:{request.endpoint}"[:80],
                     after={"path": request.path[:200], "method": request.method, "reason": error.code})
