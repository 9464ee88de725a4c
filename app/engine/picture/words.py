"""Text in the picture: measured, wrapped (Chinese between any two characters, Latin between words), escaped."""

from __future__ import annotations

import re
import unicodedata
from html import escape

SIZE, SMALL, LINE = 14.0, 13.0, 17.0
_PIECES = re.compile(r"[A-Za-z0-9_.,:%/()+\-]+|\s+|.", re.DOTALL)
_NO_START = "，。、；：！？）」』】》〉%"          # never begin a line
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def width(text: str, size: float) -> float:
    """Rough width in pixels: full-width characters are square, others a little over half."""
    return sum(size if unicodedata.east_asian_width(c) in "WF" else size * 0.56 for c in text)


def wrap(text: str, room: float, size: float, most: int) -> list[str]:
    """At most ``most`` lines of at most ``room`` pixels, of about equal length; what does not fit ends in …"""
    lines = _lines(text, room, size)
    if len(lines) > most:
        last = lines[most - 1]
        while last and width(f"{last}…", size) > room:
            last = last[:-1]
        return [*lines[:most - 1], f"{last}…"]
    longest = max((width(piece, size) for piece in _PIECES.findall(text)), default=0.0)
    narrower = max(room / 2, size * 4, longest)
    while len(lines) > 1 and narrower < room:
        attempt = _lines(text, narrower, size)
        if len(attempt) == len(lines):
            return attempt
        narrower += size / 2
    return lines


def _lines(text: str, room: float, size: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _PIECES.findall(" ".join(_CONTROL.sub("", text).split())):
        for part in _cut(piece, room, size):
            if line and width(line + part, size) > room and part not in _NO_START:
                lines.append(line.strip())
                line = part.lstrip()
            else:
                line += part
    lines.append(line.strip())
    return [line for line in lines if line]


def _cut(piece: str, room: float, size: float) -> list[str]:
    """A Latin word longer than a whole line is cut."""
    if width(piece, size) <= room or len(piece) == 1:
        return [piece]
    step = max(1, int(room / (size * 0.56)))
    return [piece[i:i + step] for i in range(0, len(piece), step)]


def block(lines: list[str], x: float, y: float, css: str = "", size: float = SIZE, anchor: str = "middle") -> str:
    """Lines of text around a centre point."""
    if not lines:
        return ""
    top = y - (len(lines) - 1) * LINE / 2 + size * 0.36
    kind = f' class="{css}"' if css else ""
    spans = "".join(f'<tspan x="{number(x)}" y="{number(top + i * LINE)}">{escape(line)}</tspan>'
                    for i, line in enumerate(lines))
    return f'<text{kind} text-anchor="{anchor}">{spans}</text>'


def number(value: float) -> str:
    """Short and never in exponent form."""
    return f"{value:.1f}".removesuffix(".0")
