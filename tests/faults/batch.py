"""Runs ``tests.faults.runner`` or ``tests.faults.races`` in a process of its own and reads its report."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from app.config import ROOT, Config

Note = Callable[[str, object], None]


def seed() -> int:
    """A new one each time; QILIU_TEST_SEED tells an old story again."""
    return int(os.environ.get("QILIU_TEST_SEED") or secrets.randbelow(10**6))


def run(module: str, config: Config, note: Note, *, timeout_s: float, **options: object) -> dict[str, Any]:
    """The report of one batch; what is wrong fails the test, what was done is noted in the summary."""
    chosen = seed()
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    done = subprocess.run([sys.executable, "-m", f"tests.faults.{module}", "--seed", str(chosen), *arguments], cwd=ROOT,
                          env={**os.environ, **config.environ()}, capture_output=True, text=True, timeout=timeout_s,
                          check=False)
    lines = done.stdout.strip().splitlines()
    if not lines:
        raise AssertionError(f"seed {chosen}: {done.stderr[-4000:]}")
    report: dict[str, Any] = json.loads(lines[-1])
    wrong = report.pop("wrong")
    note("note", f"{module} {config.database_url.partition(':')[0]}: {json.dumps(report, ensure_ascii=False)}")
    assert not wrong, f"seed {chosen}\n" + "\n".join(wrong[:40])
    return report
