"""What calls take and give back, as people note it on one line: a label and a shape in braces.

    ## POST /v1/clips                                                      POST /v1/clips
    - Body: `{ text: string, look?: 'flat'|'deep', size?: { width } }`     请求体：`{ text: string, voice?: string }`
    - 202: `{ jobId, status: 'waits' }`                                    返回：`{ taskId: string }`
    - 400/404 with `{ error: string }`

Each shape becomes a table of fields below a heading that says what its label says. A mark behind a name says that the
field need not be given; in a shape without types or marks nothing says which must.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.brace_shapes import ShapeMember, members_of
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "shapes in braces"
MAX_LINES = 15_000
MAX_LINE = 2_000
MAX_SHAPES = 1_000

_CALL = re.compile(r"(?<![\w/])(?:POST|GET|PUT|PATCH|DELETE)[\s`*:|]{1,6}(?:https?://[^\s/`]{1,200})?/[\w{:]")
_BEFORE = r"[ \t]{0,8}(?:[-*+•][ \t]{1,3})?[*_`]{0,3}"
_BEHIND = r"[*_`]{0,3}[ \t]{0,2}(?:[(（][^()（）\n]{1,80}[)）])?[*_`]{0,3}[ \t]{0,2}(?:[:：]|→|->|=>|\bwith\b|\breturns\b)?[*_`]{0,3}[ \t]{0,3}(?P<shape>`?\{[ \t]{0,3}[A-Za-z_$.].*)\Z"
_SENT = re.compile(
    rf"{_BEFORE}(?P<label>(?:request[ \t]?)?(?:body|payload|json)|request|input|(?P<query>query(?:[ \t](?:string|params?|parameters))?|params)|请求(?:体|参数|正文)?|入参|参数|(?P<query_>查询参数)){_BEHIND}",
    re.IGNORECASE,
)
_ANSWERED = re.compile(
    rf"{_BEFORE}(?P<label>(?:success[ \t])?(?:response|answer|output|result)|returns?|(?P<status>[1-5]\d\d(?:[ \t]{{0,2}}[/,|][ \t]{{0,2}}[1-5]\d\d){{0,6}})(?:[ \t](?:OK|Created|Accepted))?|响应(?:体)?|返回(?:值|体|参数)?|出参|成功(?:响应|返回)?){_BEHIND}",
    re.IGNORECASE,
)
# Statuses that a line says without a shape of their own: "409: same payload when it failed".
_STATUS = re.compile(
    rf"{_BEFORE}(?P<status>[45]\d\d(?:[ \t]{{0,2}}[/,|][ \t]{{0,2}}[45]\d\d){{0,6}})`?[ \t]{{0,2}}(?:[:：]|with\b)(?P<words>.*)\Z"
)


def recognises(document: Document) -> bool:
    """Whether the page states an operation and, on lines with labels, two shapes in braces."""
    if "{" not in document.text:
        return False
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    found = (line for line in lines if "{" in line and _shape_of(line) is not None)
    return len(list(islice(found, 2))) == 2 and any(_CALL.search(line[:500]) for line in lines)


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a table of fields in place of each such line."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page are read", MAX_LINES + 1)
    out: list[tuple[int, str]] = []
    refused: list[tuple[int, str, str]] = []
    is_fenced, shapes = False, 0
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if FENCE.match(line[:40]):
            is_fenced = not is_fenced
        found = None if is_fenced or "{" not in line or shapes == MAX_SHAPES else _shape_of(line[:MAX_LINE])
        said = None if is_fenced else _STATUS.match(line[:MAX_LINE])
        if said is not None:
            refused += [(number, one, said["words"]) for one in re.findall(r"\d{3}", said["status"])]
        if found is None:
            out.append((number, line))
        elif said is None:
            shapes += 1
            if shapes == MAX_SHAPES:
                log.cut(f"{MAX_SHAPES:,} shapes in braces are read", number)
            heading, fields, is_sent = found
            out += [
                (number, text) for text in ("", f"#### {heading}", "", *_table(fields, is_sent=is_sent), "")
            ]
    if refused:
        at = refused[0][0]
        out += [(at, ""), (at, "## Errors"), (at, ""), (at, "| Status | Meaning |"), (at, "|---|---|")]
        out += [(number, f"| {status} | {_cell(words)} |") for number, status, words in refused]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _shape_of(line: str) -> tuple[str, list[ShapeMember], bool] | None:
    """The heading that a line's label stands for, the fields of its shape, and whether they are sent."""
    if sent := _SENT.match(line):
        heading = "Query parameters" if sent["query"] or sent["query_"] else "Request body"
        return (heading, fields, True) if (fields := members_of(sent["shape"])) else None
    if answered := _ANSWERED.match(line):
        heading = f"Response {(answered['status'] or '200')[:3]}"
        return (heading, fields, False) if (fields := members_of(answered["shape"])) else None
    return None


def _table(fields: list[ShapeMember], *, is_sent: bool) -> list[str]:
    """The fields as a table; which must be given is said where some have types or marks."""
    says = is_sent and any(one.type or one.is_optional for one in fields)
    rows = [
        f"| {one.name} | {_cell(one.type)} | {('No' if one.is_optional else 'Yes') if says else ''} |"
        for one in fields
    ]
    return ["| Field | Type | Required |", "|---|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "").strip()
