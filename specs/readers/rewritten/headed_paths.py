"""Calls of which a heading says the path alone, with the JSON of each below it: their methods are added.

#### /run                      #### POST /run
```json                        ```json
{"words": "a fox"}       →     {"words": "a fox"}
```                            ```
#### /status                   #### GET /status
```json                        ```json
{"id": "7", …}                 {"id": "7", …}
```                            ```

No line of such a page says a method: what is asked for by its last word or by a parameter at its end is
read with GET, other things are sent. Read where nothing else of a page is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "headed paths"
MAX_LINES = 10_000
# So many such headings, one of which shows that it is of a call, are those of an API; or one with a version.
MIN_HEADINGS = 2
# So many lines below its heading the first block of a call begins.
MAX_TO_BLOCK = 8
# So many lines of an example are looked through for what only answers have.
MAX_EXAMPLE = 40

_HEADING = re.compile(
    r"(?P<before>#{1,6}[ \t]{1,3}(?:\d{1,2}[.)、][ \t]?)?[`*]{0,3}|\*\*`?|`)"
    r"(?P<path>(?:https?://[\w.:-]{3,100})?(?:/(?:[\w~:-]{1,80}|\{\w{1,80}\})){1,10})"
    r"(?P<after>[`*]{0,3}[:：]?)[ \t]*\Z"
)
_VERSION = re.compile(r"/v\d{1,2}(?:/|\Z)|/api/")
_SAYS_API = re.compile(r"\bAPIs?\b|\b[Ee]ndpoints?\b|接口|端点")
_METHOD = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b")
_JSON = re.compile(r"\s{0,12}[{\[]")
_ASKED = re.compile(
    r"(?:/|[_-])(?:status|states?|results?|progress|health|list)\Z|/(?:\{\w{1,80}\}|:\w{1,80})\Z|/(?:get|query|fetch)[\w-]{0,40}\Z",
    re.IGNORECASE,
)
# Keys that an example has which nobody sends.
_OF_ANSWERS = re.compile(
    r"[\s{,]{0,12}\"(?:(?:task_?|job_?)?(?:status|state|progress)|created_?at|updated_?at|(?:task|job|request)_?id)\"\s?:",
    re.IGNORECASE,
)


def recognises(document: Document) -> bool:
    """Whether a page about an API that says no method has JSON below headings which are paths."""
    if not _SAYS_API.search(document.text[:200_000]):
        return False
    lines = document.lines[:MAX_LINES]
    calls = [(index, path) for index, path in _headings(lines) if _block_below(lines, index)]
    is_api = any(_VERSION.search(path) for _, path in calls) or (
        len(calls) >= MIN_HEADINGS and any(_is_call(lines, *call) for call in calls)
    )
    return is_api and not any(_METHOD.search(line[:400]) for line in lines)


def _is_call(lines: Sequence[str], heading: int, path: str) -> bool:
    """Whether something shows that the path below a heading is of a call, not of a folder: its last word,
    what its example has, or a line that says what that is."""
    block = _block_below(lines, heading)
    is_labelled = any(part_of(line) for line in lines[heading + 1 : block])
    return is_labelled or _ASKED.search(path) is not None or _is_answer(lines, heading, block)


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a method before each such path, and answers under a heading of their own."""
    lines = document.lines[:MAX_LINES]
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page of headed paths are read", MAX_LINES + 1)
    calls = {index: path for index, path in _headings(lines) if _block_below(lines, index)}
    answers: set[int] = set()
    out: list[tuple[int, str]] = []
    for index, line in enumerate(lines):
        if path := calls.get(index):
            method = "GET" if _ASKED.search(path) else "POST"
            what = f"no method is said of {path}: it is taken as {method}"
            log.note("problem", what, index + 1)
            block = _block_below(lines, index)
            if method == "POST" and _is_answer(lines, index, block):
                answers.add(block)
            out.append((index + 1, f"## {method} {path}"))
            continue
        out += [(index + 1, "**Response**"), (index + 1, "")] if index in answers else []
        out.append((index + 1, line))
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _headings(lines: Sequence[str]) -> list[tuple[int, str]]:
    """The index and path of each line outside of code that is a path set as a heading."""
    out: list[tuple[int, str]] = []
    is_code = False
    for index, line in enumerate(lines):
        if FENCE.match(line[:40]):
            is_code = not is_code
        elif not is_code and "/" in line and (found := _HEADING.match(line[:1_000])):
            out.append((index, found["path"]))
    return out


def _block_below(lines: Sequence[str], heading: int) -> int:
    """The index of the fence at which JSON begins below a heading, before any other; 0 where none does."""
    for index in range(heading + 1, min(heading + 1 + MAX_TO_BLOCK, len(lines) - 1)):
        if FENCE.match(lines[index][:40]):
            return index if _JSON.match(lines[index + 1][:40]) else 0
        if _HEADING.match(lines[index][:1_000]):
            return 0
    return 0


def _is_answer(lines: Sequence[str], heading: int, block: int) -> bool:
    """Whether the block below a heading shows an answer, where no line between them says what it is."""
    if any(part_of(line) for line in lines[heading + 1 : block]):
        return False
    for line in lines[block + 1 : block + 1 + MAX_EXAMPLE]:
        if FENCE.match(line[:40]):
            return False
        if _OF_ANSWERS.match(line[:400]):
            return True
    return False
