"""Fields run together, each with a mark behind its name that says whether it is required: a line each.

words*stringseed?integerRepeats a clip   →   words*string
                                             seed?integerRepeats a clip

Such pages may head no answer. Where a run begins with the usual envelope of one, the answer begins.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.shapes import ENVELOPE
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.facts import FactLog

_TYPE = r"(?:string|integer|number|boolean|object|array)"
_NAME = r"[A-Za-z_]\w{0,60}"
_FIELD = re.compile(rf"(?P<name>{_NAME})[?*](?P<type>{_TYPE})(?:\[\])?")
_GLUED = re.compile(rf"{_FIELD.pattern}(?={_NAME}[?*]{_TYPE})")
# So many fields of the usual envelope, with its data, begin an answer.
MIN_ENVELOPE = 2


def are_run_together(line: str) -> bool:
    """Whether a line begins with such a field and the next one is glued to it."""
    return _GLUED.match(line) is not None


def taken_apart(line: str) -> list[str]:
    """The fields of a line, one each, the last with what is said of it."""
    parts: list[str] = []
    at = 0
    while found := _GLUED.match(line, at):
        parts.append(found.group())
        at = found.end()
    return [*parts, line[at:]]


def with_answer(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines, the answer headed where the envelope of one begins and no line heads it.

    Of a run that begins so, what stands behind `data` stands inside of it.
    """
    if any(part_of(text) == "response" for _, text in lines):
        return list(lines)
    out: list[tuple[int, str]] = []
    is_answer, holder = False, 0  # the line whose fields stand in `data`
    for index, (number, text) in enumerate(lines):
        if not is_answer and out and _begins_answer(lines[index : index + 3]):
            is_answer = True
            out.append((number, "Response"))
        found = _FIELD.match(text) if is_answer else None
        is_inside = found is not None and number == holder and found["name"] not in ENVELOPE
        out.append((number, f"data.{text}" if is_inside else text))
        if found and found["name"] == "data" and found["type"] == "object":
            holder = number
    return out


def tell_lost_levels(lines: Sequence[str], log: FactLog) -> None:
    """Note each run that stands right behind an object: whether its fields stand inside of it is lost."""
    for number, (above, line) in enumerate(pairwise(lines), 2):
        holder = _FIELD.match(above)
        if holder and holder["type"] == "object" and _GLUED.match(line):
            names = [found["name"] for part in taken_apart(line) if (found := _FIELD.match(part))]
            what = f"which of {', '.join(names[:20])} stand inside of {holder['name']!r} is lost"
            log.note("problem", what, number, path=(holder["name"],))


def _begins_answer(lines: Sequence[tuple[int, str]]) -> bool:
    """Whether fields of one line that run together are those of an envelope around data."""
    names = [
        found["name"] for number, text in lines if number == lines[0][0] and (found := _FIELD.match(text))
    ]
    envelope = [name for name in names if name in ENVELOPE]
    return len(envelope) >= MIN_ENVELOPE and names[:1] == envelope[:1] and "data" in envelope
