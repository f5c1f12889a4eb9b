"""Several calls in one block, a line each, as pages list the addresses of a service.

POST /v2/clips            # submit
GET  /v2/clips/{task_id}  # ask for it
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.readers.pages.page_lines import OPERATION
from understudy.specs.readers.text.page_text import path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.pages.page_state import PageState
    from understudy.specs.readers.text.page_text import Line

MAX_CALLS = 40
_COMMENT = re.compile(r"\s{1,40}(?:#|//|→|--)\s{0,4}(?P<label>\S.{0,60})\Z")
_MARK = re.compile(r"\s{0,8}(?:#|//)")


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A call as a line of a block has it, and what the comment behind it says that it does."""

    method: str
    path: str
    line: int
    label: str


def take(page: PageState, lines: Sequence[Line]) -> bool:
    """Whether a block lists calls: the first is the one at hand then, and the others are known."""
    calls = _calls(lines)
    operations = page.operations
    if calls and operations.begin(calls[0].method, calls[0].path, "", calls[0].line, alone=True):
        page.restart()
    for one in calls:
        operations.mention(one.method, one.path, one.line, label=one.label)
    return bool(calls)


def _calls(lines: Sequence[Line]) -> list[ListedCall]:
    """The calls of a block that has nothing but calls and comments; none of any other block."""
    found = []
    for line in lines[: MAX_CALLS * 2]:
        text = line.text.strip()[:500]
        if not text or _MARK.match(text):
            continue
        comment = _COMMENT.search(text, max(text.find("/"), 0))
        stated = text[: comment.start()].rstrip() if comment else text
        call = OPERATION.match(stated)
        if call is None or call.end() < len(stated.partition("?")[0]):
            return []
        label = comment["label"].strip() if comment else ""
        found.append(ListedCall(call["method"].lower(), path_of(call), line.number, label))
    return found if 1 < len(found) <= MAX_CALLS else []
