"""Procedures as packages: check, publish as an immutable version, load for running. Files: ``packagefiles``."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version as library_version
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.engine import catalogue, sandbox, specs
from app.engine.findings import ERROR, Finding, Report, sort_findings
from app.engine.known import Known, KnownOperation
from app.engine.manifest import Flow, Manifest, Node
from app.engine.models import PackageFile, PackageVersion
from app.engine.packagefiles import digest, form_key, key_of, keys, read_folder
from app.engine.parser import Specs
from app.errors import DefinitionError, NotFound, Stale
from app.extensions import UnitOfWork
from app.rules import dmn

__all__ = ["FormsChecker", "LoadedPackage", "Prepared", "active", "check", "check_diagram", "deploy", "deploy_all",
           "digest", "export", "file", "find_version", "forget", "get", "key_of", "keys", "list_versions", "prepare",
           "read_folder", "unpublished"]

PREPARED_KEPT = 32

# Reads a form and answers the keys of its fields; raises DefinitionError. Injected by the doors,
# because this room may not import forms.
FormsChecker = Callable[[bytes, str], Collection[str]]


@dataclass(frozen=True, slots=True)
class LoadedPackage:
    """A published version, ready to run. Shared by all threads of a process; never changed."""

    id: int
    key: str
    version: int
    title: str
    specs: Specs
    manifest: Manifest
    decisions: Mapping[str, dmn.Decision]
    files: Mapping[str, bytes]

    @property
    def flows(self) -> Mapping[str, Flow]:
        return self.manifest["flows"]

    def node(self, node_id: str) -> Node:
        """Raises NotFound."""
        try:
            return self.manifest["nodes"][node_id]
        except KeyError:
            raise NotFound(f"流程「{self.title}」沒有節點 {node_id}。", code="package.node") from None

    def file(self, path: str) -> bytes:
        """A file of the version, byte for byte. Raises NotFound."""
        try:
            return self.files[path]
        except KeyError:
            raise NotFound(f"流程「{self.title}」沒有檔案 {path}。", code="package.file") from None

    @property
    def diagram(self) -> bytes:
        return self.file(self.manifest["diagram"])


@dataclass(frozen=True, slots=True)
class Prepared:
    """A package that was checked and not stored yet."""

    key: str
    sha256: str
    report: Report
    spec: bytes | None
    manifest: Manifest | None
    files: Mapping[str, bytes]


@dataclass(slots=True)
class _Caches:
    prepared: OrderedDict[tuple[str, str], Prepared] = field(default_factory=OrderedDict)
    loaded: WeakKeyDictionary[Engine, dict[int, LoadedPackage]] = field(default_factory=WeakKeyDictionary)


_caches = _Caches()


def forget() -> None:
    """Empty the caches; for tests that build a database again."""
    _caches.prepared.clear()
    _caches.loaded.clear()


# --- checking ------------------------------------------------------------------------------------

def check(files: Mapping[str, bytes], *, forms_checker: FormsChecker | None = None,
          roles: Collection[str] | None = None) -> Report:
    """Would this package be published? Nothing is stored.

    roles  lanes may stand for these; None = any
    """
    try:
        key = key_of(files)
    except DefinitionError as error:
        return Report.refused(Finding(ERROR, None, error.rule or error.code, error.message, ""))
    return prepare(files, key, forms_checker=forms_checker, roles=roles).report


def check_diagram(data: bytes, file: str) -> Report:
    """Open a diagram of any origin: may it be shown, may it be rehearsed, and with which changes."""
    return sandbox.check_foreign(data, file, Known(operations=_operations()))


def prepare(files: Mapping[str, bytes], key: str, *, forms_checker: FormsChecker | None = None,
            roles: Collection[str] | None = None) -> Prepared:
    """Check a package in the limited child process; remembered by content, so a second time costs nothing."""
    forms, findings = _forms(files, forms_checker)
    known = Known(_operations(), None if roles is None else sorted(roles), forms)
    sha = digest(files)
    remembered = (sha, hashlib.sha256(repr((key, known)).encode()).hexdigest())
    if remembered in _caches.prepared:
        return _caches.prepared[remembered]
    report, spec, manifest = sandbox.check_package(files, key, known)
    if findings:
        report = Report(report.opened, False, report.changes, sort_findings([*findings, *report.findings]))
    prepared = Prepared(key, sha, report, spec, cast("Manifest | None", manifest), dict(files))
    _caches.prepared[remembered] = prepared
    while len(_caches.prepared) > PREPARED_KEPT:
        _caches.prepared.popitem(last=False)
    return prepared


def _operations() -> dict[str, KnownOperation]:
    return {name: KnownOperation(sorted(operation.reads), sorted(operation.writes))
            for name, operation in catalogue.operations().items()}


def _forms(files: Mapping[str, bytes], checker: FormsChecker | None) -> tuple[dict[str, list[str]], list[Finding]]:
    fields: dict[str, list[str]] = {}
    findings: list[Finding] = []
    for path in sorted(path for path in files if path.endswith(".form")):
        fields[form_key(path)] = []
        if checker is None:
            continue
        try:
            fields[form_key(path)] = list(checker(files[path], path))
        except DefinitionError as error:
            findings.append(Finding(ERROR, error.element, error.rule or error.code, error.message,
                                    error.file or path))
    return fields, findings


# --- publishing ----------------------------------------------------------------------------------

def deploy(uow: UnitOfWork, files: Mapping[str, bytes], key: str | None = None, *,
           forms_checker: FormsChecker | None = None, roles: Collection[str] | None = None) -> PackageVersion:
    """Publish a package; new cases start on it.

    Writes  package_versions, package_files
    Raises  DefinitionError naming file, element and rule of the first error; Stale when the package was
            published for the first time by somebody else at this very moment
    Repeat  the same content returns the version that has it, made the active one again
    """
    key = key or key_of(files)
    uow.session.execute(select(PackageVersion.id).where(PackageVersion.key == key).order_by(PackageVersion.id)
                        .with_for_update(key_share=True))        # one publication of a package after the other
    existing = _stored(uow.session, key, files)
    if existing is not None:
        _activate(uow.session, existing)
        return existing
    prepared = prepare(files, key, forms_checker=forms_checker, roles=roles)
    if not prepared.report.runnable or prepared.spec is None or prepared.manifest is None:
        raise _refusal(prepared)
    return _store(uow, prepared, prepared.spec, prepared.manifest)


def deploy_all(uow: UnitOfWork, root: Path, *, forms_checker: FormsChecker | None = None,
               roles: Collection[str] | None = None) -> list[PackageVersion]:
    """Publish every package of a repository folder."""
    return [deploy(uow, read_folder(root, key), key, forms_checker=forms_checker, roles=roles)
            for key in keys(root)]


def unpublished(session: Session, root: Path) -> dict[str, dict[str, bytes]]:
    """Packages of a repository folder whose content was never published, as key → files."""
    found = {key: read_folder(root, key) for key in keys(root)}
    return {key: files for key, files in found.items() if _stored(session, key, files) is None}


def _stored(session: Session, key: str, files: Mapping[str, bytes]) -> PackageVersion | None:
    found: PackageVersion | None = session.scalar(select(PackageVersion).where(
        PackageVersion.key == key, PackageVersion.sha256 == digest(files)).order_by(PackageVersion.id).limit(1))
    return found


def _refusal(prepared: Prepared) -> DefinitionError:
    errors = prepared.report.errors
    first = errors[0]
    more = f"（另有 {len(errors) - 1} 項錯誤）" if len(errors) > 1 else ""
    return DefinitionError(f"{first.message}{more}", file=first.file, element=first.element, rule=first.rule,
                           findings=[finding.rule for finding in errors])


def _store(uow: UnitOfWork, prepared: Prepared, spec: bytes, manifest: Manifest) -> PackageVersion:
    session = uow.session
    last = session.scalar(select(func.max(PackageVersion.version)).where(PackageVersion.key == prepared.key)) or 0
    published = PackageVersion(
        key=prepared.key, version=last + 1, title=manifest["title"], sha256=prepared.sha256, is_active=False,
        spec=spec, manifest=dict(manifest), report=[dict(f) for f in prepared.report.as_dict()["findings"]],
        engine=library_version("spiffworkflow"), created_at=uow.now, created_by=uow.actor.name)
    session.add(published)
    try:
        session.flush()                       # the files and the activation need its id
    except IntegrityError as rival:
        raise Stale("這個流程剛由另一個人發布，請再試一次。", key=prepared.key, version=last + 1) from rival
    session.add_all(PackageFile(version_id=published.id, path=path, content=data,
                                sha256=hashlib.sha256(data).hexdigest())
                    for path, data in sorted(prepared.files.items()))
    _activate(session, published)
    _mark_fresh(uow, published.id)
    return published


def _activate(session: Session, chosen: PackageVersion) -> None:
    session.execute(update(PackageVersion).where(PackageVersion.key == chosen.key, PackageVersion.id != chosen.id,
                                                 PackageVersion.is_active).values(is_active=False))
    chosen.is_active = True
    session.flush()                           # so that ``active`` in the same command finds it


def _mark_fresh(uow: UnitOfWork, version_id: int) -> None:
    """Until the commit the id may still be rolled back and given to another package: do not cache it."""
    fresh: set[int] = uow.session.info.setdefault("fresh_packages", set())
    fresh.add(version_id)
    uow.after_commit.append(lambda: fresh.discard(version_id))


# --- reading -------------------------------------------------------------------------------------

def active(session: Session, key: str) -> PackageVersion:
    """The version new cases start on. Raises NotFound."""
    found: PackageVersion | None = session.scalar(
        select(PackageVersion).where(PackageVersion.key == key, PackageVersion.is_active))
    if found is None:
        raise NotFound(f"流程 {key} 尚未發布。", code="package.unknown")
    return found


def list_versions(session: Session, key: str | None = None) -> list[PackageVersion]:
    """All versions, newest first within a key."""
    query = select(PackageVersion).order_by(PackageVersion.key, PackageVersion.version.desc())
    return list(session.scalars(query if key is None else query.where(PackageVersion.key == key)))


def find_version(session: Session, key: str, number: int | None = None) -> PackageVersion:
    """A version by number, the active one without. Raises NotFound."""
    if number is None:
        return active(session, key)
    found: PackageVersion | None = session.scalar(
        select(PackageVersion).where(PackageVersion.key == key, PackageVersion.version == number))
    if found is None:
        raise NotFound(f"流程 {key} 沒有第 {number} 版。", code="package.unknown")
    return found


def get(session: Session, version_id: int) -> LoadedPackage:
    """A version ready to run; restored once a process (engine.md D10). Raises NotFound."""
    loaded = _caches.loaded.setdefault(cast("Engine", session.get_bind()), {})
    package = loaded.get(version_id)
    if package is None or version_id in session.info.get("fresh_packages", ()):
        package = _load(session, version_id)
        if version_id not in session.info.get("fresh_packages", ()):
            loaded[version_id] = package
    return package


def _load(session: Session, version_id: int) -> LoadedPackage:
    row = session.execute(
        select(PackageVersion.key, PackageVersion.version, PackageVersion.title, PackageVersion.spec,
               PackageVersion.manifest).where(PackageVersion.id == version_id)).one_or_none()
    if row is None:
        raise NotFound(code="package.unknown")
    files = dict(session.execute(select(PackageFile.path, PackageFile.content)
                                 .where(PackageFile.version_id == version_id)).all())
    manifest = cast("Manifest", row.manifest)
    decisions: dict[str, Any] = {}
    for path in sorted(set(manifest["decisions"].values())):
        decisions.update(dmn.load(files[path], path))
    return LoadedPackage(version_id, row.key, row.version, row.title, specs.load_specs(row.spec), manifest,
                         MappingProxyType(decisions), MappingProxyType(files))


def file(session: Session, version_id: int, path: str) -> bytes:
    """A file of a version, byte for byte. Raises NotFound."""
    content = session.scalar(select(PackageFile.content).where(PackageFile.version_id == version_id,
                                                               PackageFile.path == path))
    if content is None:
        raise NotFound(f"這個版本沒有檔案 {path}。", code="package.file")
    return content


def export(session: Session, version_id: int, folder: Path) -> list[Path]:
    """Write the files of a version below a folder, byte for byte; never outside it."""
    written = []
    for path, content in session.execute(select(PackageFile.path, PackageFile.content)
                                         .where(PackageFile.version_id == version_id)
                                         .order_by(PackageFile.path)):
        target = (folder / path).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise DefinitionError(f"檔案路徑 {path} 不在匯出的資料夾內。", file=path, rule="package.path")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        written.append(target)
    return written
