"""Files of cases, for those who may read them. Each reading is recorded."""

from __future__ import annotations

from flask import Blueprint, Response, request, send_file

from app import files
from app.accounts import policy
from app.engine.models import ProcessInstance
from app.extensions import unit_of_work
from app.web import session as visits
from app.web.guard import guard

blueprint = Blueprint("files", __name__)
_INLINE = frozenset(("application/pdf",))     # shown by the browser's own reader, which runs nothing of ours


@blueprint.get("/files/<int:file_id>")
@guard("file.view", pending=True)
def download(file_id: int) -> Response:
    """The file under a name of ours; a PDF may also be read in the browser (``?view=1``)."""
    with unit_of_work(visits.current_actor()) as uow:
        row = files.get_file(uow.session, file_id)
        policy.require(uow.actor, "file.view", row)
        stream = files.open_file(uow, row)
        case = uow.session.get(ProcessInstance, row.instance_id) if row.instance_id else None
        name = files.download_name(row.name, row.mime, prefix=case.business_key if case else "")
        mime = row.mime
    shown = mime in _INLINE and request.args.get("view") == "1"
    response = send_file(stream, mimetype=mime if mime in _SAFE else "application/octet-stream", as_attachment=not shown,
                         download_name=name, conditional=False, etag=False, max_age=None)
    response.headers["Cache-Control"] = "no-store"
    return response


_SAFE = _INLINE | {"image/png", "image/jpeg", "application/zip", "text/plain",
                   "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
