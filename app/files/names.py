"""File names: what people gave is kept for display only, cleaned; what they get is made by us."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 120
EXTENSIONS = {
    "application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "text/plain": ".txt", "text/csv": ".csv",
    "application/zip": ".zip", "application/json": ".json", "image/svg+xml": ".svg",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)      # Windows device names


def clean_name(name: str) -> str:
    """A name that is safe to show and to save: no path, no control or direction signs, ≤ 120 characters, ending kept."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(". ")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[:MAX_NAME - 1 - len(ending)]}.{ending}" if dot and stem and len(ending) <= 10 else name[:MAX_NAME]
    return name or "檔案"


def download_name(name: str, mime: str, *, prefix: str = "") -> str:
    """``<prefix>_<name>.<ending>``: the ending follows the stored type, not what the name claims.

    prefix   usually the case's number, e.g. ``R-1151121-001``
    """
    ending = EXTENSIONS.get(mime, ".bin")
    stem = clean_name(name)
    stem = stem.rpartition(".")[0] or stem if "." in stem[-11:] else stem
    return clean_name(f"{prefix}_{stem}{ending}" if prefix else f"{stem}{ending}")
