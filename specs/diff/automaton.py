"""Regular expressions as automata: sets of states over sets of characters, the textbook's construction.

The expressions are ECMA-262's, as JSON Schema has them: they are searched for anywhere in a text, `$` is the
end of the text, and \\d, \\w are of ASCII. Python's own parser reads them (both write almost all alike).
Libraries for automata were looked at (greenery, interegular, automata-lib): they match whole texts, know no
anchors or look-aheads, and read Python's classes, so that each pattern would have to be rewritten first; the
part that they would save is the shortest one here.
"""

from __future__ import annotations

import re._constants as op  # type: ignore[import-not-found]
from bisect import bisect_right
from typing import Any

LAST = 0x10FFFF
MAX_STATES = 4_000  # of one expression
Ranges = tuple[tuple[int, int], ...]
ANY: Ranges = ((0, 0xD7FF), (0xE000, LAST))
SPACE = "\t\n\x0b\x0c\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
SPACE += "\u2028\u2029\u202f\u205f\u3000\ufeff"
LINE_ENDS = "\n\r\u2028\u2029"


class NotRegularError(Exception):
    """The expression cannot be read as an automaton."""


def points(text: str) -> Ranges:
    return union(*(((ord(c), ord(c)),) for c in text))


def union(*several: Ranges) -> Ranges:
    found: list[tuple[int, int]] = []
    for low, high in sorted(r for ranges in several for r in ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def without(ranges: Ranges) -> Ranges:
    """All characters but those."""
    found, start = [], 0
    for low, high in (*union(ranges, ((0xD800, 0xDFFF),)), (LAST + 1, LAST + 1)):
        if low > start:
            found.append((start, low - 1))
        start = high + 1
    return tuple(found)


DIGIT: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
CATEGORIES: dict[Any, Ranges] = {
    op.CATEGORY_DIGIT: DIGIT,
    op.CATEGORY_NOT_DIGIT: without(DIGIT),
    op.CATEGORY_WORD: WORD,
    op.CATEGORY_NOT_WORD: without(WORD),
    op.CATEGORY_SPACE: points(SPACE),
    op.CATEGORY_NOT_SPACE: without(points(SPACE)),
}


class Automaton:
    """An expression without look-arounds, or with those that `watched` knows.

    moves   by state: (characters, next)
    free    by state: next ones without a character; `starts` and `ends`: the same, at the start or the end of
            the text only
    final   the last state; a run is a set of states

    whole   it begins at the start of what it is given, not anywhere
    stops   it ends where a match ends: what follows is not taken as well
    """

    def __init__(self, tree: Any, *, whole: bool, stops: bool = False) -> None:
        self.moves: list[list[tuple[Ranges, int]]] = []
        self.free: list[list[int]] = []
        self.starts: list[list[int]] = []
        self.ends: list[list[int]] = []
        first = self.state()
        if not whole:
            self.moves[first].append((ANY, first))
        self.first = first
        self.final = self.sequence(tree, first)
        if not stops:
            self.moves[self.final].append((ANY, self.final))

    # --- runs

    def initial(self, *, start: bool = True) -> frozenset[int]:
        """The run before the first character; `start`: that is the start of the text."""
        return self.closed({self.first}, self.starts if start else None)

    def step(self, run: frozenset[int], held: frozenset[Ranges]) -> frozenset[int]:
        """The run after a character that is in the sets `held`."""
        return self.closed({after for state in run for ranges, after in self.moves[state] if ranges in held})

    def dead(self, run: frozenset[int]) -> bool:
        """Whether nothing that follows can make a match of it."""
        return not run

    def ranges(self) -> set[Ranges]:
        """The sets of characters that it tells apart."""
        return {ranges for moves in self.moves for ranges, _ in moves}

    # --- making

    def state(self) -> int:
        if len(self.moves) >= MAX_STATES:
            raise NotRegularError
        for table in (self.moves, self.free, self.starts, self.ends):
            table.append([])
        return len(self.moves) - 1

    def sequence(self, tree: Any, at: int) -> int:
        for code, argument in tree:
            at = self.one(code, argument, at)
        return at

    def one(self, code: Any, argument: Any, at: int) -> int:
        if code in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            after = self.state()
            self.moves[at].append((_characters(code, argument), after))
            return after
        if code in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, tree = argument
            return self.repeat(least, most, tree, at)
        if code is op.BRANCH:
            after = self.state()
            for branch in argument[1]:
                start = self.state()
                self.free[at].append(start)
                self.free[self.sequence(branch, start)].append(after)
            return after
        if code is op.SUBPATTERN and not argument[1] and not argument[2]:
            return self.sequence(argument[3], at)
        if code is op.AT and argument in (op.AT_BEGINNING, op.AT_END):
            after = self.state()
            (self.starts if argument is op.AT_BEGINNING else self.ends)[at].append(after)
            return after
        return self.watched(code, argument, at)

    def watched(self, code: Any, argument: Any, at: int) -> int:
        """What looks around. Raises NotRegularError for what is not regular, or not known."""
        raise NotRegularError

    def repeat(self, least: int, most: Any, tree: Any, at: int) -> int:
        for _ in range(least):
            at = self.sequence(tree, at)
        if most is op.MAXREPEAT:
            loop = self.state()
            self.free[at].append(loop)
            self.free[self.sequence(tree, loop)].append(loop)
            after = self.state()
            self.free[loop].append(after)
            return after
        after = self.state()
        self.free[at].append(after)
        for _ in range(most - least):
            at = self.sequence(tree, at)
            self.free[at].append(after)
        return after

    def closed(self, states: set[int], more: list[list[int]] | None = None) -> frozenset[int]:
        found, stack = set(states), list(states)
        while stack:
            state = stack.pop()
            for after in (*self.free[state], *(more[state] if more is not None else ())):
                if after not in found:
                    found.add(after)
                    stack.append(after)
        return frozenset(found)

    def takes(self, run: frozenset[int], *, empty: bool) -> bool:
        """Whether a text may end there; `empty`: it is the empty text."""
        if self.final in run:
            return True
        tables = [self.ends] + ([self.starts] if empty else [])
        found, stack = set(run), list(run)
        while stack:
            state = stack.pop()
            for after in (*self.free[state], *(a for table in tables for a in table[state])):
                if after == self.final:
                    return True
                if after not in found:
                    found.add(after)
                    stack.append(after)
        return False


def _characters(code: Any, argument: Any) -> Ranges:
    if code is op.LITERAL:
        return ((argument, argument),)
    if code is op.NOT_LITERAL:
        return without(((argument, argument),))
    if code is op.ANY:
        return without(points(LINE_ENDS))
    parts: list[Ranges] = []
    negated = False
    for kind, what in argument:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            parts.append(((what, what),))
        elif kind is op.RANGE:
            parts.append((what,))
        elif kind is op.CATEGORY:
            parts.append(CATEGORIES[what])
        else:
            raise NotRegularError
    return without(union(*parts)) if negated else union(*parts)


def holds(ranges: Ranges, point: int) -> bool:
    """Whether a character is in a set of them."""
    at = bisect_right(ranges, (point, LAST + 1)) - 1
    return at >= 0 and ranges[at][0] <= point <= ranges[at][1]
