"""程序: what is published, read-only: the diagram, the findings of its check, its files, its earlier versions."""

from __future__ import annotations

from flask import Response, render_template
from sqlalchemy import func, select

from app.engine import packages as published
from app.engine.models import RUNNING, PackageVersion, ProcessInstance
from app.errors import NotFound
from app.extensions import db
from app.web import nav
from app.web.guard import guard
from app.web.staff import blueprint, diagram

nav.add("staff", "程序", "staff.packages", "package.view", order=60, owns=("staff.package",))
_KINDS = {"bpmn": "流程圖", "dmn": "決策表", "form": "表單", "txt": "信件範本", "html": "文件範本", "css": "文件樣式"}


@blueprint.get("/packages")
@guard("package.view")
def packages() -> str:
    session = db.session()
    running = dict(session.execute(select(ProcessInstance.version_id, func.count()).where(ProcessInstance.status == RUNNING)
                                   .group_by(ProcessInstance.version_id)).all())
    versions = published.list_versions(session)
    current = [version for version in versions if version.is_active]
    totals = {v.key: sum(running.get(other.id, 0) for other in versions if other.key == v.key) for v in current}
    return render_template("web/staff/packages.html", packages=current, totals=totals,
                           counts={v.key: sum(other.key == v.key for other in versions) for v in current})


@blueprint.get("/packages/<int:version_id>")
@guard("package.view")
def package(version_id: int) -> str:
    session = db.session()
    version = session.get(PackageVersion, version_id)
    if version is None:
        raise NotFound(version=version_id)
    loaded = published.get(session, version_id)
    running = session.scalar(select(func.count()).where(ProcessInstance.version_id == version_id,
                                                        ProcessInstance.status == RUNNING))
    return render_template("web/staff/package.html", version=version, package=loaded, running=running,
                           picture=diagram.plain(loaded), files=[(path, kind_of(path), len(data))
                                                                 for path, data in sorted(loaded.files.items())],
                           versions=published.list_versions(session, version.key))


@blueprint.get("/packages/<int:version_id>/files/<path:path>")
@guard("package.view")
def package_file(version_id: int, path: str) -> Response:
    """A file of the version as plain text to keep; never shown as a page of ours."""
    data = published.file(db.session(), version_id, path)
    response = Response(data, mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename=path.rpartition("/")[2])
    return response


def kind_of(path: str) -> str:
    return _KINDS.get(path.rpartition(".")[2], "檔案")
