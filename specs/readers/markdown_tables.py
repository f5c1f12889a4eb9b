"""Field tables in Markdown, English and Chinese headings, one operation or several on a page.

    | Parameter | Type | Required | Description |      | 参数 | 类型 | 必填 | 说明 |

Nesting is read from `a.b`, `a[].b`, and from marks before a name (», -, └, >, wide blanks), as exporters write it.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from specs.model import Field, Operation, Parameter, Reading
from specs.prose.values import typed
from specs.readers import examples, field_lists, field_rows
from specs.readers.facts import place_pictures
from specs.readers.field_lists import FieldList
from specs.readers.page_text import METHODS, NOISE, Line, finish
from specs.readers.table_rows import MAX_CELLS, MAX_ROW, MAX_ROWS, Row, Table, page_lines, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specs.documents import Document
    from specs.model import FieldPath
    from specs.readers.facts import Scribe
    from specs.readers.field_rows import Cell
    from specs.readers.page_text import Draft

FORMAT = "Markdown tables"
LISTS = "Markdown lists"
EXAMPLES = "examples"
MAX_OPERATIONS = 2_000

_METHOD = "|".join(METHODS)
OPERATION = re.compile(
    rf"(?<![\w/])(?P<method>{_METHOD})(?![\w/])[\s:`*|\"'：]{{1,6}}(?:https?://(?P<host>[^/\s`]+))?(?P<path>/[\w.~/{{}}:-]*[\w}}])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:(?:request\s+|接口|请求)?(?:url|uri|endpoint|path|address|地址|路径))\W{1,8}(?P<host>https?://[^/\s`]+)?(?P<path>/[\w.~/{}:-]*[\w}])",
    re.IGNORECASE,
)
_METHOD_LINE = re.compile(
    rf"(?:(?:http\s+|request\s+)?method|(?:请求)?(?:方式|方法))\W{{1,8}}(?P<method>{_METHOD})\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"#{1,6}\s+(?P<text>.*)|\*\*(?P<bold>[^*]{1,80})\*\*:?\Z")
_SECTIONS = (
    (
        "response",
        re.compile(
            r"responses?\b|returns?\b|returned|output|callback|webhook|result\b|返回|响应|出参|输出|回调",
            re.IGNORECASE,
        ),
    ),
    ("path", re.compile(r"path\s*param|url\s*param|路径参数", re.IGNORECASE)),
    ("query", re.compile(r"query|查询参数", re.IGNORECASE)),
    ("header", re.compile(r"headers?\b|请求头", re.IGNORECASE)),
    ("body", re.compile(r"body|request|param|input|请求|入参|参数", re.IGNORECASE)),
)
_PLAIN_HEADING = re.compile(
    r"(?:request|response|output|input)(?:\s+(?:body|headers?|parameters?|params?|examples?|schema))?\Z|"
    r"(?:query|path)\s+(?:parameters?|params?)\Z|(?:请求|响应|返回)(?:体|头|参数|示例|数据)?\Z",
    re.IGNORECASE,
)
_PATH_CELL = re.compile(r"(?P<host>https?://[^/\s]+)?(?P<path>/[\w.~/{}:-]*[\w}])\Z")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_STATUS = re.compile(r"\b(?P<status>[1-5]\d\d)\b")
_PARAMETERS = ("query", "path", "header")
# Methods of which a JSON block under no heading is the answer.
BODILESS = ("get", "head")
# What may stand around the data of an answer; nobody sends a request that is all of this and no more.
ENVELOPE = frozenset(("code", "message", "msg", "request_id", "requestId", "data", "success", "timestamp"))


@dataclass(slots=True)
class _Known:
    """The places of the fields of a body, and those of its lists."""

    paths: set[FieldPath] = field(default_factory=set)
    lists: set[FieldPath] = field(default_factory=set)


@dataclass(slots=True)
class _Draft:
    """An operation while the page is read."""

    method: str = ""
    path: str = ""
    line: int = 0
    servers: list[str] = field(default_factory=list)
    request: list[Field] = field(default_factory=list)
    responses: dict[str, list[Field]] = field(default_factory=dict)
    parameters: list[Parameter] = field(default_factory=list)
    examples: list[Any] = field(default_factory=list)
    # What examples show of the request and of each response.
    shown: dict[str, list[Field]] = field(default_factory=dict)
    # Whether an example sends it: then it is there, whatever else is said.
    sent: bool = False
    # What is in each of the lists above, by the list's identity.
    known: dict[int, _Known] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.request or self.responses or self.parameters or self.shown or self.sent)


def bare(text: str) -> str:
    """The text without HTML's tags: `<mark>POST</mark> /v1/x`."""
    return _TAG.sub("", text) if "<" in text else text


def recognises(document: Document) -> bool:
    """Whether the text has a table or a list whose rows are fields."""
    return any(
        isinstance(part, FieldList) or (isinstance(part, Table) and part.has_fields)
        for part in parts(page_lines(document))
    )


def read(document: Document, scribe: Scribe, *, is_page: bool = True) -> Reading:
    """The operations of the page. Each begins where its method and path stand, or at the first table.

    Of a text that is no page of its own nobody expects that it names the path.
    """
    reader = _Page(scribe)
    tables = lists = False
    for part in parts(page_lines(document, scribe)):
        if isinstance(part, Table):
            tables = tables or part.has_fields
            reader.table(part)
        elif isinstance(part, FieldList):
            lists = True
            reader.fields(part)
        elif isinstance(part, list):
            reader.block(part)
        else:
            reader.line(part)
        if len(reader.drafts) > MAX_OPERATIONS:
            break
    drafts = [draft for draft in reader.drafts[:MAX_OPERATIONS] if not draft.is_empty]
    for draft in drafts if is_page else ():
        if not draft.path:
            scribe.note("problem", "the page does not say the path of this operation", draft.line or 1)
    operations = [_operation(draft) for draft in drafts]
    format_ = FORMAT if tables else LISTS if lists else EXAMPLES
    return Reading(document.name, format_, tuple(operations), scribe.sorted_notes())


def _operation(draft: _Draft) -> Operation:
    request = _with_shown(draft.request, draft.shown.pop("body", []))
    responses = {
        status: tuple(_with_shown(draft.responses.get(status, []), draft.shown.get(status, [])))
        for status in dict.fromkeys([*draft.responses, *draft.shown])
    }
    return Operation(
        draft.method or "post", draft.path, tuple(place_pictures(request)), MappingProxyType(responses),
        tuple(draft.examples), tuple(draft.servers), line=draft.line, parameters=tuple(draft.parameters),
    )  # fmt: skip


def _with_shown(stated: list[Field], shown: list[Field]) -> list[Field]:
    """The fields that are stated; what an example shows counts where nothing is: of a body, or inside a field."""
    if not stated:
        return shown
    holders = {one.path[:n] for one in stated for n in range(len(one.path))}
    silent = {
        one.path for one in stated if one.get("type") in ("array", "object", None) and one.path not in holders
    }
    inner = [one for one in shown if any(one.path[:n] in silent for n in range(1, len(one.path)))]
    return [*stated, *inner]


class _Page:
    def __init__(self, scribe: Scribe) -> None:
        self.scribe = scribe
        self.drafts = [_Draft()]
        self.section, self.status = "body", "200"
        self.rows = 0

    def line(self, line: Line) -> None:
        """A line outside of tables: it may name an operation, or say what the next table is about."""
        text = bare(line.text[:500])
        if "\t" in text:
            self._row_of_an_operation(text.split("\t"), line.number)
        elif found := OPERATION.search(text):
            self._begin(found["method"].lower(), found["path"], found["host"], line.number)
        else:
            if found := _METHOD_LINE.search(text):
                self._begin(found["method"].lower(), "", "", line.number)
            if found := _ADDRESS.search(text):
                self._begin("", found["path"], (found["host"] or "").removeprefix("https://"), line.number)
        if heading := _HEADING.match(text):
            self._heading(heading["text"] or heading["bold"])
        elif _PLAIN_HEADING.match(text.strip(" :：")):
            self._heading(text)

    def _row_of_an_operation(self, cells: Sequence[str], line: int) -> None:
        """A row that has a method in one cell and a path in another: `https | /v1/x | POST`."""
        method = next((cell.strip("` ").lower() for cell in cells if cell.strip("` ").lower() in METHODS), "")
        found = next((one for cell in cells if (one := _PATH_CELL.match(cell.strip("` ")))), None)
        if method and found:
            self._begin(method, found["path"], (found["host"] or "").removeprefix("https://"), line)

    def _begin(self, method: str, path: str, host: str | None, line: int) -> None:
        """A new operation, unless the current one waits for just this, or it is the current one again."""
        current = self.drafts[-1]
        if (
            (method or current.method) == current.method
            and (path or current.path) == current.path
            and current.path
        ):
            if host and not current.servers:
                current.servers = [f"https://{host}"]
            return
        if not current.is_empty or (path and current.path):
            if len(self.drafts) == MAX_OPERATIONS:
                self.scribe.cut(f"{MAX_OPERATIONS:,} operations of a page are read", line)
            current = _Draft()
            self.drafts.append(current)
            self.section, self.status = "body", "200"
        current.method, current.path = method or current.method, path or current.path
        current.line = line if path or not current.line else current.line
        if host:
            current.servers = [f"https://{host}"]

    def _heading(self, text: str) -> None:
        for section, pattern in _SECTIONS:
            if pattern.search(text):
                self.section = section
                status = _STATUS.search(text)
                self.status = status["status"] if status else "200"
                return

    def block(self, lines: list[Line]) -> None:
        """A fenced block: the request line of an HTTP example, or a JSON example of the body."""
        if lines and (found := OPERATION.match(lines[0].text.strip()[:500])):
            self._begin(found["method"].lower(), found["path"], found["host"], lines[0].number)
        text = "\n".join(line.text for line in lines)
        if sent := examples.curl(text):
            self._sent(sent, text, lines[0].number)
        elif text.lstrip().startswith("{") and (
            self.section in ("body", "response") or self.drafts[-1].method in BODILESS
        ):
            start = len(text) - len(text.lstrip())
            line = lines[0].number + text[:start].count("\n")
            shown = examples.shown(text, start, line, self.scribe)
            is_answer = shown is not None and self._is_answer(shown.value)
            self._example(shown, "response" if is_answer else self.section)

    def _is_answer(self, value: Any) -> bool:
        """Whether an example under no heading is an answer: a GET has no body, and an envelope is never sent."""
        if isinstance(value, dict) and value.keys() <= ENVELOPE and {"code", "data"} <= value.keys():
            return True
        return self.drafts[-1].method in BODILESS

    def _sent(self, sent: examples.Request, text: str, line: int) -> None:
        """A `curl` command: the operation that it calls, and the body that it sends."""
        self._begin(sent.method, sent.path, sent.server.removeprefix("https://"), line)
        self.drafts[-1].sent = True
        if sent.body >= 0:
            at = line + text[: sent.body].count("\n")
            self._example(examples.shown(text, sent.body, at, self.scribe), "body")

    def _example(self, shown: examples.Shown | None, section: str) -> None:
        if shown is None:
            return
        current = self.drafts[-1]
        if section == "body":
            current.examples.append(shown.value)
        place = section if section == "body" else self.status
        current.shown.setdefault(place, examples.shown_fields(shown.root, self.scribe))

    def fields(self, listed: FieldList) -> None:
        """A list whose entries are fields."""
        current = self.drafts[-1]
        current.line = current.line or listed.items[0].line.number
        if self.rows > field_lists.MAX_ITEMS:
            self._cut_lists(listed.items[0].line.number)
            return
        for draft in field_lists.drafts(listed, self.scribe):
            self.rows += 1
            if self.rows > field_lists.MAX_ITEMS:
                self._cut_lists(draft.line)
                return
            self._put(draft, self.section)

    def _cut_lists(self, line: int) -> None:
        self.scribe.cut(f"{field_lists.MAX_ITEMS:,} entries of lists are read", line)

    def table(self, table: Table) -> None:
        if table.has_enums:
            self._enums(table)
        if not table.has_fields:
            for row in table.rows[:20]:
                self._row_of_an_operation(row.cells, row.line)
            return
        current = self.drafts[-1]
        current.line = current.line or table.line
        parents: list[tuple[int, FieldPath]] = []
        for row in table.rows:
            self.rows += 1
            if self.rows > MAX_ROWS:
                self.scribe.cut(f"{MAX_ROWS:,} rows of a page are read", row.line)
                return
            if row.cut:
                self.scribe.cut(f"a row is read up to {MAX_ROW:,} characters and {MAX_CELLS} cells", row.line)
            cells = [
                (role, heading, cell)
                for role, heading, cell in zip(table.roles, table.headings, row.cells, strict=False)
                if role
            ]
            name = next((cell for role, _, cell in cells if role == "name"), "")
            path = field_rows.path_of(name, row.line, parents, self.scribe)
            if path:
                self._field(row, path, cells)

    def _field(self, row: Row, path: FieldPath, cells: list[Cell]) -> None:
        said = {role: cell for role, _, cell in cells}
        place = said.get("place", "").lower()
        section = place if place in (*_PARAMETERS, "body") and self.section != "response" else self.section
        if path == ("body",) and place == "body":
            return
        path = _without_body(path, place)
        if section not in _PARAMETERS:
            path = _through_lists(path, self._known(self._list_of(section)).lists)
        self._put(field_rows.draft_of(path, row, cells, self.scribe), section)

    def _put(self, draft: Draft, section: str) -> None:
        is_parameter = section in _PARAMETERS
        if is_parameter and draft.path[-1].lower() in NOISE:
            return
        fields = finish(draft, self.scribe)
        if is_parameter:
            self.drafts[-1].parameters.append(Parameter(section, fields[0]))
            return
        into = self._list_of(section)
        known = self._known(into)
        new = [one for one in fields if one.path not in known.paths]
        into += new
        known.paths.update(one.path for one in new)
        known.lists.update(one.path for one in new if one.get("type") == "array")

    def _list_of(self, section: str) -> list[Field]:
        """The fields of the current body, of the request or of an answer."""
        current = self.drafts[-1]
        return current.responses.setdefault(self.status, []) if section == "response" else current.request

    def _known(self, into: list[Field]) -> _Known:
        return self.drafts[-1].known.setdefault(id(into), _Known())

    def _enums(self, table: Table) -> None:
        """A table of values by name, as Apifox exports enums behind the fields."""
        self.rows += len(table.rows)
        if self.rows > MAX_ROWS:
            self.scribe.cut(f"{MAX_ROWS:,} rows of a page are read", table.line)
            return
        values = field_rows.enums_of(table)
        current = self.drafts[-1]
        for into in (current.request, *current.responses.values()):
            for index, known in enumerate(into):
                if known.name in values and known.get("enum") is None:
                    listed = [
                        typed(value, field_rows.single(known.get("type"))) for value, _ in values[known.name]
                    ]
                    keyword = self.scribe.keyword("enum", listed, values[known.name][0][1])
                    into[index] = Field(known.path, self.scribe.combined(known.path, [*known.keywords, keyword]),
                                        known.confidence, known.wording, known.line)  # fmt: skip


def _without_body(path: FieldPath, place: str) -> FieldPath:
    return path[1:] if len(path) > 1 and path[0] == "body" and place == "body" else path


def _through_lists(path: FieldPath, lists: set[FieldPath]) -> FieldPath:
    """The path with "[]" behind each step that is known to be a list."""
    out: list[str] = []
    for step in path:
        if tuple(out) in lists and step != "[]":
            out.append("[]")
        out.append(step)
    return tuple(out)
