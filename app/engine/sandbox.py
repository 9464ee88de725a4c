"""Checking untrusted diagrams in a child process with little memory, little time and no secrets.

``python -m app.engine.sandbox`` reads one JSON request from its input and writes one JSON answer. The
parent turns a crash, a timeout or a kill into a finding: a diagram that defeats the parser gets a sentence,
never a traceback (reliability.md §2).
"""

from __future__ import annotations

import base64
import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.engine.findings import ERROR, Change, Finding, Report
from app.engine.known import Known

MEMORY_BYTES = 512 * 1024 * 1024
SECONDS = 9                       # of wall clock; a caller answers within 10
CPU_SECONDS = 8
MAX_TOTAL_BYTES = 20_000_000
RECURSION = 6_000                 # the library parses a chain of n nodes about 9 n calls deep
log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]


def check_foreign(data: bytes, file: str, known: Known) -> Report:
    """Report on one diagram from anywhere."""
    answer = _ask({"task": "foreign", "files": {file: data}, "known": known}, file)
    return answer if isinstance(answer, Report) else _report(answer["report"])


def check_package(files: Mapping[str, bytes], key: str, known: Known) -> tuple[Report, bytes | None, dict[str, Any] | None]:
    """Report on a package; with it the specifications and the manifest when it may be published."""
    answer = _ask({"task": "package", "files": files, "key": key, "known": known}, f"bpmn/{key}/{key}.bpmn")
    if isinstance(answer, Report):
        return answer, None, None
    spec = answer["spec"]
    return _report(answer["report"]), None if spec is None else base64.b64decode(spec), answer["manifest"]


def _ask(request: dict[str, Any], file: str) -> Report | dict[str, Any]:
    files: Mapping[str, bytes] = request["files"]
    total = sum(map(len, files.values()))
    if total > MAX_TOTAL_BYTES:
        return _refused(file, "xml.size", f"檔案共 {total:,} 位元組，超過上限 {MAX_TOTAL_BYTES:,}。")
    message = json.dumps(request | {"files": {path: base64.b64encode(data).decode() for path, data in files.items()},
                                    "known": request["known"].as_dict()}).encode()
    try:
        done = subprocess.run([sys.executable, "-m", "app.engine.sandbox"], input=message, capture_output=True,
                              timeout=SECONDS, cwd=ROOT, env=_environment(), check=False)
    except subprocess.TimeoutExpired:
        return _refused(file, "sandbox.time", f"檢查超過 {SECONDS} 秒仍未完成，檔案內容可能使流程引擎無法結束；未予採用。")
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        log.error("check of %s ended with %s: %s", file, done.returncode, done.stderr[-2000:].decode(errors="replace"))
        return _refused(file, "sandbox.crash", _why(done.returncode))
    return answer


def _why(code: int) -> str:
    if code < 0:
        return f"檢查用掉的時間或記憶體超過上限（訊號 {-code}），未予採用。"
    return "檢查這個檔案時記憶體不足或程式中止，未予採用。"


def _environment() -> dict[str, str]:
    """No settings of the application: the child knows no key and no database. Nothing shuts it off the network."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1",
                   "PYTHONWARNINGS": "ignore"}


def _refused(file: str, rule: str, message: str) -> Report:
    return Report.refused(Finding(ERROR, None, rule, message, file))


def _report(data: Mapping[str, Any]) -> Report:
    return Report(data["opened"], data["runnable"], [Change(**change) for change in data["changes"]],
                  [Finding(**finding) for finding in data["findings"]])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    sys.setrecursionlimit(RECURSION)


def main() -> int:
    """Answer one request. Whatever goes wrong in here is the parent's finding."""
    from app.engine import examine

    _limit()                      # after the libraries, which are ours; before the files, which are not
    request = json.load(sys.stdin)
    files = {path: base64.b64decode(data) for path, data in request["files"].items()}
    known = Known.from_dict(request["known"])
    if request["task"] == "foreign":
        file, data = next(iter(files.items()))
        found = examine.foreign(data, file, known)
    else:
        found = examine.package(files, request["key"], known)
    json.dump({"report": found.report.as_dict() | {"changes": [_plain(c) for c in found.report.changes]},
               "spec": None if found.spec is None else base64.b64encode(found.spec).decode(),
               "manifest": found.manifest}, sys.stdout)
    return 0


def _plain(change: Change) -> dict[str, Any]:
    return {"element": change.element, "rule": change.rule, "message": change.message, "file": change.file,
            "weakens": change.weakens}


if __name__ == "__main__":
    sys.exit(main())
