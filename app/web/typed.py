"""What people typed, said back to them: when a draft was kept, and what stood in a form that could not be taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import flash, request
from sqlalchemy.orm import Session

from app import clock, forms
from app.engine import packages
from app.errors import AppError
from app.forms.review import JUDGE, OPINION, REVISE
from app.forms.texts import DRAFT_TEXT

_MACHINES = frozenset(("version", "key", "command_key", "submission_key", "digest", "do", "action", "back", "csrf_token"))
_OTHERS = {"reason": "理由", "due_at": "新的時間", "account": "電子郵件或統一編號", "email": "電子郵件", "variables": "資料"}
_CUT = f"超過 {DRAFT_TEXT:,} 字的部分沒有保留"


def saved_words(at: datetime) -> str:
    """For the line beside the title: 已儲存 14:03, and what a draft does not hold."""
    return f"已儲存 {clock.taipei(at):%H:%M}" + (f"，{_CUT}" if _is_cut() else "")


def warn_of_cut() -> None:
    """For pages that are opened again after saving."""
    if _is_cut():
        flash(f"草稿已儲存，但{_CUT}。請刪減後再存一次。", "act")


def in_words(session: Session, fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Label and text of what was typed, in the words of the published forms; what only machines read is left out."""
    labels = _labels(session)
    found = []
    for key, text in fields:
        if key.startswith(JUDGE):
            key, text = key.removeprefix(JUDGE), "需修改" if text == REVISE else ""
        bare = key.removeprefix(OPINION)
        label = labels.get(bare) or ("" if bare in _MACHINES or bare.startswith("_") else bare)
        if label and text:
            found.append((f"「{label}」的審核意見" if key.startswith(OPINION) else label, text))
    return found


def _labels(session: Session) -> dict[str, str]:
    """Of every field of every form in use, by key. Some lack when nothing can be read: the page must come all the same."""
    labels = dict(_OTHERS)
    try:
        for version in packages.list_versions(session):
            if version.is_active:
                package = packages.get(session, version.id)
                for path in package.manifest["forms"].values():
                    labels |= {field.key: field.label for field in forms.load(package.file(path), path).fields()}
    except AppError:
        return labels
    return labels


def _is_cut() -> bool:
    return any(len(text) > DRAFT_TEXT for texts in request.form.listvalues() for text in texts)
