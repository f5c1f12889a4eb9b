"""Regular expressions as sets of texts: what one matches and another does not, or that there is none.

What is not regular (backreferences) and what grows too large is not answered: None.
"""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import warnings
from collections import deque
from functools import lru_cache
from typing import Any, NamedTuple

from understudy.specs.diff.automaton import ANY, LAST, Automaton, NotRegularError, Ranges, holds
from understudy.specs.diff.lookaround import Watcher
from understudy.specs.diff.properties import spelled_out

MAX_SETS = 20_000  # sets of states that a search looks at
MAX_LENGTH = 3_000  # of a text
# Characters that are easy to read come first.
NICE = "a0A-_. b1Bzé\n"


class _Term(NamedTuple):
    """A text has to match the automaton, or must not."""

    automaton: Automaton
    wanted: bool


def tree_of(pattern: str) -> Any:
    """The parsed expression. Raises re.error, RecursionError or OverflowError for what Python cannot read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about sets within sets, which ECMA-262 has not
        # ECMA's (?<name>…) is spelt differently here.
        return parser.parse(re.sub(r"\(\?<(?![=!])", "(?P<", spelled_out(pattern)))


@lru_cache(maxsize=500)
def _terms(pattern: str) -> tuple[_Term, ...] | None:
    """What a pattern demands: itself, and each look-ahead at its start; None for what is not regular."""
    if re.search(r"\\[AZzG]|\(\?[a-zA-Z]", pattern):
        return None
    try:
        tree = tree_of(pattern)
        items = list(tree)
        terms = []
        if items and items[0] == (op.AT, op.AT_BEGINNING):
            while len(items) > 1 and items[1][0] in (op.ASSERT, op.ASSERT_NOT) and items[1][1][0] > 0:
                code, (_, ahead) = items.pop(1)
                terms.append(_Term(Watcher(list(ahead), whole=True), code is op.ASSERT))
        return (_Term(Watcher(items, whole=False), True), *terms)
    except (NotRegularError, re.error, RecursionError, OverflowError):
        return None


@lru_cache(maxsize=2_000)
def texts(
    patterns: tuple[str, ...],
    refused: tuple[str, ...] = (),
    low: int = 0,
    high: int | None = None,
    most: int = 8,
) -> tuple[str, ...] | None:
    """Shortest texts that match all `patterns` and none of `refused`, `low` to `high` characters long.

    () is the proof that there is none; None: it cannot be told. Of those that are given some may be missing.
    """
    if low > MAX_LENGTH or (high is not None and high < low):
        return None if low > MAX_LENGTH else ()
    wanted = [_terms(p) for p in patterns]
    others = [_terms(p) for p in refused]
    if any(term is None for term in (*wanted, *others)):
        return None
    plain = [t for terms in wanted for t in terms or ()]
    # A pattern with look-aheads is refused when any of its demands is not met.
    groups: list[tuple[_Term, ...]] = [terms or () for terms in others]
    try:
        return _search(plain, groups, low, high, most)
    except NotRegularError:
        return None


def _search(
    plain: list[_Term], groups: list[tuple[_Term, ...]], low: int, high: int | None, most: int
) -> tuple[str, ...] | None:
    every = [*plain, *(t for group in groups for t in group)]
    letters = _letters([t.automaton for t in every])
    # Lengths beyond the last that matters are one.
    cap = high if high is not None else low
    cap = min(cap, MAX_LENGTH) if high is None or high <= MAX_LENGTH else low
    bounded = high is not None and high <= MAX_LENGTH
    start = (0, tuple(t.automaton.initial() for t in every))
    queue: deque[tuple[tuple[int, tuple[Any, ...]], str]] = deque([(start, "")])
    seen = {start}
    found: list[str] = []
    while queue:
        (count, sets), text = queue.popleft()
        if count >= low and (high is None or len(text) <= high) and _ends(sets, plain, groups, every, text):
            found.append(text)
            if len(found) == most:
                break
        if bounded and len(text) == high:
            continue
        for letter, moves in letters:
            after = tuple(
                t.automaton.step(states, moves[n])
                for n, (t, states) in enumerate(zip(every, sets, strict=True))
            )
            if any(t.wanted and t.automaton.dead(states) for t, states in zip(plain, after, strict=False)):
                continue
            state = (count + 1 if bounded else min(count + 1, cap), after)
            if state not in seen:
                if len(seen) * len(every) >= MAX_SETS * 2:  # each step moves every automaton
                    return tuple(found) or None
                seen.add(state)
                queue.append((state, text + letter))
    # A limit beyond what is counted could only have taken texts away.
    return tuple(_clear(found, plain, groups, every, high))


def _clear(
    found: list[str],
    plain: list[_Term],
    groups: list[tuple[_Term, ...]],
    every: list[_Term],
    high: int | None,
) -> list[str]:
    """A line end at the end is read in two ways by the world's engines, so such texts come last."""
    longer = [text + "a" for text in found if text.endswith("\n") and (high is None or len(text) < high)]
    clear = [text for text in found if not text.endswith("\n")]
    clear += [text for text in longer if _ends(_after(text, every), plain, groups, every, text)]
    return [*clear, *(text for text in found if text.endswith("\n"))]


def _after(text: str, every: list[_Term]) -> tuple[Any, ...]:
    """The runs after a whole text."""
    found = []
    for term in every:
        run = term.automaton.initial()
        for letter in text:
            held = frozenset(r for r in term.automaton.ranges() if holds(r, ord(letter)))
            run = term.automaton.step(run, held)
        found.append(run)
    return tuple(found)


def _ends(
    sets: tuple[Any, ...],
    plain: list[_Term],
    groups: list[tuple[_Term, ...]],
    every: list[_Term],
    text: str,
) -> bool:
    met = [t.automaton.takes(s, empty=not text) == t.wanted for t, s in zip(every, sets, strict=True)]
    at = len(plain)
    if not all(met[:at]):
        return False
    for group in groups:
        if all(met[at : at + len(group)]):
            return False
        at += len(group)
    return True


def _letters(automata: list[Automaton]) -> list[tuple[str, list[frozenset[Ranges]]]]:
    """One character for each way in which characters are told apart, with the sets that hold it, by
    automaton."""
    own = [automaton.ranges() for automaton in automata]
    every = sorted({ranges for sets in own for ranges in sets} | {ANY})
    edges = sorted({edge for ranges in every for low, high in ranges for edge in (low, high + 1)})
    kinds: dict[tuple[bool, ...], str] = {}
    for point in [*map(ord, NICE), *(edge for edge in edges if edge <= LAST)]:
        if not 0xD800 <= point <= 0xDFFF:
            kinds.setdefault(tuple(holds(ranges, point) for ranges in every), chr(point))
    return [
        (
            letter,
            [
                frozenset(r for r, holds in zip(every, kind, strict=True) if holds and r in sets)
                for sets in own
            ],
        )
        for kind, letter in kinds.items()
        if any(kind)
    ]


def same(one: str, other: str) -> bool:
    """Whether two patterns are proven to match the same texts."""
    return one == other or (texts((one,), (other,), most=1) == () and texts((other,), (one,), most=1) == ())
