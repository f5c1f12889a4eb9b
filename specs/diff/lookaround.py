"""Automata that look around: behind, ahead in the middle of a text, and at the edges of words.

What stands behind is followed from the start of the text by automata of their own. What has to come, or must
not, is a duty that a run carries from there on; a run with a duty is another run than one without.
"""

from __future__ import annotations

import re._constants as op  # type: ignore[import-not-found]
from typing import Any, NamedTuple

from understudy.specs.diff.automaton import WORD, Automaton, NotRegularError, Ranges

MAX_RUNS = 2_000  # runs that are followed at once
A_WORD = [(op.IN, [(op.CATEGORY, op.CATEGORY_WORD)])]


class _Check(NamedTuple):
    """A step that is free where what is behind (or ahead) fits, or does not: by number of its automaton."""

    behind: bool
    number: int
    wanted: bool
    after: int


class _Duty(NamedTuple):
    """What has to match from some place on, or must not, and how far it is."""

    number: int
    wanted: bool
    run: frozenset[int]


class _Run(NamedTuple):
    """`behind`: how far each automaton is that looks back; `states`: each with its duties."""

    behind: tuple[frozenset[int], ...]
    states: frozenset[tuple[int, frozenset[_Duty]]]


class Watcher(Automaton):
    """An automaton with look-arounds; where it has none, it is a plain one."""

    def __init__(self, tree: Any, *, whole: bool) -> None:
        self.behind: list[Automaton] = []
        self.ahead: list[Automaton] = []
        self.checks: dict[int, list[_Check]] = {}
        super().__init__(tree, whole=whole)

    def watched(self, code: Any, argument: Any, at: int) -> int:
        after = self.state()
        if code is op.AT and argument in (op.AT_BOUNDARY, op.AT_NON_BOUNDARY):
            for before in (True, False):
                between = self.state()
                self._check(at, A_WORD, behind=True, wanted=before, after=between)
                follows = before == (argument is op.AT_NON_BOUNDARY)
                self._check(between, A_WORD, behind=False, wanted=follows, after=after)
            return after
        if code in (op.ASSERT, op.ASSERT_NOT):
            direction, tree = argument
            self._check(at, list(tree), behind=direction < 0, wanted=code is op.ASSERT, after=after)
            return after
        raise NotRegularError

    def _check(self, at: int, tree: Any, *, behind: bool, wanted: bool, after: int) -> None:
        known = self.behind if behind else self.ahead
        known.append(Automaton(tree, whole=not behind, stops=behind))
        self.checks.setdefault(at, []).append(_Check(behind, len(known) - 1, wanted, after))

    # --- runs

    def initial(self, *, start: bool = True) -> Any:
        if not self.checks:
            return super().initial(start=start)
        behind = tuple(automaton.initial() for automaton in self.behind)
        return self._run(behind, {(self.first, frozenset())}, start=start)

    def step(self, run: Any, held: frozenset[Ranges]) -> Any:
        if not self.checks:
            return super().step(run, held)
        behind = tuple(a.step(states, held) for a, states in zip(self.behind, run.behind, strict=True))
        moved = set()
        for state, duties in run.states:
            left = self._kept(duties, held)
            if left is not None:
                moved |= {(after, left) for ranges, after in self.moves[state] if ranges in held}
        return self._run(behind, moved)

    def _kept(self, duties: frozenset[_Duty], held: frozenset[Ranges]) -> frozenset[_Duty] | None:
        """The duties that are left after a character; None where one is broken."""
        left = set()
        for duty in duties:
            automaton = self.ahead[duty.number]
            run = automaton.step(duty.run, held)
            if automaton.final in run:
                if not duty.wanted:
                    return None
            elif run:
                left.add(duty._replace(run=run))
            elif duty.wanted:
                return None
        return frozenset(left)

    def _run(self, behind: Any, states: set[Any], *, start: bool = False) -> _Run:
        return _Run(behind, frozenset(self._reached(behind, states, start=start)))

    def _reached(self, behind: Any, states: set[Any], *, start: bool = False, end: bool = False) -> set[Any]:
        """The states, and those that follow without a character; at the start and the end of the text more
        do. Raises NotRegularError where they are too many to follow."""
        found, stack = set(states), list(states)
        tables = [*([self.starts] if start else []), *([self.ends] if end else [])]
        while stack:
            state, duties = stack.pop()
            after = [(to, duties) for to in self.free[state]]
            after += [(to, duties) for table in tables for to in table[state]]
            for check in self.checks.get(state, ()):
                kept = self._checked(check, behind, duties, start=start)
                if kept is not None:
                    after.append((check.after, kept))
            for one in after:
                if one not in found:
                    found.add(one)
                    stack.append(one)
            if len(found) > MAX_RUNS:
                raise NotRegularError
        return found

    def _checked(
        self, check: _Check, behind: Any, duties: frozenset[_Duty], *, start: bool
    ) -> frozenset[_Duty] | None:
        """The duties after a check; None where it fails."""
        if check.behind:
            fits = self.behind[check.number].final in behind[check.number]
            return duties if fits == check.wanted else None
        automaton = self.ahead[check.number]
        run = automaton.initial(start=start)
        if automaton.final in run:
            return duties if check.wanted else None
        return duties | {_Duty(check.number, check.wanted, run)}

    def dead(self, run: Any) -> bool:
        return super().dead(run) if not self.checks else not run.states

    def takes(self, run: Any, *, empty: bool) -> bool:
        if not self.checks:
            return super().takes(run, empty=empty)
        return any(
            state == self.final
            and all(self.ahead[d.number].takes(d.run, empty=empty) == d.wanted for d in duties)
            for state, duties in self._reached(run.behind, set(run.states), start=empty, end=True)
        )

    def ranges(self) -> set[Ranges]:
        found = super().ranges()
        for automaton in (*self.behind, *self.ahead):
            found |= automaton.ranges()
        return found | ({WORD} if self.checks else set())
