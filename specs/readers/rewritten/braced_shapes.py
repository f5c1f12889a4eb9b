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
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE, parse_type

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "shapes in braces"
MAX_LINES = 15_000
MAX_LINE = 2_000
MAX_SHAPES = 1_000
MAX_MEMBERS = 200
MAX_DEPTH = 6

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
_MEMBER = re.compile(
    r"[ \t]{0,4}(?:(?P<spread>\.{3}[\w.]{0,40})|(?P<name>[A-Za-z_$][\w$]{0,79})[ \t]{0,2}(?P<mark>\?)?[ \t]{0,2}(?P<colon>:)?)"
)
_PLAIN = re.compile(r"[^,;{}\[\]]{1,400}")
_PLAIN_LIST = re.compile(r"\[[^\[\]{}]{0,200}\]")
_MANY, _CLOSES = re.compile(r"\[\]"), re.compile(r"[ \t]{0,3}\]")
_LITERAL = re.compile(r"(?:true|false)\Z|(?P<number>-?\d[\d.]*)\Z|(?P<text>['\"][^'\"]{0,80}['\"])\Z")
_CHOICE = re.compile(r"['\"][^'\"|]{1,60}['\"](?:[ \t]{0,2}\|[ \t]{0,2}['\"][^'\"|]{1,60}['\"]){1,40}\Z")


@dataclass(frozen=True, slots=True)
class _Field:
    """A member of a shape: its place, its type as a table has it, and its mark."""

    name: str
    type: str
    is_optional: bool


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


def _shape_of(line: str) -> tuple[str, list[_Field], bool] | None:
    """The heading that a line's label stands for, the fields of its shape, and whether they are sent."""
    if sent := _SENT.match(line):
        heading = "Query parameters" if sent["query"] or sent["query_"] else "Request body"
        return (heading, fields, True) if (fields := _fields(sent["shape"])) else None
    if answered := _ANSWERED.match(line):
        heading = f"Response {(answered['status'] or '200')[:3]}"
        return (heading, fields, False) if (fields := _fields(answered["shape"])) else None
    return None


def _fields(text: str) -> list[_Field]:
    """The fields of the shape with which a text begins; [] where it does not end, or is anything else."""
    text = text.lstrip("`")
    out: list[_Field] = []
    end = _members(text, 1, "", out, 0)
    return out if end else []


def _members(text: str, at: int, above: str, out: list[_Field], depth: int) -> int:
    """Behind the bracket that ends the members which begin at `at`; 0 where they are none."""
    while depth < MAX_DEPTH and len(out) < MAX_MEMBERS:
        found = _MEMBER.match(text, at)
        if found is None:
            return 0
        at = found.end()
        if found["name"]:
            place = f"{above}.{found['name']}" if above else found["name"]
            index = len(out)
            out.append(_Field(place, "", found["mark"] is not None))
            type_, at = _type(text, at, place, out, depth) if found["colon"] else ("", at)
            if not at:
                return 0
            out[index] = replace(out[index], type=type_)
        at = _behind_blanks(text, at)
        if text[at : at + 1] in (",", ";"):
            at = _behind_blanks(text, at + 1)
        elif text[at : at + 1] != "}":
            return 0
        if text[at : at + 1] == "}":
            return at + 1
    return 0


def _behind_blanks(text: str, at: int) -> int:
    return at + len(text[at : at + 8]) - len(text[at : at + 8].lstrip(" \t"))


def _type(text: str, at: int, place: str, out: list[_Field], depth: int) -> tuple[str, int]:
    """The type that stands at `at`, as a table has it, and the offset behind it, 0 where it has no end."""
    at = _behind_blanks(text, at)
    is_list = text[at : at + 1] == "["
    inner = _behind_blanks(text, at + 1) if is_list else at
    if text[inner : inner + 1] == "{":
        start = len(out)
        end = _members(text, inner + 1, f"{place}[]" if is_list else place, out, depth + 1)
        if not end:
            return "", 0
        closed = (_CLOSES if is_list else _MANY).match(text, end)
        if closed and not is_list:
            out[start:] = [replace(one, name=one.name.replace(place, f"{place}[]", 1)) for one in out[start:]]
        return ("array" if is_list or closed else "object"), closed.end() if closed else end
    if is_list:
        found = _PLAIN_LIST.match(text, at)
        return ("array", found.end()) if found else ("", 0)
    found = _PLAIN.match(text, at)
    if found is None:
        return "", 0
    end = found.end()
    named, many = _named(found.group().strip()), _MANY.match(text, end)
    if many is None:
        return named, end
    return (f"{named}[]" if named and not _CHOICE.match(named) else "array"), many.end()


def _named(text: str) -> str:
    """A plain type as a table has it; "" for one that nothing says what it is."""
    if literal := _LITERAL.match(text):
        return "number" if literal["number"] else "string" if literal["text"] else "boolean"
    if _CHOICE.match(text):
        return text
    return text if parse_type(text) else ""


def _table(fields: list[_Field], *, is_sent: bool) -> list[str]:
    """The fields as a table; which must be given is said where some have types or marks."""
    says = is_sent and any(one.type or one.is_optional for one in fields)
    rows = [
        f"| {one.name} | {_cell(one.type)} | {('No' if one.is_optional else 'Yes') if says else ''} |"
        for one in fields
    ]
    return ["| Field | Type | Required |", "|---|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "").strip()
