"""Regular expressions: what is offered, what is refused, and that the worst case foretold is never exceeded."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.errors import FeelError, FeelLimit
from app.rules.patterns import safe_pattern

RUNAWAY = [
    r"^(a+)+$",
    r"(a|a)*b",
    r"(a*)*",
    r"(.*)*x",
    r"(a|aa)+$",
    r"(x+x+)+y",
    r"^(\w+\s?)*$",
    r"([a-z]+)+@",
    r"(a{1,5}){1,5}",
    r"((a{0,5}){0,5}){0,5}",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(.+)+",
    r"^(a?){30}a{30}$",
    r"(a?|b)+",
    r"(\d+\d)*x",
]
USUAL = [
    r"^[0-9]{8}$",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    r"^0\d{1,2}-\d{6,8}(#\d{1,5})?$",
    r"^09\d{2}-?\d{3}-?\d{3}$",
    r"臺北|台北",
    r"^(\d+,)*\d+$",
    r"^[\u4e00-\u9fff]+$",
    r"^\d+(\.\d+)?$",
    r"(\d{1,3}\.){3}\d{1,3}",
    r".*台北.*",
    r"^\s+|\s+$",
    r"\s+",
    r"(a|b|c|d|e)+$",
    r"^[A-Z]\d{9}$",
]


@pytest.mark.parametrize("pattern", RUNAWAY)
def test_runaway_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(FeelLimit):
        safe_pattern(pattern)


@pytest.mark.parametrize("pattern", USUAL)
def test_usual_pattern_is_accepted_for_usual_texts(pattern: str) -> None:
    assert safe_pattern(pattern).charge(1000) > 0


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?=a)", "兩種群組"),
        (r"(a)\1", "不支援"),
        ("(a", "少了一個「)」"),
        ("a)", "多了一個「)」"),
        ("[", "少了一個「]」"),
        ("[z-a]", "範圍"),
        ("*a", "前面沒有"),
        ("a**", "不能相連"),
        ("\\", "不支援"),
        ("a{99999}", "重複次數"),
        ("a{2,1}", "重複次數"),
        (r"\p{L}", "不支援"),
        ("^*", "不能重複"),
        ("(?P<n>a)", "兩種群組"),
        ("]", "多了"),
    ],
)
def test_pattern_that_cannot_be_read_says_where(pattern: str, words: str) -> None:
    with pytest.raises(FeelError, match=r"^樣式第 \d+ 個字") as caught:
        safe_pattern(pattern)

    assert words in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "found"),
    [
        ("abc", "i", "xABCx", True),
        ("a.b", "", "a\nb", False),
        ("a.b", "s", "a\nb", True),
        ("^b$", "", "a\nb", False),
        ("^b$", "m", "a\nb", True),
        ("a b", "x", "ab", True),
        (r"\d", "", "３", False),
        (r"\w", "", "字", False),
        (r"\s", "", "\u3000", True),
        (r"^[\d-]+$", "", "02-1234", True),
        (r"[^\d]", "", "12", False),
        (r"\bcat\b", "", "a cat", True),
        ("[]a]", "", "]", True),
        (r"\u4e2d", "", "中", True),
        ("a{2,}", "", "caab", True),
        ("a+?b", "", "aab", True),
        ("^8$", "", "8\n", False),
        ("[A-Z]", "i", "q", True),
        (r"[\w.]+", "", ".", True),
        ("", "", "", True),
    ],
)
def test_meaning_of_patterns(pattern: str, flags: str, text: str, found: bool) -> None:
    assert bool(safe_pattern(pattern, flags).expression.search(text)) is found


def test_unknown_flag_and_long_pattern_are_refused() -> None:
    with pytest.raises(FeelError, match="旗標"):
        safe_pattern("a", "u")
    with pytest.raises(FeelLimit):
        safe_pattern("a" * 201)


_ATOMS = st.sampled_from(["a", "b", "[ab]", ".", r"\d", "(a|b)", "(ab)", "(?:a|bc)", "a?", "x"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{0,3}", "{2}", "{1,40}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.lists(inner, min_size=2, max_size=5).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
    ),
    max_leaves=12,
).map(lambda text: text + "!$")


@settings(max_examples=150, deadline=None)
@given(_PATTERNS)
def test_pattern_that_is_accepted_never_takes_long(pattern: str) -> None:
    try:
        checked = safe_pattern(pattern)
    except FeelError:
        return

    for unit in ("a", "ab", "b", "x1a"):
        for length in (3000, 300, 60, 30):
            text = (unit * length)[:length]
            try:
                checked.charge(length)
            except FeelLimit:
                continue
            started = time.process_time()
            checked.expression.search(text)
            assert time.process_time() - started < 2.0
            break


@settings(max_examples=150, deadline=None)
@given(_PATTERNS, st.text("abx1!", max_size=12))
def test_pattern_that_is_accepted_means_what_python_means(pattern: str, text: str) -> None:
    try:
        checked = safe_pattern(pattern)
    except FeelError:
        return

    assert bool(checked.expression.search(text)) == bool(re.search(pattern, text))
