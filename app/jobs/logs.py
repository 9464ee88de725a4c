"""What background processes say, and to whom: warnings of everybody, news of our own."""

from __future__ import annotations

import logging


def set_up(process: str) -> None:
    logging.basicConfig(level=logging.WARNING, format=f"%(asctime)s {process} %(levelname)s %(message)s")
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
