"""Every error code of the program is explained in ``docs/errors.md``."""

from __future__ import annotations

import re

from app.config import ROOT

CODE = re.compile(r'(?:\bcode(?:: str)? ?= ?|StepFault\()"([a-z_]+\.[a-z_.]+)"')


def test_every_error_code_is_documented() -> None:
    documented = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", (ROOT / "docs" / "errors.md").read_text()))

    used = {code for path in (ROOT / "app").rglob("*.py") for code in CODE.findall(path.read_text())}

    assert used - documented == set()
