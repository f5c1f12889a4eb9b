"""States of a task with a sentence about each: "created: The task was made queueing: It waits", or in capitals:
"Status (WAITING, IN_WORK, DONE)", "WAITING / DONE"."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.records import Constraint
from understudy.specs.prose.values import CALLOUTS

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

MIN_STATES = 3

_SAID_STATES = re.compile(r"(?<![\w-])([a-z][a-z_]{2,20}): (?=[A-Z])")
# What heads a sentence in the same way, and is no state.
NO_STATES = frozenset(
    [
        *CALLOUTS,
        *re.findall(
            r"\w+",
            "default defaults notes example examples tips hint hints type types value values option "
            "options format formats range limit limits unit units length required optional usage use see "
            "remark remarks description enum allowed supported possible recommended deprecated since "
            "minimum maximum min max",
        ),
    ]
)
_BEGINS_STATES = re.compile(r"(?:\A|[\n:])[ \t\-•*]{0,8}\Z")


# A field that says how far a task is, and words in capitals in brackets, behind a colon, or alone.
_OF_STATES = re.compile(r"(?:\A|_)(?:status|state)\Z|(?:Status|State)\Z")
_CONSTANT = r"[`\"']?[A-Z][A-Z]{1,30}(?:_[A-Z]{1,30}){0,4}[`\"']?"
_CONSTANTS = re.compile(
    rf"(?:\(|[:：]|\A|\n)[ ]{{0,3}}(?P<list>{_CONSTANT}(?:[ ]{{0,2}}(?:[,、/|;]|\bor\b|->|→|或)[ ]{{0,2}}(?:or[ ])?{_CONSTANT}){{1,20}})[ ]{{0,2}}(?=\)|\.?[ ]{{0,2}}(?:\Z|\n))"
)


def read_constants(page: Page, name: str) -> None:
    """The states in capitals that the text of a status lists and does nothing else with."""
    found = (
        _CONSTANTS.search(page.text) if _OF_STATES.search(name) and page.type in (None, "string") else None
    )
    if found is None or any(word.keyword == "enum" for word in page.constraints):
        return
    states = list(dict.fromkeys(re.findall(r"[A-Z][A-Z_]+", found["list"])))
    page.say("enum", states, *found.span("list"))


def read_said_states(page: Page) -> None:
    """States with a sentence about each, the first where the text or a line begins, or behind a colon."""
    found = [one for one in _SAID_STATES.finditer(page.text) if one[1] not in NO_STATES]
    states = list(dict.fromkeys(one[1] for one in found))
    if len(states) < MIN_STATES or any(word.keyword == "enum" for word in page.constraints):
        return
    start = found[0].start()
    if not _BEGINS_STATES.search(page.text[max(0, start - 20) : start]):
        page.doubtful.append(start)
        return
    page.constraints.append(Constraint("enum", states, start, found[-1].end()))
    for one in found:
        page.cover(*one.span())
