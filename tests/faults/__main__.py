"""``python -m tests.faults``: the long kill tests and races, as ``make chaos`` runs them. Options go to pytest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["-n", "2", "-q", "-rs", "-m", "chaos", str(Path(__file__).parent), *sys.argv[1:]]))
