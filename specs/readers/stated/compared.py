"""Which of two readings of a page is taken: what one leaves out of the page, or of what the other has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Reading
    from understudy.specs.readers.stated.said_words import Head

_IN_PATH = re.compile(r"(?<=\{)\w{1,80}(?=\})|(?<=[?&])\w{1,80}(?==)")


def lost_by(found: Reading | None, other: Reading) -> int:
    """How many fields of one reading stand on lines from which the other has none."""
    lines = {near for one in other.fields() for near in range(one.line - 2, one.line + 3)}
    stated = (
        (one for one in found.fields() if any(word.evidence.kind != "example" for word in one.keywords))
        if found
        else ()
    )
    return len({one.line for one in stated if one.line not in lines})


def loses_an_answer(found: Reading | None, other: Reading) -> bool:
    """Whether one reading has the answer of an operation of which another one has nothing but other fields:
    then those are of something else."""
    answers = {
        (one.method, one.path, status): {field.path for field in fields}
        for one in other.operations
        for status, fields in one.responses.items()
        if fields
    }
    return any(
        answers.get((one.method, one.path, status), set()).isdisjoint(field.path for field in fields)
        and (one.method, one.path, status) in answers
        for one in (found.operations if found else ())
        for status, fields in one.responses.items()
        if fields
    )


def not_sent(heads: Sequence[Head], found: Reading) -> list[Head]:
    """The fields that begin on a page without those that an address holds, which are in no body."""
    filled = _filled(found)
    return [one for one in heads if one.leaf not in filled]


def _filled(found: Reading | None) -> set[str]:
    return {name for one in (found.operations if found else ()) for name in _IN_PATH.findall(one.path)}


def missed_by(heads: Sequence[Head], found: Reading | None) -> int:
    """How many of the fields that stand on a page are not in its reading. A name that is stated already, of
    which no type is said, begins no field: it is one more line about it."""
    lines: dict[str, set[int]] = {}
    stated: set[str] = set()
    for one in found.fields() if found else ():
        lines.setdefault(one.name, set()).add(one.line)
        if any(
            word.name in ("type", "required") and word.evidence.kind != "example" for word in one.keywords
        ):
            stated.add(one.name)
    filled = _filled(found)
    return sum(
        head.leaf not in filled
        and not lines.get(head.leaf, set()).intersection(range(head.start, head.end + 2))
        for head in heads
        if head.is_said or head.leaf not in stated
    )
