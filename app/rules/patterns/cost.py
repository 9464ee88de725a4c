"""How many steps a backtracking matcher may take, as an upper bound that is computed from the tree.

The idea: the parts of a sequence that can end in several places multiply, as long as their characters overlap; a
character that none of them can eat fixes where they ended, and the next parts start anew. A repeated group is accepted
only when at every character there is one way to go on (so ``(\\d+,)*`` is, ``(a+)+`` is not).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

from app.rules.errors import FeelLimit
from app.rules.patterns.charset import NONE, Charset, joined, overlap
from app.rules.patterns.parser import Anchor, Chars, Choice, Part, Repeat, Sequence

_MAX_POSITIONS = 60
_CEILING = 10 ** 12


def worst_case(tree: Part, length: int) -> int:
    """Steps of one failing attempt at one place of a text of this length. Raises FeelLimit for runaway repetition."""
    tally = _Tally(length)
    _count(_without_tail(tree), tally)
    return min(tally.work + tally.carried * tally.product, _CEILING)


def _without_tail(tree: Part) -> Part:
    """A repeated character at the very end cannot fail once it has its least number; the rest costs its length."""
    last = tree.parts[-1] if isinstance(tree, Sequence) and tree.parts else None
    if not isinstance(tree, Sequence) or not isinstance(last, Repeat) or not isinstance(last.body, Chars):
        return tree
    return Sequence((*tree.parts[:-1], Repeat(last.body, last.least, last.least)))


def starts_anchored(part: Part) -> bool:
    """Whether a match can begin at the start of the text only."""
    if isinstance(part, Sequence):
        return bool(part.parts) and starts_anchored(part.parts[0])
    if isinstance(part, Choice):
        return all(map(starts_anchored, part.branches))
    return isinstance(part, Anchor) and part.kind == "^"


@dataclass
class _Tally:
    """The count while a sequence is read from left to right.

    work      steps of stretches that are done
    carried   ways that stretches which are done can hand over to what follows
    product   ways of the present stretch; ``largest`` its largest factor, ``reach`` the characters it can eat
    """

    length: int
    work: int = 1
    carried: int = 1
    product: int = 1
    largest: int = 1
    reach: Charset = NONE
    _sets: list[Charset] = field(default_factory=list)

    def fixed(self, charset: Charset) -> None:
        """Exactly one way to go on with one of these characters."""
        if not overlap(charset, self.reach):
            self.settle()
        elif self.product > 1:
            self.reach = joined((self.reach, charset))
        self.work = min(self.work + self.carried * self.product, _CEILING)

    def settle(self) -> None:
        """The end of the stretch is known now: one of its freedoms is gone."""
        self.work = min(self.work + self.carried * self.product, _CEILING)
        self.carried = min(self.carried * (self.product // self.largest), _CEILING)
        self.product = self.largest = 1
        self.reach = NONE

    def free(self, charset: Charset, ways: int, elastic: bool) -> None:
        """Several ways to go on; elastic when the place where it ends tells which way it was."""
        self.product = min(self.product * ways, _CEILING)
        if elastic:
            self.largest = max(self.largest, ways)
        self.reach = joined((self.reach, charset))


def _count(part: Part, tally: _Tally) -> None:
    if isinstance(part, Chars):
        tally.fixed(part.charset)
    elif isinstance(part, Anchor):
        if part.kind == "$":
            tally.settle()
    elif isinstance(part, Sequence):
        for inner in part.parts:
            _count(inner, tally)
    elif isinstance(part, Choice):
        tally.free(_eats(part), _ways(part, tally.length), elastic=False)
    else:
        _count_repeat(part, tally)


def _count_repeat(part: Repeat, tally: _Tally) -> None:
    eats = _eats(part)
    if part.least and not overlap(_Flow(part.body).first_set(), tally.reach):
        tally.settle()
    if part.least == part.most and isinstance(part.body, Chars):
        tally.free(eats, 1, elastic=False)
        tally.work = min(tally.work + tally.carried * tally.product * part.least, _CEILING)
        return
    if not isinstance(part.body, Chars):
        rounds = tally.length if part.most is None else part.most
        size = len(_Flow(part.body).sets)
        tally.work = min(tally.work + tally.carried * tally.product * min(rounds * size, tally.length), _CEILING)
    tally.free(eats, _ways(part, tally.length), elastic=part.most != 1 or isinstance(part.body, Chars))


def _ways(part: Part, length: int) -> int:
    """In how many ways a part can match at one place."""
    if isinstance(part, Chars | Anchor):
        return 1
    if isinstance(part, Sequence):
        inner = _Tally(length)
        _count(part, inner)
        return min(inner.carried * inner.product, _CEILING)
    if isinstance(part, Choice):
        ways = [_ways(branch, length) for branch in part.branches]
        return max(ways) if _Flow(part).branches_differ(part) else min(sum(ways), _CEILING)
    return _repeat_ways(part, length)


def _repeat_ways(part: Repeat, length: int) -> int:
    freedom = (length if part.most is None else min(part.most, length)) - part.least + 1
    if isinstance(part.body, Chars):
        return max(freedom, 1)
    if part.most == 1:
        return _ways(part.body, length) + (part.least == 0)
    if not _Flow(part.body).loops_one_way():
        raise FeelLimit("這個樣式的重複可能無止境地回溯，請改寫（例如不要在重複裡再重複）。")
    return max(freedom, 1)


def _eats(part: Part) -> Charset:
    """All characters a part can take in."""
    if isinstance(part, Chars):
        return part.charset
    if isinstance(part, Anchor):
        return NONE
    if isinstance(part, Repeat):
        return _eats(part.body)
    return joined(map(_eats, part.parts if isinstance(part, Sequence) else part.branches))


@dataclass(frozen=True, slots=True)
class _Edges:
    """Positions a part can begin and end with, as often as there are ways to reach them."""

    first: list[int]
    last: list[int]
    nullable: bool


class _Flow:
    """Glushkov's construction: which character of a part can follow which."""

    def __init__(self, part: Part) -> None:
        self.sets: list[Charset] = []
        self.follow: list[list[int]] = []
        self.edges = self._walk(part)

    def first_set(self) -> Charset:
        return joined(self.sets[position] for position in self.edges.first)

    def loops_one_way(self) -> bool:
        """Whether the repeated part consumes something each time and never has two ways to go on."""
        if self.edges.nullable:
            return False
        self._loop(self.edges)
        return all(map(self._distinct, [self.edges.first, *self.follow]))

    def branches_differ(self, part: Choice) -> bool:
        """Whether the first character tells the branch."""
        flows = [_Flow(branch) for branch in part.branches]
        return not any(flow.edges.nullable for flow in flows) and not any(
            overlap(a.first_set(), b.first_set()) for a, b in combinations(flows, 2))

    def _distinct(self, positions: list[int]) -> bool:
        return len(set(positions)) == len(positions) and not any(
            overlap(self.sets[a], self.sets[b]) for a, b in combinations(positions, 2))

    def _walk(self, part: Part) -> _Edges:
        if isinstance(part, Chars):
            return self._position(part.charset)
        if isinstance(part, Anchor):
            return _Edges([], [], True)
        if isinstance(part, Choice):
            edges = [self._walk(branch) for branch in part.branches]
            return _Edges([position for edge in edges for position in edge.first],
                          [position for edge in edges for position in edge.last],
                          any(edge.nullable for edge in edges))
        if isinstance(part, Sequence):
            return self._sequence(part)
        inner = self._walk(part.body)
        if part.most != 1:
            self._loop(inner)
        return _Edges(inner.first, inner.last, inner.nullable or part.least == 0)

    def _position(self, charset: Charset) -> _Edges:
        if len(self.sets) >= _MAX_POSITIONS:
            raise FeelLimit("樣式太複雜，請改寫。")
        self.sets.append(charset)
        self.follow.append([])
        position = len(self.sets) - 1
        return _Edges([position], [position], False)

    def _sequence(self, part: Sequence) -> _Edges:
        whole = _Edges([], [], True)
        for inner in part.parts:
            edge = self._walk(inner)
            for position in whole.last:
                self.follow[position] += edge.first
            whole = _Edges(whole.first + edge.first if whole.nullable else whole.first,
                           whole.last + edge.last if edge.nullable else edge.last,
                           whole.nullable and edge.nullable)
        return whole

    def _loop(self, edges: _Edges) -> None:
        for position in edges.last:
            self.follow[position] += edges.first
