"""Fields, operations and refusals that a page begins and of which nothing was read.

| prompt | string | … |     - **prompt**: …     ### `prompt`     prompt string required     GET /v1/clips/{id}

A row, an entry, a heading or a request line counts as read when a fact or a note has its line as evidence. So
a table that no reader took for one is told row by row, also where another operation has fields of these names.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.readers.text.base_addresses import base_paths
from understudy.specs.readers.text.page_text import FENCE, METHODS, NOISE, TYPE_WORDS
from understudy.specs.readers.told.known_calls import KnownCalls
from understudy.specs.readers.told.untold_lines import MAX_LONG_LINE, rows_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set

    from understudy.specs.documents import Document
    from understudy.specs.model import Reading

FIELD, OPERATION, REFUSAL = "untold-field", "untold-operation", "untold-refusal"
PLACES = ("body", "header", "headers", "query", "path", "cookie")
MAX_LINES = 30_000
MAX_LINE = 2_000
MAX_SHOWN = 200
# So many rows of one table are told together, with so many of their names; and so many lines may stand between two.
MIN_ROWS, MAX_NAMES, MAX_BETWEEN_ROWS = 3, 40, 50
# Of a line that names so many operations each is looked for, whatever was read of it.
MIN_CALLS = 2
# So far above an entry may the note stand that names all of its list.
MAX_ABOVE = 14

_NAME = r"[A-Za-z_][\w-]{0,79}(?:\[\w{0,40}\])?(?:\.[A-Za-z_][\w-]{0,79}(?:\[\d?\])?){0,8}"
_ROW = re.compile(
    rf"[ \t]{{0,12}}\|?[ \t]{{0,4}}[>└├─↳»›]{{0,3}}[ \t]{{0,3}}[*_`~]{{0,4}}(?P<name>{_NAME})[*_`~]{{0,4}}[ \t]{{0,3}}(?:\*|\?)?[ \t]{{0,3}}[|\t]"
)
# The first cell of a row in HTML.
_CELL = re.compile(
    rf"\s{{0,40}}<tr[^<>]{{0,200}}>\s{{0,8}}<td[^<>]{{0,200}}>\s{{0,8}}(?:<(?:code|strong|b)>)?(?P<name>{_NAME})(?:</\w{{1,8}}>)?\s{{0,8}}</td>"
)
_ENTRY = re.compile(
    rf"[ \t]{{0,12}}(?:\*[ ]-|[-*+•·]|\d{{1,2}}[.)])[ \t]{{1,4}}(?P<mark>[*_]{{0,2}}`{{1,2}}|[*_]{{2}})(?P<name>{_NAME})[`*_]{{1,3}}"
)
# A row whose cells nothing but a blank sets apart, or nothing at all: "seed integer …", "seed整型…".
_TYPED = re.compile(
    rf"[ \t\u3000]{{0,12}}(?:[-*+•└├─>]{{1,3}}[ \t]{{0,3}})?(?!(?i:an?|the|this|that|each|every|any|one|no|is|are|of|in|as|or|and|with|json|new|valid|returns?)\b)(?P<name>(?i:{_NAME}?))(?:[ \t]{{1,4}}(?:(?i:int32|int64|int|float|double|bool|list|enum)(?![\w(=])|(?:uri|uuid|date-time)(?:required)?[ ]{{0,3}}\Z)|[ \t]{{0,4}}(?:(?i:string|integer|number|boolean|object|array)(?![a-z_(=])|字符串|整型|整数|浮点数|数字|布尔值?|数组|对象|JSON\b))(?:(?=\s?\S)|(?<=uri|uid|red|ime)\Z)"
)
# A name with its mark glued to it, above a line with its type: "promptrequired".
_MARKED = re.compile(
    r"\s{0,8}(?P<name>[A-Za-z_]\w{1,59}?)(?:required|optional|Required|Optional|必填|选填|可选)\s{0,4}\Z"
)
_TYPE_BELOW = re.compile(
    r"\s{0,8}(?:string|integer|int|number|float|boolean|bool|object|array|字符串|整数|数组|对象)\b",
    re.IGNORECASE,
)
# A plain word as its name, and a sentence that goes on behind the type.
_PLAIN = re.compile(r"[A-Za-z][a-z]{0,40}\Z")
_GOES_ON = re.compile(r"(?<=\w)[ ](?!(?:required|optional|default|yes|no|true|false|max|min)\b)[a-z]")
# Not "`mode` values": a heading that speaks of a field.
_HEADING = re.compile(
    rf"[ \t]{{0,3}}#{{2,6}}[ \t]{{1,4}}[*_]{{0,2}}(?=`{_NAME}`|\[`{_NAME}`\]|\[\w{{0,40}}(?:[a-z][A-Z]|_)\w{{0,40}}\])\[?`?(?P<name>{_NAME})(?:`|(?=\]))(?:\]\([^()\s]{{1,300}}\))?[*_]{{0,2}}(?=[ \t]{{0,3}}(?:\Z|[^\sA-Za-z])|[ \t]{{1,3}}(?i:string|integer|int|number|float|boolean|bool|object|array|list|enum|required|optional)\b)"
)
# A word as headings and labels have it: "Status", "Field".
_TITLE = re.compile(r"[A-Z][a-z]{1,20}\Z|ID\Z|URL\Z")
_KEY = re.compile(r"api[-_]?key", re.IGNORECASE)
# Addresses that are called back or read, not called.
_HOOK = re.compile(r"callback|webhook|hooks?\b|/(?:docs?|blog|guides?|reference)/", re.IGNORECASE)
_CALL = re.compile(
    r"\b(?P<method>POST|GET|PUT|PATCH|DELETE|(?:post|get|put|patch|delete)(?=\shttps?://))(?:\b[\s:`\"'*|]{1,6}|(?=/(?!POST|GET|PUT|PATCH|DELETE)))(?:https?://[\w.:{}-]{1,200})?(?P<path>/[\w.~/{}<>:$-]{2,300})"
)
# A path behind its label, alone on its line, or in a row with its method.
_LABELLED = re.compile(
    r"(?:接口地址|请求地址|请求路径|接口路径|请求\s?URL|\b(?:endpoint|request (?:url|path)|path|url|uri)\b)[\s:：*`|]{1,8}(?:https?://[\w.:{}-]{1,200})?(?P<path>(?:/[\w.~{}<>:$-]{1,80}){2,8}/?)(?![\w/])",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\s{0,8}`?(?P<path>/[a-z][\w-]{0,60}(?:/[\w{}<>:.-]{1,60}){1,7})`?\s{0,4}\Z")
_IN_A_ROW = re.compile(
    r"[|\t]\s{0,4}`?(?P<path>(?:/[\w.~{}<>:$-]{1,80}){2,8})`?\s{0,40}[|\t]\s{0,40}`?(?P<method>POST|GET|PUT|PATCH|DELETE)\b"
)
# A row or an entry of a list of refusals: a status or a code first, and what it means.
_REFUSAL = re.compile(
    r"[ \t]{0,8}(?:\||[-*+•][ \t]{1,3}|#{2,6}[ \t])?[ \t]{0,3}[*`]{0,3}(?P<code>[45]\d\d|1\d{3,4})[*`]{0,3}(?:[ \t]{0,3}[|:：–—\t-]|[ \t]{1,3}\(?(?=[A-Z]))[^\n]{0,200}[^\W\d]{3}"
)
# A status in a sentence or a heading, with its reason phrase.
_PHRASE = re.compile(
    rf"(?<!\d)(?P<code>[45]\d\d)\s(?:{'|'.join(re.escape(one.phrase) for one in HTTPStatus if one >= 400)})\b"
)
# What a text speaks of above a list of refusals, and how far above one.
_OF_REFUSALS = re.compile(
    r"\b(?:error|code|status|fail|exception|reason)|错误|状态码|返回码|失败|异常", re.IGNORECASE
)
MAX_TO_CODES = 40
# An address of an API that no method stands beside: in a command, or on a line of its own.
_ADDRESS = re.compile(
    r"(?:https?://[\w.:{}-]{1,200}|(?<![\w./])(?=/))(?P<path>/(?:[\w.~{}<>:$-]{1,80}/){0,6}?(?:v\d{1,2}|api)/[\w.~/{}<>:$-]{2,200})(?<!\.)"
)
_FILE = re.compile(
    r"\.(?:mp4|mov|png|jpe?g|webp|gif|mp3|wav|html?|md|pdf|zip|json|ya?ml|js|py)\Z", re.IGNORECASE
)
# The types of a field on a line of their own: "string | null".
_TYPES = re.compile(r"\A\s{0,8}\w+(?:\s?\|\s?\w+){1,4}\s{0,4}\Z")
_WORDS = re.compile(r"[A-Za-z_]\w*")
_RULE = re.compile(r"[\s|:-]+\Z")


def untold_fields(
    document: Document,
    read: Mapping[int, Set[str]],
    noted: Mapping[int, str],
    known: Set[str],
    heads: Iterable[tuple[int, int]],
) -> Iterator[Note]:
    """A note for every line that begins a field of which no fact is, and one for all such rows of a table.

    `read` has the lines that facts come from with their values, `noted` the texts of notes by their lines, `known` what fields may be and
    the objects that hold them, and `heads` the first and last line of each field that its name and type show.
    """
    rows: list[tuple[int, str, Note]] = []
    for number, name, note in _begun(document, read, noted, known, heads):
        if rows and (not name or not _are_one_table(document.lines, rows[-1][0], number)):
            yield from _of_a_table(rows)
            rows = []
        if name:
            rows.append((number, name, note))
        else:
            yield note
    yield from _of_a_table(rows)


def _are_one_table(lines: Sequence[str], above: int, number: int) -> bool:
    """Whether two rows are of one table: nothing but rows stands between their lines."""
    between = lines[above : number - 1] if number - above <= MAX_BETWEEN_ROWS else [""]
    return all("|" in line or "\t" in line for line in between)


def _of_a_table(rows: Sequence[tuple[int, str, Note]]) -> Iterator[Note]:
    if len(rows) < MIN_ROWS:
        yield from (note for _, _, note in rows)
        return
    names = list(dict.fromkeys(name for _, name, _ in rows))
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    what = f"{len(rows)} rows of a table that are in no fact: {', '.join(names[:MAX_NAMES])}{more}"
    yield replace(rows[0][2], text=what)


def _begun(
    document: Document,
    read: Mapping[int, Set[str]],
    noted: Mapping[int, str],
    known: Set[str],
    heads: Iterable[tuple[int, int]],
) -> Iterator[tuple[int, str, Note]]:
    """Each line that begins such a field, the name where it is a row of a table ("" elsewhere), and its note."""
    begun = dict(heads)
    lines = document.lines[:MAX_LINES]
    for number, text in _outside_code(document):
        if rows := rows_of(text):
            yield from _in_a_long_line(number, rows, document.name, read, noted)
            continue
        typed = _TYPED.match(text)
        if typed and _GOES_ON.match(text, typed.end()) and _PLAIN.match(typed["name"]):
            typed = None  # "model list below", "Use bool flags"
        marked = _MARKED.match(text)
        if marked and _TYPE_BELOW.match(next((one for one in lines[number : number + 3] if one.strip()), "")):
            typed = marked
        found = _ROW.match(text) or _CELL.match(text) or _ENTRY.match(text) or _HEADING.match(text) or typed
        is_head = number in begun and not (found and found["name"] in known and text.lstrip().startswith("#"))
        if not (
            is_head or (found and (found is typed or _is_entry(found["name"], lines, number, known)))
        ) or is_common(text):
            continue
        last = begun.get(number, number)
        # The line above counts where it has this name: elsewhere it ends what is said of another field.
        begins = _WORDS.search(text)
        is_above = last > number and begins is not None and begins.group() in read.get(number - 1, ())
        above = [number - 1] if is_above else []
        if number in noted or any(one in read for one in (*above, *range(number, last + 1))):
            continue
        if is_head or not (
            _is_listed(found["name"] if found else "", number, noted)
            or any(cell.strip(" *`") in known for cell in re.split(r"[|\t]", text))
        ):
            what = f"{'a field' if is_head else 'an entry'} that is in no fact: {quoted(lines[number - 1 : last])}"
            name = found["name"] if found and found.re is _ROW and not is_head else ""
            yield number, name, Note("untold", what, document.name, number, code=FIELD)


def _in_a_long_line(
    number: int, rows: Sequence[str], document: str, read: Mapping[int, Set[str]], noted: Mapping[int, str]
) -> Iterator[tuple[int, str, Note]]:
    """Each row of a table that is all on one line of which neither a fact nor a note has the name."""
    read_here, told = read.get(number, frozenset()), noted.get(number, "")
    for row in rows:
        found = _ROW.match(row)
        if found is None or found["name"] in read_here or _TITLE.match(found["name"]):
            continue
        if f" {found['name']} " not in told:
            what = f"an entry that is in no fact: {quoted([row])}"
            yield number, found["name"], Note("untold", what, document, number, code=FIELD)


def _is_entry(name: str, lines: Sequence[str], number: int, known: Set[str]) -> bool:
    """Whether a name begins a row, an entry or a heading of its own: not the head of a table, nor a value."""
    below = lines[number] if number < len(lines) else ""
    is_head = "-" in below and _RULE.match(below[:300]) is not None
    is_method = name.isupper() and name.lower() in METHODS
    is_type = name.lower() in TYPE_WORDS and _TYPES.search(lines[number - 1][:60])
    return not (
        is_head or is_method or is_type or name in known or name.lower() in PLACES or _TITLE.match(name)
    )


def _is_listed(name: str, number: int, noted: Mapping[int, str]) -> bool:
    """Whether a note of the list that an entry is in has its name already."""
    above = (noted.get(line, "") for line in range(number - MAX_ABOVE, number))
    return any(name in re.findall(r"[\w.-]+", text) for text in above if name in text)


def is_common(text: str) -> bool:
    """Whether a line is about a header that every request has."""
    return (
        text.lstrip(" \t|*`-•").lower().startswith((*NOISE, "x-api-key"))
        or _KEY.search(text[:60]) is not None
    )


def untold_operations(reading: Reading, document: Document) -> Iterator[Note]:
    """A note for the first line that names an operation which was not read."""
    known = KnownCalls()
    for one in reading.operations:
        known.add(one.method, one.path)
        known.add(one.method, one.own_path or one.path)
    own = {one.line for one in reading.operations} | {note.line for note in reading.notes}
    bases = base_paths(document.lines)
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if "/" not in line or (number in own and len(_CALL.findall(line[:MAX_LINE])) < MIN_CALLS):
            continue
        for method, path in _calls_of(line[:MAX_LINE]):
            if _FILE.search(path) or (not method and _HOOK.search(path)) or known.has(method, path):
                continue
            if not method and path.rstrip("/") in bases:
                continue
            known.add(method, path)
            shown = f"{method.upper()} {path[:120].rstrip('.')}".strip()
            what = f"an operation that is in no fact: {shown}"
            yield Note("untold", what, document.name, number, code=OPERATION)


def _calls_of(line: str) -> list[tuple[str, str]]:
    """The methods and paths that a line has; the method is "" where the line has paths alone."""
    named = [*_CALL.finditer(line), *_IN_A_ROW.finditer(line)]
    if named:
        return [(one["method"].lower(), one["path"]) for one in named]
    alone = _ALONE.match(line)
    found = [*_ADDRESS.finditer(line), *_LABELLED.finditer(line), *([alone] if alone else [])]
    return [("", one["path"]) for one in found]


def untold_refusals(
    reading: Reading, document: Document, told: Container[int], values: Set[str]
) -> Iterator[Note]:
    """A note for every line that says what a status or code means which no refusal, answer or value has."""
    known = {*values} | {text for one in reading.refusals for text in (str(one.status), one.code)}
    known.update(status for one in reading.operations for status in one.responses)
    spoken = -MAX_TO_CODES
    for number, text in _outside_code(document):
        spoken = number if _OF_REFUSALS.search(text[:200]) else spoken
        found = _REFUSAL.match(text) or _PHRASE.search(text)
        if found is None or (
            found.re is _REFUSAL and number - spoken > MAX_TO_CODES and _may_be_size(int(found["code"]))
        ):
            continue
        if found["code"] not in known and number not in told:
            known.add(found["code"])
            what = f"a refusal that is in no fact: {quoted([text])}"
            yield Note("untold", what, document.name, number, code=REFUSAL)


def _may_be_size(code: int) -> bool:
    """Whether a number may be one of pixels or the like, 480 or 1024, where nothing speaks of errors."""
    is_status = code in {status.value for status in HTTPStatus}
    return not is_status and (code % 8 == 0 or code % 10 == 0)


def _outside_code(document: Document) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if FENCE.match(line[:40]):
            fenced = not fenced
        elif not fenced:
            yield number, line[: MAX_LONG_LINE if len(line) > MAX_LINE and rows_of(line) else MAX_LINE]


def quoted(lines: Iterable[str]) -> str:
    """Lines as notes quote them, the signs of tables and emphasis left out."""
    return " ".join(re.sub(r"[|*`\t]+", " ", " ".join(lines)).split())[:MAX_SHOWN]
