"""What people type, made safe to keep: characters nobody can type are taken out, nothing else is."""

from __future__ import annotations

import re
import unicodedata

#: Control characters, surrogates, signs without width and the marks that turn the reading direction around.
_UNTYPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2060\u2028\u2029\u202a-\u202e\u2066-\u2069"
                      "\ufeff\ud800-\udfff\ufffe\uffff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\ufe58\ufe63\uff0d]")
_SPACES = re.compile(r"\s+")

#: Characters of one draft text and of a whole draft; above that the end is cut off.
DRAFT_TEXT, DRAFT_TOTAL = 100_000, 400_000


def clean(text: str, *, lines: bool = False) -> str:
    """Typed text without NUL, control characters and stray surrogates.

    lines   keep line breaks (as ``\\n``) and tabs; otherwise they become spaces
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = text.replace("\n", " ").replace("\t", " ")
    return _UNTYPED.sub("", text)


def narrow(text: str) -> str:
    """Full-width letters, digits and dashes as plain ones, without spaces: for numbers and codes."""
    return _SPACES.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text)))


def count(text: str) -> int:
    """Characters as a person counts them in this product: code points (domain-details.md C16)."""
    return len(text)
