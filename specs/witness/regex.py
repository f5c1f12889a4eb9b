"""Short strings that fit a regular expression, shortest first. A guess: the caller asks the validator."""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.language import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LENGTH = 5_000
CATEGORIES: dict[Any, str] = {
    op.CATEGORY_DIGIT: "0189",
    op.CATEGORY_SPACE: " \t",
    op.CATEGORY_WORD: "aZ0_",
    op.CATEGORY_NOT_DIGIT: "a -",
    op.CATEGORY_NOT_SPACE: "a0-",
    op.CATEGORY_NOT_WORD: "- !",
}
ANY = "a0 -é"


def strings(pattern: str, min_length: int = 0, limit: int = 40) -> Iterator[str]:
    """Up to `limit` different strings that `pattern` should match; none when it is not understood.

    "^[a-c]{2}$" -> "aa", "bb", …
    """
    try:
        tree = tree_of(pattern)
    except (re.error, RecursionError, OverflowError):
        return
    seen = set()
    ahead = _ahead(tree, op.ASSERT)
    picks = [(more, turn, 0) for more in (0, 1, 2, 3, min_length, 7) for turn in range(6)]
    picks[12:12] = [(more, turn, 1) for more in (0, 1) for turn in range(2)]
    # As long as the pattern lets a text be, where it says how long.
    makers = [*(_Maker(*pick) for pick in picks[:12]), _Maker(MAX_LENGTH, 0)]
    makers += [_Maker(*pick) for pick in picks[12:]]
    for maker in islice(makers, limit):
        text = maker.sequence(tree)
        if text is None or len(text) > MAX_LENGTH:
            continue
        anchored = pattern.endswith("$")
        if len(text) < min_length and not anchored:
            text += "a" * (min_length - len(text))
        # What has to come at some place is put in front: a password with a capital and a digit.
        for one in (text, *(["".join(ahead) + text] if ahead else [])):
            if one not in seen:
                seen.add(one)
                yield one


def breakers(pattern: str) -> Iterator[str]:
    """Strings that may nearly match `pattern`: with what it forbids by looking ahead or behind, or too short.

    "^(?!admin)[a-z]+$" -> "admin", "admina", …
    """
    try:
        tree = tree_of(pattern)
    except (re.error, RecursionError, OverflowError):
        return
    made = list(islice(strings(pattern), 12))
    for text in _ahead(tree, op.ASSERT_NOT):
        yield text
        yield from (text + other for other in made)
        yield from (other + text for other in made)
    for text in _ahead(tree, op.ASSERT_NOT, behind=True):
        yield text
        yield from (other + text for other in made)
    for text in made:
        yield text
        yield text[:-1]


def _ahead(tree: Any, kind: Any, *, behind: bool = False) -> list[str]:
    """A text for each look-ahead (or look-behind) of that kind at the top of a pattern."""
    found = [argument for code, argument in tree if code is kind and (argument[0] < 0) == behind]
    made = [_Maker(0, 0).sequence(argument[1]) for argument in found]
    return [text for text in made if text]


class _Maker:
    """One way through a pattern: `more` repeats above the least, and the `turn`-th choice everywhere, or
    `onwards` from choice to choice."""

    def __init__(self, more: int, turn: int, onwards: int = 0) -> None:
        self.more = more
        self.turn = turn
        self.onwards = onwards
        self.groups: dict[int, str] = {}

    def sequence(self, tree: Any) -> str | None:
        parts: list[str] = []
        for code, argument in tree:
            part = self.one(code, argument)
            if part is None:
                return None
            parts.append(part)
            if sum(map(len, parts)) > MAX_LENGTH:
                return None
        return "".join(parts)

    def one(self, code: Any, argument: Any) -> str | None:
        if code is op.LITERAL:
            return chr(argument)
        if code is op.NOT_LITERAL:
            return next(c for c in ANY if ord(c) != argument)
        self.turn += self.onwards
        if code is op.ANY:
            return ANY[self.turn % len(ANY)]
        if code is op.IN:
            return self.choice(argument)
        if code is op.BRANCH:
            branches = argument[1]
            return self.sequence(branches[self.turn % len(branches)])
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            return self.repeat(*argument)
        return self.special(code, argument)

    def special(self, code: Any, argument: Any) -> str | None:
        if code is op.SUBPATTERN:
            text = self.sequence(argument[3])
            if argument[0] is not None and text is not None:
                self.groups[argument[0]] = text
            return text
        if code is op.ATOMIC_GROUP:
            return self.sequence(argument)
        if code is op.GROUPREF:
            return self.groups.get(argument, "")
        if code in (op.AT, op.ASSERT, op.ASSERT_NOT):
            return ""
        return None

    def repeat(self, least: int, most: Any, tree: Any) -> str | None:
        if self.more == MAX_LENGTH and most is op.MAXREPEAT:
            most = least  # what has no end is as short as it can be
        times = min(least + self.more, int(most))
        if times > MAX_LENGTH:
            return None
        text = self.sequence(tree)
        return None if text is None else text * times

    def choice(self, items: list[tuple[Any, Any]]) -> str | None:
        if items[0][0] is op.NEGATE:
            refused = self.members(items[1:], 300)
            return next((chr(n) for n in (97, 65, 48, 45, 32, 33, *range(34, 700)) if n not in refused), None)
        return chr(members[self.turn % len(members)]) if (members := self.members(items, 8)) else None

    def members(self, items: list[tuple[Any, Any]], limit: int) -> list[int]:
        found: list[int] = []
        for code, argument in items:
            if code is op.LITERAL:
                found.append(argument)
            elif code is op.RANGE:
                # Both ends first: what tells two ranges apart is mostly there.
                found += (argument[0], argument[1])
                found += range(argument[0] + 1, min(argument[1] - 1, argument[0] + limit) + 1)
            elif code is op.CATEGORY:
                found += map(ord, CATEGORIES[argument])
        return found
