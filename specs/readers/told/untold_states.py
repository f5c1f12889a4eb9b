"""States with which the programs of a page compare what came back, and that no field has among its values.

if film["status"] == "made":        switch (film.state) { case "ready": … }        while state in ("waiting", "running"):

A program names those that it waits for, which need not be all: they are told, and are no list of values.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from understudy.specs.documents import Document

MAX_LINES = 30_000
MAX_LINE = 2_000
MAX_CASES = 40  # lines below a `switch` that belong to it
MAX_STATES = 20
STATES = "untold-states-of-programs"

_STATE = r"(?<![A-Za-z])(?P<name>(?:\w{1,30}_)?(?:status|state|phase)|[a-z]{2,20}(?:Status|State))[\"'`]?\s?\]?\s?\)?"
_TEXT = r"[\"'`][A-Za-z][\w-]{1,40}[\"'`]"
_COMPARED = re.compile(
    rf"{_STATE}\s{{0,2}}(?:(?:[=!]==?)\s?(?P<one>{_TEXT})|(?:not\s)?in\s?[(\[{{](?P<several>{_TEXT}(?:,\s?{_TEXT}){{0,12}}),?[)\]}}])"
)
_SWITCH = re.compile(rf"\b(?:switch|match)\s?\(?[^\n]{{0,60}}?{_STATE}\s?[){{:]")
_CASE = re.compile(rf"\bcase\s(?P<one>{_TEXT})\s?:")
_WORD = re.compile(r"[A-Za-z][\w-]{1,40}")


def untold_states(document: Document, values: Set[str]) -> Iterator[Note]:
    """A note for each name of a state of which a program names values that are none of `values`."""
    found: dict[str, dict[str, int]] = {}
    fenced, name, ends = False, "", 0
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        text = line[:MAX_LINE]
        if FENCE.match(text[:40]):
            fenced, name = not fenced, ""
        if not fenced:
            continue
        if switch := _SWITCH.search(text):
            name, ends = switch["name"], number + MAX_CASES
        for one in _COMPARED.finditer(text):
            words = _WORD.findall(one["one"] or one["several"])
            found.setdefault(one["name"], {}).update({word: number for word in words if word not in values})
        for one in _CASE.finditer(text) if name and number <= ends else ():
            if (word := one["one"].strip("\"'`")) not in values:
                found.setdefault(name, {}).setdefault(word, number)
    for name, states in found.items():
        if states:
            shown = ", ".join(list(states)[:MAX_STATES])
            what = f"values with which a program compares {name}: {shown}"
            yield Note("untold", what, document.name, min(states.values()), code=STATES)
