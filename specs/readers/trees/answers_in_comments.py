"""Answers that stand in the comments of code, behind the call that they answer.

curl … -d '{"prompt": "a boat"}'                      const made = await fetch(…);
# Returns: {"task_id": "t-1", "status": "queued"}     // => { id: "t-1" }
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.trees import examples

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import Line

MAX_LINE = 2_000
MAX_LINES = 60
MAX_ANSWERS = 10

# A comment, what it may say before the answer, and the answer's bracket.
_ANSWER = re.compile(
    r"(?:\A|(?<=[\s;)]))(?P<mark>//|\#)\s{0,4}(?:(?:example\s)?(?:(?:it\s)?returns?|responses?|answers?|result|output|返回|响应|结果)(?:\s?[(（]?(?P<status>[2-5]\d\d)(?:\s(?:OK|Created|Accepted))?[)）]?)?\s?[:：]?\s{0,3})?(?:(?:=>|->|→)\s{0,3})?(?=\{\s?(?:[\"'\w}]|\Z)|\[\s?\{)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s{0,40}(?://|#)\s?")


def answers_in(lines: Sequence[Line], log: FactLog) -> Iterator[tuple[int, str, examples.Shown]]:
    """The answers that comments of a block hold: the index of each one's line, its status, and what it shows."""
    index = found = 0
    while index < len(lines) and found < MAX_ANSWERS:
        text = lines[index].text[:MAX_LINE]
        led = _ANSWER.search(text) if "{" in text else None
        if led is None:
            index += 1
            continue
        held = [text[led.end() :]]
        for line in lines[index + 1 : index + MAX_LINES]:
            comment = _COMMENT.match(line.text[:MAX_LINE])
            if comment is None or _ANSWER.search(line.text[:MAX_LINE]):
                break
            held.append(line.text[comment.end() : MAX_LINE])
        shown = examples.shown("\n".join(held), 0, lines[index].number, log, quiet=True)
        if shown is not None and isinstance(shown.value, (dict, list)) and shown.value:
            yield index, led["status"] or "200", shown
            found += 1
        index += 1
