"""Tables of Markdown that a copy ran together on one line, or glued to the text before them, row by row.

POST /v1/x | Name | Type | | --- | --- | | n | integer |    →    POST /v1/x
                                                                 | Name | Type |
POST /v1/x| Name | Type |                                        | --- | --- |
|---|---|                                                        | n | integer |
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_LINE = 20_000
_BARE_RULES = re.compile(r"\s{0,8}---[\s:|-]{0,400}\Z")
_HEAD = re.compile(r"(?<=[.。)）:：])(?:[A-Z][a-z]{2,20}(?:[ ][A-Za-z]{2,20})?|[一-鿿]{2,6})\s*\Z")
_BEHIND_ADDRESS = re.compile(
    r"\s{0,4}(?:POST|GET|PUT|PATCH|DELETE)\s(?:https?://[\w.-]{1,100})?/[\w./{}-]{0,200}?[a-z0-9}](?P<head>[A-Z][a-z]{2,20}(?:[ ][A-Za-z]{2,20})?\s?|[一-鿿]{2,6}\s?)\Z"
)
MAX_CELLS = 2_000
MAX_COLUMNS = 20

_RULE = re.compile(r"\s{0,4}:?-{3,}:?\s{0,4}\Z")
_RULES = re.compile(r"\s{0,8}\|(?:\s{0,4}:?-{3,}:?\s{0,4}\|){2,20}\s*\Z")


def are_run_together(line: str) -> bool:
    """Whether a line holds a table's headings, what sets them apart, and rows."""
    return "---" in line and line.count("|") > 6 and len(line) <= MAX_LINE and bool(_rules(line.split("|")))


def taken_apart(line: str) -> list[str]:
    """The text before each table of such a line, the table's rows, and the text behind them."""
    cells = line.split("|")
    rules = _rules(cells)
    out: list[str] = []
    at = 0
    for index, (start, count) in enumerate(rules):
        head = start - 1 - count
        out += _text(cells[at:head])
        out += ["", _row(cells[head : head + count]), _row(["---"] * count)]
        at = start + count
        end = rules[index + 1][0] - 1 - rules[index + 1][1] if index + 1 < len(rules) else len(cells)
        while at + count < end and not cells[at].strip():
            out.append(_row(cells[at + 1 : at + 1 + count]))
            at += 1 + count
    return [*out, "", *_text(cells[at:])]


def is_glued(line: str, below: str) -> int:
    """Where the headings of a table begin that stand behind other text on their line; 0 where they do not."""
    if line.lstrip().startswith("|") or not line.rstrip().endswith("|") or "---" not in below[:400]:
        return 0
    if _RULES.match(below[:400]) and line.count("|") == below.count("|") - 1:
        # Without a bar before them, behind an address: "POST https://…/v2/clipsField | Type |".
        head = _BEHIND_ADDRESS.match(line[: line.index("|")])
        return head.start("head") if head and role_of(head["head"].strip()) == "name" else 0
    if _RULES.match(below[:400]):
        return line.index("|") if line.count("|") == below.count("|") else 0
    # Without a bar before them: behind the end of a sentence, "… (as it is).Parameter | Type |".
    is_rule = _BARE_RULES.match(below[:400]) and line.count("|") == below.count("|")
    head = _HEAD.search(line[: line.index("|")]) if is_rule else None
    return head.start() if head and role_of(head.group().strip()) == "name" else 0


def _rules(cells: Sequence[str]) -> list[tuple[int, int]]:
    """Where the cells begin that set headings apart from rows, and how many they are."""
    found: list[tuple[int, int]] = []
    index = 0
    while index < min(len(cells), MAX_CELLS):
        count = 0
        while count < MAX_COLUMNS and index + count < len(cells) and _RULE.match(cells[index + count]):
            count += 1
        first = found[-1][0] + found[-1][1] if found else 0
        is_apart = index > first + count and not cells[index - 1].strip()
        if count > 1 and is_apart and all(one.strip() for one in cells[index - 1 - count : index - 1]):
            found.append((index, count))
        index += max(count, 1)
    return found


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.strip() for cell in cells)} |"


def _text(cells: Sequence[str]) -> Iterator[str]:
    if text := "|".join(cells).strip(" |"):
        yield text
