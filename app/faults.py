"""Named points at which a test may kill the process, to prove that nothing is lost.

``QILIU_FAULT=name`` or ``name:3`` (the third passage) arms one point; unarmed, a passage costs
one comparison. A killed process gets SIGKILL: no handler, no flush, no clean-up, as in life.
"""

from __future__ import annotations

import os
import signal

_name, _, _count = os.environ.get("QILIU_FAULT", "").partition(":")
_left = int(_count or 1)


def arm(name: str, count: int = 1) -> None:
    """Arm a point in this process; an empty name disarms."""
    global _name, _left
    _name, _left = name, count


def fault_point(name: str) -> None:
    """Die here if the point is armed."""
    global _left
    if not _name or name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
