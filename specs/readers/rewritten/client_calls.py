"""Calls of an HTTP library in a page's code, rewritten as a request line and the JSON that is sent.

    requests.post(                               POST https://api.example.com/v1/x
        "https://api.example.com/v1/x",       →  ```json
        json={"prompt": "a cat"},  # required    {"prompt": "a cat"},  # required
    )                                            ```

An answer that a comment behind a call holds stands below it, under a label. Read where nothing else of a page
is, so that examples alone show its fields, and where what was read has no path, which the calls then name.
The rewritten text keeps its lines.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.named_addresses import MAX_LINES, bases
from understudy.specs.readers.text.page_text import Line
from understudy.specs.readers.trees.answers_in_comments import answers_in
from understudy.specs.readers.trees.program_calls import (
    Lines,
    ProgramCall,
    call_in,
    calls_in,
    followed_calls,
    parts_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "client calls"
_HOST = re.compile(r"https?://([^/:\s]{1,200})")


def recognises(document: Document) -> bool:
    """Whether the code of the page calls an address with a method."""
    known = bases(document)
    return any(call_in(block, known) is not None for is_code, block in parts_of(document) if is_code)


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a request line and a block of JSON where each such call stands."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with code are read", MAX_LINES + 1)
    out: Lines = []
    known = bases(document)
    made = [(block, calls_in(block, known) if is_code else []) for is_code, block in parts_of(document)]
    others = _others([one for _, calls in made for one in calls])
    for one in others:
        log.note("untold", f"a program calls another service: {one.method} {one.address}"[:200], one.line)
    for block, calls in made:
        ours = [one for one in calls if one not in others]
        answers = _answers(block, ours, log) if ours else {}
        out += [line for one in ours for line in (*_as_lines(one), *answers.get(one, ()))] or block
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _answers(block: Lines, calls: Sequence[ProgramCall], log: FactLog) -> dict[ProgramCall, Lines]:
    """The good answers that comments of a block hold, as lines: of each call the first behind it that has
    more than what is sent."""
    out: dict[ProgramCall, Lines] = {}
    begun = {part[0][0]: lines for part, lines, _ in followed_calls(block)}
    for call in calls:
        lines = begun.get(call.line, [] if begun else block)
        sent = {word for _, text in call.body for word in re.findall(r"\w+", text)}
        for index, status, shown in answers_in([Line(*one) for one in lines], log):
            has_more = not isinstance(shown.value, dict) or not shown.value.keys() <= sent
            if status.startswith("2") and has_more:
                said = json.dumps(shown.value, ensure_ascii=False)
                answer = ("", "Response:", "", "```json", said, "```", "")
                out[call] = [(lines[index][0], line) for line in answer]
                break
    return out


def _others(calls: Sequence[ProgramCall]) -> list[ProgramCall]:
    """The calls of other services: the one of its domain, on a page that calls another one more often."""
    count = Counter(_domain(one.address) for one in calls)
    most = max(count.values(), default=0)
    if len(count) < 2 or most < 2 or list(count.values()).count(most) > 1:
        return []
    return [one for one in calls if count[_domain(one.address)] == 1]


def _domain(address: str) -> str:
    """The last two parts of an address's host; "" where it has none."""
    host = _HOST.match(address)
    return ".".join(host[1].split(".")[-2:]) if host else ""


def call_of(block: Sequence[tuple[int, str]], known: Mapping[str, str]) -> Lines | None:
    """The request that a block of code sends, as lines; None where it sends none."""
    call = call_in(block, known)
    return _as_lines(call) if call else None


def _as_lines(call: ProgramCall) -> Lines:
    head: Lines = [(call.line, ""), (call.line, f"{call.method} {call.address}"), (call.line, "")]
    if not call.body:
        return head
    end = call.body[-1][0]
    return [*head, (call.line, "```json"), *call.body, (end, "```"), (end, "")]
