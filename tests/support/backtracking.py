r"""Determines from the parse tree of a regular expression of `re` how badly it can backtrack.

A pattern becomes an automaton with one state for each character position (Glushkov's construction, without empty
moves). Two loops that read the same text in such an automaton mean backtracking:

- exponential, if a state has two paths back to itself on the same text, as in `(?:a|aa)*`;
- polynomial, if two or more loops that can read the same text follow each other, as in `\s*\s*`. The degree is the
number of such loops: 1 is linear. A search tries the pattern at every position, which adds one loop at the start.

See Weber and Seidl, "On the degree of ambiguity of finite automata" (1991), and Weideman et al. (2016), who apply it to
backtracking. Possessive repetitions and atomic groups are judged separately: once they have matched, nothing inside
them is tried again. Where the result cannot be exact, it is too strict, never too lenient, with two exceptions: only
loops with few states are compared with each other (`_MOST`), and back-references are treated as matching any text.
"""

import re
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from re import _constants as sre  # type: ignore[attr-defined] # the parser that `re` itself uses has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_ALPHABET = [*map(chr, range(128)), *"\xa0éÀßøÞ’‘“”–—…•·€£年月。！？」\u2028\u200b日…١中"]
_SMALL = 8
"""A bounded repetition of up to this many times is expanded; a longer one counts as unbounded."""
_MOST = 400_000
"""Maximum number of state triples compared for two loops."""
_CATEGORIES = {
    "DIGIT": str.isdecimal,
    "SPACE": str.isspace,
    "WORD": lambda character: character.isalnum() or character == "_",
}
_ALL = (1 << len(_ALPHABET)) - 1


def _mask(characters: Iterable[str]) -> int:
    wanted = set(characters)
    return sum(1 << place for place, character in enumerate(_ALPHABET) if character in wanted)


_WORDS = _mask(character for character in _ALPHABET if _CATEGORIES["WORD"](character))
_NEWLINE = _mask("\n")


@dataclass(frozen=True)
class _Between:
    """A condition between two characters: on the character before, on the one after, and on a word boundary there."""

    before: int = _ALL
    after: int = _ALL
    boundary: bool | None = None
    at_start: bool = False

    def __and__(self, other: "_Between") -> "_Between":
        return _Between(
            self.before & other.before,
            self.after & other.after,
            self.boundary if other.boundary is None else other.boundary,
            self.at_start or other.at_start,
        )


_FREE = _Between()


@dataclass
class _Part:
    """A piece of a pattern: its possible first and last states, and whether it can match the empty text."""

    first: list[tuple[int, _Between]] = field(default_factory=list)
    last: list[tuple[int, _Between]] = field(default_factory=list)
    empty: list[_Between] = field(default_factory=list)


class _Automaton:
    """The states of one pattern, or of one atomic group in it."""

    def __init__(self, tree: Any, flags: int, *, search: bool, whole: bool = True) -> None:
        self.labels: list[int] = []
        self.edges: list[tuple[int, int, _Between, int]] = []
        self.atomic: list[tuple[Any, int]] = []
        self._depth = 0
        made = self._sequence(list(tree), flags)
        self.ends = set() if whole else {state for state, between in made.last if between == _FREE}
        """States in which the pattern has matched, whatever follows: matching never backtracks from these states."""
        if search:
            start = self._state(_ALL)
            self._edge(start, start, _FREE)
            for state, between in made.first:
                if not between.at_start:
                    self._edge(start, state, between)

    def _state(self, label: int) -> int:
        self.labels.append(label)
        return len(self.labels) - 1

    def _edge(self, one: int, other: int, between: _Between) -> None:
        if not between.at_start:
            self.edges.append((one, other, between, self._depth))

    def _join(self, one: _Part, other: _Part) -> _Part:
        for state, left in one.last:
            for following, right in other.first:
                self._edge(state, following, left & right)
        first = one.first + [(state, skip & between) for skip in one.empty for state, between in other.first]
        last = other.last + [(state, between & skip) for skip in other.empty for state, between in one.last]
        empty = [left & right for left in one.empty for right in other.empty]
        return _Part(first, last, empty[:4])

    def _sequence(self, nodes: list[Any], flags: int) -> _Part:
        whole = _Part(empty=[_FREE])
        for node in nodes:
            whole = self._join(whole, self._node(node, flags))
        return whole

    def _node(self, node: Any, flags: int) -> _Part:
        kind, value = node
        if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN, sre.RANGE):
            state = self._state(_label(kind, value, flags))
            return _Part([(state, _FREE)], [(state, _FREE)])
        if kind is sre.SUBPATTERN:
            return self._sequence(list(value[3]), (flags | value[1]) & ~value[2])
        if kind is sre.BRANCH:
            parts = [self._sequence(list(branch), flags) for branch in value[1]]
            return _either(parts)
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeat(value[0], value[1], value[2], flags)
        if kind is sre.POSSESSIVE_REPEAT:
            self.atomic.append((value[2], flags))
            return self._inside(lambda: self._repeat(value[0], value[1], value[2], flags))
        if kind is sre.ATOMIC_GROUP:
            self.atomic.append((value, flags))
            return self._inside(lambda: self._sequence(list(value), flags))
        return self._without_width(kind, value, flags)

    def _without_width(self, kind: Any, value: Any, flags: int) -> _Part:
        """Build the part for a node without width (such as an anchor) or for a reference to a group."""
        if kind is sre.AT:
            return _Part(empty=[_place(value, flags)])
        if kind in (sre.ASSERT, sre.ASSERT_NOT):
            return self._look(value[0], list(value[1]), flags, negative=kind is sre.ASSERT_NOT)
        if kind is sre.GROUPREF:
            state = self._state(_ALL)
            self._edge(state, state, _FREE)
            return _Part([(state, _FREE)], [(state, _FREE)], [_FREE])
        if kind is sre.GROUPREF_EXISTS:
            return _either([self._sequence(list(branch or []), flags) for branch in value[1:]])
        raise AssertionError(f"a part of a pattern that is not known here: {kind}")

    def _inside(self, make: Any) -> _Part:
        self._depth += 1
        try:
            made: _Part = make()
        finally:
            self._depth -= 1
        return made

    def _repeat(self, least: int, most: Any, body: Any, flags: int) -> _Part:
        if most is not sre.MAXREPEAT and int(most) <= _SMALL:
            whole = _Part(empty=[_FREE])
            for number in reversed(range(int(most))):
                # From the end: x{1,3} is x(?:x(?:x)?)?, so that there is one way to read two of them.
                whole = self._join(self._sequence(list(body), flags), whole)
                if number >= least:
                    whole = _Part(whole.first, whole.last, [_FREE])
            return whole
        part = self._sequence(list(body), flags)
        for state, left in part.last:
            for following, right in part.first:
                self._edge(state, following, left & right)
        return part if least else _Part(part.first, part.last, [_FREE])

    def _look(self, direction: int, nodes: list[Any], flags: int, *, negative: bool) -> _Part:
        one = _single(nodes, flags)
        if one is not None:
            allowed = ~one & _ALL if negative else one
            return _Part(empty=[_Between(before=allowed) if direction < 0 else _Between(after=allowed)])
        if direction < 0:
            return _Part(empty=[_FREE])
        # Read ahead, and then nothing follows: a way of its own that leads nowhere.
        aside = self._sequence(nodes, flags)
        return _Part(aside.first, [], [_FREE])


def _single(nodes: list[Any], flags: int) -> int | None:
    """Return the characters of a node that matches exactly one character; None for any other node."""
    if len(nodes) != 1:
        return None
    kind, value = nodes[0]
    if kind is sre.SUBPATTERN:
        return _single(list(value[3]), flags)
    if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
        return _label(kind, value, flags)
    return None


def _either(parts: list[_Part]) -> _Part:
    return _Part(
        [one for part in parts for one in part.first],
        [one for part in parts for one in part.last],
        [one for part in parts for one in part.empty][:4],
    )


def _place(value: Any, flags: int) -> _Between:
    if value in (sre.AT_BOUNDARY, sre.AT_NON_BOUNDARY):
        return _Between(boundary=value is sre.AT_BOUNDARY)
    if value in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
        if flags & re.MULTILINE and value is sre.AT_BEGINNING:
            return _Between(before=_NEWLINE)
        return _Between(at_start=True)
    if value is sre.AT_END:
        return _Between(after=_NEWLINE)
    return _Between(after=0)


def _label(kind: Any, value: Any, flags: int) -> int:
    """Return the characters that one node matches."""
    if kind is sre.ANY:
        return _ALL if flags & re.DOTALL else _ALL & ~_NEWLINE
    if kind is sre.IN:
        negative = bool(value) and value[0][0] is sre.NEGATE
        found = 0
        for inner, what in value[1:] if negative else value:
            found |= _label(inner, what, flags)
        return ~found & _ALL if negative else found
    if kind is sre.CATEGORY:
        name = str(value).removeprefix("CATEGORY_")
        matches = _CATEGORIES[name.removeprefix("NOT_")]
        found = _mask(character for character in _ALPHABET if matches(character))
        return ~found & _ALL if name.startswith("NOT_") else found
    low, high = value if kind is sre.RANGE else (value, value)
    characters = {character for character in _ALPHABET if low <= ord(character) <= high}
    if kind in (sre.LITERAL, sre.NOT_LITERAL) and not characters:
        characters = {chr(value)}  # of no other pattern's alphabet: overlaps nothing that is named
    if flags & re.IGNORECASE:
        characters |= {c for one in set(characters) for c in (one.lower(), one.upper()) if len(c) == 1}
    return ~_mask(characters) & _ALL if kind is sre.NOT_LITERAL else _mask(characters)


@dataclass(frozen=True)
class Verdict:
    """How the time of a failing match grows with the length of the text."""

    exponential: bool
    degree: int
    """1 for linear, 2 for quadratic, and so on; meaningless if the growth is exponential."""


def judge(pattern: str | bytes, flags: int = 0, *, search: bool, whole: bool = True) -> Verdict:
    """Return the verdict on a pattern.

    Args:
        pattern: The pattern.
        flags: As for `re.compile`.
        search: Whether the pattern is searched for (also by `sub`, `split`, `findall`), or only matched at one
            position.
        whole: Whether the pattern may have to match a whole text (`fullmatch`), so that text after a match can make it
            fail.
    """
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    tree = parser.parse(text, flags & ~re.UNICODE if isinstance(pattern, bytes) else flags)
    automaton = _Automaton(tree, tree.state.flags, search=search, whole=whole)
    found = [_of(automaton)]
    waiting = deque(automaton.atomic)
    while waiting:
        inside, inner = waiting.popleft()
        # What a group costs is paid at each place where it is tried.
        automaton = _Automaton(inside, inner, search=search, whole=False)
        waiting.extend(automaton.atomic)
        found.append(_of(automaton))
    return Verdict(any(one.exponential for one in found), max(one.degree for one in found))


def _of(automaton: _Automaton) -> Verdict:
    graph = _Graph(automaton)
    return Verdict(graph.is_exponential(), graph.degree())


class _Graph:
    """The automaton with each state split by whether it reads letters, so that word boundaries can be checked."""

    def __init__(self, automaton: _Automaton) -> None:
        self.labels: list[int] = []
        self._ends: set[int] = set()
        parts: dict[int, list[int]] = {}
        # So that what must stand before a place can be told from the state that was left.
        asked_for = {_WORDS, *(between.before for _, _, between, _ in automaton.edges)}
        for state, label in enumerate(automaton.labels):
            pieces = [label]
            for mask in asked_for:
                pieces = [half for piece in pieces for half in (piece & mask, piece & ~mask) if half]
            parts[state] = list(range(len(self.labels), len(self.labels) + len(pieces)))
            self.labels += pieces
            if state in automaton.ends:
                self._ends.update(parts[state])
        self.out: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
        """By state: the next state, the characters read on the way, and whether other paths may be tried later."""
        for one, other, between, depth in automaton.edges:
            for left in parts[one]:
                if not self.labels[left] & between.before:
                    continue
                for right in parts[other]:
                    differs = bool(self.labels[left] & _WORDS) != bool(self.labels[right] & _WORDS)
                    read = self.labels[right] & between.after
                    if read and between.boundary in (None, differs):
                        self.out[left].append((right, read, depth == 0))
        self.loops = [part for part in self._components() if self._is_loop(part)]

    def _is_loop(self, part: list[int]) -> bool:
        return len(part) > 1 or any(target == part[0] for target, _, _ in self.out[part[0]])

    def _components(self) -> Iterator[list[int]]:
        """Yield the strongly connected components, found with Kosaraju's algorithm."""
        into: dict[int, list[int]] = defaultdict(list)
        for state, targets in self.out.items():
            for target, _, _ in targets:
                into[target].append(state)
        taken: set[int] = set()
        for root in reversed(self._in_order_left()):
            if root in taken:
                continue
            taken.add(root)
            part = [root]
            for state in part:
                for source in into[state]:
                    if source not in taken:
                        taken.add(source)
                        part.append(source)
            yield part

    def _in_order_left(self) -> list[int]:
        """Return all states in the order in which a depth-first search finishes them."""
        left: list[int] = []
        seen: set[int] = set()
        for root in range(len(self.labels)):
            work = [(root, False)]
            while work:
                state, is_done = work.pop()
                if is_done:
                    left.append(state)
                elif state not in seen:
                    seen.add(state)
                    work.append((state, True))
                    work += [(target, False) for target, _, _ in self.out[state]]
        return left

    def is_exponential(self) -> bool:
        """Whether a state has two paths back to itself on the same text."""
        return any(self._is_ambiguous(part) for part in self.loops)

    def _is_ambiguous(self, part: list[int]) -> bool:
        inside = set(part)
        edges = {state: [edge for edge in self.out[state] if edge[0] in inside] for state in part}
        # From two states that one text parted, on one text, back to the same: then on to where they parted, for all are in a loop.
        waiting = deque(_partings(edges))
        seen = set(waiting)
        while waiting:
            one, other = waiting.popleft()
            if one == other:
                return True
            for target, read, _ in edges[one]:
                for second, second_read, _ in edges[other]:
                    if read & second_read and (target, second) not in seen:
                        seen.add((target, second))
                        waiting.append((target, second))
        return False

    def degree(self) -> int:
        """Return the length of the longest sequence of loops that read the same text one after the other."""
        follows: dict[int, set[int]] = defaultdict(set)
        loops = [part for part in self.loops if self._ends.isdisjoint(part)]
        reach = {number: self._reached(part) for number, part in enumerate(loops)}
        for number, part in enumerate(loops):
            for other, second in enumerate(loops):
                if other != number and second[0] in reach[number] and self._shares(part, second):
                    follows[number].add(other)
        known: dict[int, int] = {}

        def longest(number: int) -> int:
            if number not in known:
                known[number] = 1 + max((longest(other) for other in follows[number]), default=0)
            return known[number]

        return max((longest(number) for number in range(len(loops))), default=1)

    def _reached(self, part: list[int]) -> set[int]:
        seen = set(part)
        waiting = deque(part)
        while waiting:
            for target, _, _ in self.out[waiting.popleft()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen

    def _shares(self, part: list[int], second: list[int]) -> bool:
        """Whether one text leads around the first loop, from the first loop to the second, and around the second."""
        backward = self._reaching(second)
        middle = [state for state in self._reached(part) if state in backward]
        if len(part) * len(second) * len(middle) > _MOST:
            return False
        return any(self._leads(p, q, set(part), set(second), set(middle)) for p in part for q in second)

    def _reaching(self, part: list[int]) -> set[int]:
        into: dict[int, list[int]] = defaultdict(list)
        for state, targets in self.out.items():
            for target, _, _ in targets:
                into[target].append(state)
        seen = set(part)
        waiting = deque(part)
        while waiting:
            for state in into[waiting.popleft()]:
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)
        return seen

    def _leads(self, p: int, q: int, first: set[int], second: set[int], middle: set[int]) -> bool:
        """Whether one text leads from p to p, from p to q and from q to q."""
        start = (p, p, q, False)
        seen = {start}
        waiting = deque([start])
        while waiting:
            for after in self._steps(waiting.popleft(), first, second, middle):
                if after == (p, q, q, True):
                    return True
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
        return False

    def _steps(
        self, at: tuple[int, int, int, bool], first: set[int], second: set[int], middle: set[int]
    ) -> Iterator[tuple[int, int, int, bool]]:
        """Yield the next triples of states on one character, and whether the paths of the first two have diverged."""
        one, between, other, parted = at
        for a, read_a, free_a in self.out[one]:
            for b, read_b, free_b in self.out[between] if a in first else ():
                if b not in middle or not read_a & read_b:
                    continue
                if not parted and a != b and not (free_a and free_b):
                    continue
                for c, read_c, _ in self.out[other]:
                    if c in second and read_a & read_b & read_c:
                        yield a, b, c, parted or a != b


def _partings(edges: dict[int, list[tuple[int, int, bool]]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of states that one state leads to on the same character, if both paths may be tried."""
    for ways in edges.values():
        for place, (one, read, free) in enumerate(ways):
            for other, other_read, other_free in ways[place + 1 :]:
                if free and other_free and read & other_read:
                    yield one, other


assert sys.version_info >= (3, 11), "possessive repetitions came with 3.11"
