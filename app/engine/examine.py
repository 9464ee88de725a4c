"""The whole check of a package as one pure function: bytes in, report, specifications and manifest out.

It runs in a limited child process for anything a person uploads (``sandbox``), because the files are not
trusted until this has answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from app.engine import bpmn, manifest, normalise, parser, specs, xmlsafe
from app.engine import lint as lint_room
from app.engine.bpmn import Element
from app.engine.findings import ERROR, WARNING, Change, Finding, Report, sort_findings
from app.engine.known import DecisionTable, Known
from app.engine.manifest import Manifest
from app.engine.packagefiles import form_key
from app.errors import DefinitionError
from app.rules import dmn


@dataclass(frozen=True, slots=True)
class Examination:
    """``spec`` and ``manifest`` are there only when the package may be published."""

    report: Report
    spec: bytes | None = None
    manifest: Manifest | None = None


@dataclass(slots=True)
class _Notes:
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, error: DefinitionError, file: str) -> None:
        self.findings.append(Finding(ERROR, error.element, error.rule or error.code, error.message,
                                     error.file or file))

    @property
    def failed(self) -> bool:
        return any(finding.is_error for finding in self.findings)


def foreign(data: bytes, file: str, known: Known) -> Examination:
    """Open a diagram from anywhere: may it be shown, may it be rehearsed, and what had to be changed for that."""
    notes = _Notes()
    root = _read(data, file, notes)
    if root is None:
        return Examination(Report(False, False, [], notes.findings))
    run = _normalised({file: root}, known, notes, rehearsal=True)
    notes.findings += lint_room.check(run, known, house=False)
    names = [bpmn.ident(process) for process in bpmn.processes(run[file])]
    if not names and not notes.failed:
        notes.findings.append(Finding(ERROR, None, "process.none", "檔案裡沒有可執行的流程。", file))
    if not notes.failed:
        for name in names:
            _specify(run, name, notes)
    return Examination(_report(notes))


def package(files: Mapping[str, bytes], key: str, known: Known) -> Examination:
    """Check the files of one procedure for publication; nothing in the diagram may be weakened."""
    notes = _Notes()
    roots = {path: _read(data, path, notes) for path, data in sorted(files.items()) if path.endswith(".bpmn")}
    opened = {path: root for path, root in roots.items() if root is not None}
    if not roots:
        notes.findings.append(Finding(ERROR, None, "package.diagram", f"缺少流程圖 bpmn/{key}/{key}.bpmn。", ""))
    if len(opened) < len(roots) or not roots:
        return Examination(Report(False, False, [], notes.findings))
    tables, paths = _decisions(files, notes)
    known = known.with_tables(tables)
    run = _normalised(opened, known, notes, rehearsal=False)
    notes.findings += [_as_refusal(change) for change in notes.changes]
    notes.findings += lint_room.check(run, known, house=True, main=key)
    spec = None if notes.failed else _specify(run, key, notes)
    if spec is None or notes.failed:
        return Examination(_report(notes))
    forms = {form_key(path): path for path in files if path.endswith(".form")}
    return Examination(_report(notes), spec,
                       manifest.build(run, key, forms=forms, decisions=paths, files=list(files)))


def _read(data: bytes, file: str, notes: _Notes) -> Element | None:
    try:
        root = xmlsafe.parse(data, file)
        normalise.check_document(root, file)
    except DefinitionError as error:
        notes.refuse(error, file)
        return None
    return root


def _normalised(roots: Mapping[str, Element], known: Known, notes: _Notes, *, rehearsal: bool) -> dict[str, Element]:
    run = {file: deepcopy(root) for file, root in roots.items()}
    called = {bpmn.ident(process) for root in run.values() for process in bpmn.processes(root)}
    for file, root in run.items():
        notes.changes += normalise.normalise(root, file, known, called, rehearsal=rehearsal)
    return run


def _decisions(files: Mapping[str, bytes], notes: _Notes) -> tuple[dict[str, DecisionTable], dict[str, str]]:
    tables: dict[str, DecisionTable] = {}
    paths: dict[str, str] = {}
    for path, data in sorted(files.items()):
        if not path.endswith(".dmn"):
            continue
        try:
            for name, decision in dmn.load(data, path).items():
                tables[name], paths[name] = DecisionTable.of(decision), path
                notes.findings += [Finding(ERROR if found.severity == ERROR else WARNING, name,
                                           found.rule_id, found.message, path)
                                   for found in dmn.check(decision)]
        except DefinitionError as error:
            notes.refuse(error, path)
    return tables, paths


def _as_refusal(change: Change) -> Finding:
    """A weakening change is an error at publication; a faithful one is worth a warning."""
    if change.weakens:
        return Finding(ERROR, change.element, change.rule, f"{change.message}發布前請在圖上改正。", change.file)
    return Finding(WARNING, change.element, change.rule, change.message, change.file)


def _specify(run: Mapping[str, Element], process: str, notes: _Notes) -> bytes | None:
    """Parse, write, read again and unfold once: what the runtime will do, before anybody depends on it."""
    try:
        spec, subprocesses = parser.parse_specs(run, process)
        data = specs.dump_specs(spec, dict(subprocesses))
        specs.load_specs(data)
        return data
    except DefinitionError as error:
        notes.refuse(error, next(iter(run)))
    except RecursionError:
        notes.findings.append(Finding(ERROR, process, "engine.depth", "流程太長，請將部分步驟移到子流程。",
                                      next(iter(run))))
    return None


def _report(notes: _Notes) -> Report:
    return Report(True, not notes.failed, notes.changes, sort_findings(notes.findings))
