"""Pattern text to a tree, and to the text that Python's ``re`` gets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.rules.errors import FeelError, FeelLimit
from app.rules.patterns.charset import (
    ANY,
    BLANKS,
    DIGITS,
    LINE_ENDS,
    WORD,
    Charset,
    as_class,
    both_cases,
    complement,
    joined,
)

MAX_DEPTH = 10
MAX_REPEAT = 1000
_COUNT = re.compile(r"\{(\d{1,6})(?:(,)(\d{1,6})?)?\}", re.ASCII)
_CLASSES = {"d": DIGITS, "w": WORD, "s": BLANKS, "D": complement(DIGITS), "W": complement(WORD),
            "S": complement(BLANKS)}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_PUNCTUATION = frozenset(r"\|.?*+(){}[]^$-/,:;=!@#%&'~`<> " + '"')


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    charset: Charset


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place, no character: ``^``, ``$``, ``b``, ``B``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``most`` is None when there is no upper bound."""

    body: Part
    least: int
    most: int | None


Part = Chars | Anchor | Sequence | Choice | Repeat


def parse_pattern(pattern: str, flags: str) -> tuple[Part, str]:
    """The tree and the rewritten pattern. Raises FeelError for what cannot be read."""
    parser = _Parser(pattern, flags)
    tree, rewritten = parser.choice(0)
    if parser.index < len(pattern):
        raise parser.fault("多了一個「)」")
    return tree, rewritten


class _Parser:
    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern, self.index = pattern, 0
        self.ignores_case, self.spans_lines = "i" in flags, "s" in flags
        self.by_lines, self.free = "m" in flags, "x" in flags

    def fault(self, sentence: str) -> FeelError:
        return FeelError(f"樣式第 {self.index + 1} 個字：{sentence}。")

    def peek(self) -> str:
        return self.pattern[self.index:self.index + 1]

    def choice(self, depth: int) -> tuple[Part, str]:
        if depth > MAX_DEPTH:
            raise FeelLimit("樣式的層數太多。")
        branches, texts = [], []
        while True:
            part, text = self._sequence(depth)
            branches.append(part)
            texts.append(text)
            if self.peek() != "|":
                break
            self.index += 1
        return (branches[0] if len(branches) == 1 else Choice(tuple(branches))), "|".join(texts)

    def _sequence(self, depth: int) -> tuple[Part, str]:
        parts, texts = [], []
        while self.peek() not in ("", "|", ")"):
            if self.free and self.peek().isspace():
                self.index += 1
                continue
            part, text = self._repeated(*self._atom(depth))
            parts.append(part)
            texts.append(text)
        return Sequence(tuple(parts)), "".join(texts)

    def _atom(self, depth: int) -> tuple[Part, str]:
        sign = self.peek()
        self.index += 1
        if sign == "(":
            return self._group(depth)
        if sign == "[":
            return self._chars(self._bracketed())
        if sign == "\\":
            return self._escape()
        if sign == ".":
            return Chars(ANY if self.spans_lines else complement(LINE_ENDS)), "."
        if sign == "^":
            return Anchor("^"), "^" if self.by_lines else r"\A"
        if sign == "$":
            return Anchor("$"), "$" if self.by_lines else r"\Z"
        if sign in "*+?{}])":
            self.index -= 1
            raise self.fault(f"「{sign}」前面沒有可以重複的內容" if sign in "*+?{" else f"多了一個「{sign}」")
        return self._chars(((ord(sign), ord(sign)),))

    def _chars(self, charset: Charset) -> tuple[Part, str]:
        return Chars(both_cases(charset) if self.ignores_case else charset), as_class(charset)

    def _group(self, depth: int) -> tuple[Part, str]:
        opening = "("
        if self.peek() == "?":
            if self.pattern[self.index:self.index + 2] != "?:":
                raise self.fault("只支援 (…) 與 (?:…) 兩種群組")
            self.index += 2
            opening = "(?:"
        inner, text = self.choice(depth + 1)
        if self.peek() != ")":
            raise self.fault("少了一個「)」")
        self.index += 1
        return inner, f"{opening}{text})"

    def _escape(self) -> tuple[Part, str]:
        mark = self.peek()
        if mark in ("b", "B"):
            self.index += 1
            return Anchor(mark), "\\" + mark
        return self._chars(self._escaped())

    def _escaped(self) -> Charset:
        """The set meant by what follows a backslash."""
        mark = self.peek()
        self.index += 1
        if mark in _CLASSES:
            return _CLASSES[mark]
        if mark == "u":
            digits = self.pattern[self.index:self.index + 4]
            if re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                self.index += 4
                return ((int(digits, 16), int(digits, 16)),)
        character = _CONTROLS.get(mark, mark if mark in _PUNCTUATION else "")
        if not character:
            raise self.fault(f"不支援「\\{mark}」")
        return ((ord(character), ord(character)),)

    def _bracketed(self) -> Charset:
        """The set after ``[``."""
        negated = self.peek() == "^"
        self.index += negated
        sets: list[Charset] = []
        while self.peek() != "]" or not sets:
            low = self._member()
            if self.peek() == "-" and self.pattern[self.index + 1:self.index + 2] not in ("]", ""):
                self.index += 1
                low = self._range(low, self._member())
            sets.append(low)
        self.index += 1
        charset = joined(sets)
        if negated:
            return complement(both_cases(charset) if self.ignores_case else charset)
        return charset

    def _member(self) -> Charset:
        character = self.peek()
        if not character:
            raise self.fault("少了一個「]」")
        self.index += 1
        return self._escaped() if character == "\\" else ((ord(character), ord(character)),)

    def _range(self, low: Charset, high: Charset) -> Charset:
        if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1] or low > high:
            raise self.fault("範圍的寫法有誤")
        return ((low[0][0], high[0][0]),)

    def _repeated(self, body: Part, text: str) -> tuple[Part, str]:
        """The part with the quantifier that follows it, if any."""
        sign = self.peek()
        counted = _COUNT.match(self.pattern, self.index) if sign == "{" else None
        if counted is not None:
            least = int(counted[1])
            most = least if counted[2] is None else int(counted[3]) if counted[3] else None
            self.index = counted.end()
        elif sign and sign in "*+?":
            least, most = (1 if sign == "+" else 0), (1 if sign == "?" else None)
            self.index += 1
        else:
            return body, text
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise self.fault(f"重複次數的寫法有誤，最多 {MAX_REPEAT}")
        if isinstance(body, Anchor):
            raise self.fault("「^」「$」不能重複")
        lazy = self.peek() == "?"
        self.index += lazy
        if self.peek() and self.peek() in "*+?{":
            raise self.fault("重複符號不能相連")
        bounds = f"{{{least}}}" if most == least else f"{{{least},{'' if most is None else most}}}"
        return Repeat(body, least, most), text + bounds + ("?" if lazy else "")
