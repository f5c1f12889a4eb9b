"""What a line says and nothing kept, and how a note shows it: the line where it is short, else parts of it.

"| cfg_scale | float | [0, 1], default 0.5 |"   a limit at 22 and "default" at 30 →
a limit and 'default' are in no fact: cfg_scale float [0, 1], default 0.5
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A line up to so many characters is shown whole; of a longer one its beginning, where a field has its name,
# and so much on both sides of what is unread.
MAX_WHOLE = 240
AT_BEGIN = 40
AROUND = 60
MAX_SHOWN = 600

# The signs between cells, and what stands for a long run of blanks where limits are looked for.
_CELLS = re.compile(r"[|\s\x01]+")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that a text says: what it is ("a limit", "alternatives"), and where it stands."""

    what: str
    start: int
    end: int


def told_as(text: str, found: Sequence[Unread]) -> str:
    """The text of the one note about all of what is unread in a line."""
    kinds = list(dict.fromkeys(one.what for one in found))
    several = len(kinds) > 1 or kinds[0].endswith("s")
    named = f"{', '.join(kinds[:-1])} and {kinds[-1]}" if len(kinds) > 1 else kinds[0]
    return f"{named} {'are' if several else 'is'} in no fact: {excerpt(text, found)}"


def excerpt(text: str, found: Sequence[Unread]) -> str:
    if len(text) <= MAX_WHOLE:
        return _shown(text)
    spans = [(0, AT_BEGIN)]
    for one in sorted(found, key=lambda unread: unread.start):
        start, end = max(one.start - AROUND, 0), one.end + AROUND
        if start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return " … ".join(_shown(text[start:end]) for start, end in spans)[:MAX_SHOWN]


def _shown(text: str) -> str:
    return _CELLS.sub(" ", text).strip()
