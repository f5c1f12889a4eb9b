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
from specs.prose.values import GLUED, parse_list, typed
from specs.readers import examples, field_lists
from specs.readers.facts import place_pictures
from specs.readers.field_lists import FieldList
from specs.readers.page_text import METHODS, Draft, Line, finish, parse_type
from specs.readers.table_rows import MAX_CELLS, MAX_ROW, Row, Table, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specs.documents import Document
    from specs.model import FieldPath
    from specs.readers.facts import Scribe

FORMAT = "Markdown tables"
LISTS = "Markdown lists"
EXAMPLES = "examples"
MAX_ROWS = 3_000

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
_YES = re.compile(
    r"(?:yes|y|true|required|mandatory|must|是|必填|必选|必须|必需|必传|√|✓|✔️?|✅|☑️?|1)\Z", re.IGNORECASE
)
_NO = re.compile(
    r"(?:no|n|false|optional|not\s*required|否|选填|可选|非必填|非必须|×|✗|✘|❌|✖️?|0|-|)\Z", re.IGNORECASE
)
_SILENT = re.compile(r"(?:-+|—+|/|none|n/?a|null|nil|无|空|没有|)\Z", re.IGNORECASE)
_MARKS = re.compile(
    r"(?P<marks>(?:[»›>\-–—+*·•└├│┗┣┖─━↳\u2003\u3000]|\s(?=[»›>\-–└├│↳\s]))*)\s*(?P<rest>.*)\Z"
)
_NAME = re.compile(r"[A-Za-z_$][\w$-]*(?:\[\w*\])?(?:\.(?:[A-Za-z_$][\w$-]*(?:\[\w*\])?|\[\]))*\Z")
_NOISE = ("content-type", "authorization", "accept")


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
    # The places of the fields in each of the lists above, by the list's identity.
    known: dict[int, set[FieldPath]] = field(default_factory=dict)

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
        for part in parts(document.lines)
    )


def read(document: Document, scribe: Scribe, *, is_page: bool = True) -> Reading:
    """The operations of the page. Each begins where its method and path stand, or at the first table.

    Of a text that is no page of its own nobody expects that it names the path.
    """
    reader = _Page(scribe)
    tables = lists = False
    for part in parts(document.lines):
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
    drafts = [draft for draft in reader.drafts if not draft.is_empty]
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
    known = {one.path for one in stated}
    silent = {
        one.path
        for one in stated
        if one.get("type") in ("array", "object", None)
        and not any(len(path) > len(one.path) and path[: len(one.path)] == one.path for path in known)
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
            return
        if not current.is_empty or (path and current.path):
            current = _Draft()
            self.drafts.append(current)
            self.section = "body"
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
        elif text.lstrip().startswith("{") and self.section in ("body", "response"):
            start = len(text) - len(text.lstrip())
            line = lines[0].number + text[:start].count("\n")
            self._example(examples.shown(text, start, line, self.scribe), self.section)

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
            return
        for draft in field_lists.drafts(listed, self.scribe):
            self.rows += 1
            if self.rows > field_lists.MAX_ITEMS:
                self.scribe.cut(f"{field_lists.MAX_ITEMS:,} entries of lists are read", draft.line)
                return
            self._put(draft, self.section)

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
            path = self._path(
                row, next(cell for role, _, cell in cells if role == "name") if cells else "", parents
            )
            if path:
                self._field(row, path, cells)

    def _path(self, row: Row, cell: str, parents: list[tuple[int, FieldPath]]) -> FieldPath:
        """The path that a name cell means; `parents` are the fields above it with their depths."""
        found = _MARKS.match(cell)
        marks, name = (found["marks"], found["rest"]) if found else ("", cell)
        name = name.strip("`\"' ").rstrip("*: ：").strip("`\"' ")
        name = re.sub(r"\s*[(（].*[)）]\Z", "", name)
        if not _NAME.match(name):
            if name:
                self.scribe.note("unnamed", f"a row whose name is not a field name: {name[:60]!r}", row.line)
            return ()
        depth = len(re.sub(r"\s", "", marks)) + (marks.count("\u2003") + marks.count("\u3000"))
        while parents and parents[-1][0] >= depth:
            parents.pop()
        above = parents[-1][1] if parents and depth else ()
        path = (*above, *_steps(name))
        parents.append((depth, path))
        return path

    def _field(self, row: Row, path: FieldPath, cells: list[tuple[str, str, str]]) -> None:
        said = {role: cell for role, _, cell in cells}
        place = said.get("place", "").lower()
        section = (
            place
            if place in ("query", "path", "header", "body") and self.section != "response"
            else self.section
        )
        if path == ("body",) and place == "body":
            return
        into = self._list_of(section)
        path = _through_lists(_without_body(path, place), into)
        draft = Draft(path, row.line)
        name_cell = said["name"].rstrip("` ")
        if name_cell.endswith("*"):
            draft.keywords.append(self.scribe.keyword("required", True, row.line))
        self._cells(draft, cells, row.line)
        draft.pieces += row.more
        self._put(draft, section)

    def _put(self, draft: Draft, section: str) -> None:
        is_parameter = section in ("query", "path", "header")
        if is_parameter and draft.path[-1].lower() in _NOISE:
            return
        fields = finish(draft, self.scribe)
        into = self._list_of(section)
        if is_parameter:
            self.drafts[-1].parameters.append(Parameter(section, fields[0]))
        else:
            known = self.drafts[-1].known.setdefault(id(into), {one.path for one in into})
            into += [one for one in fields if one.path not in known]
            known.update(one.path for one in fields)

    def _list_of(self, section: str) -> list[Field]:
        current = self.drafts[-1]
        if section == "response":
            return current.responses.setdefault(self.status, [])
        return current.request if section == "body" else []

    def _cells(self, draft: Draft, cells: list[tuple[str, str, str]], line: int) -> None:
        for role, heading, cell in sorted(cells, key=lambda c: c[0] != "type"):
            if role == "type":
                self._type(draft, cell, line)
            elif role in ("required", "optional"):
                self._required(draft, cell, line, sense=role == "required")
            elif role == "default" and not _SILENT.match(cell):
                value = typed(cell.strip("`\"'“”"), _one(draft.get("type")))
                if value is not None:
                    draft.keywords.append(self.scribe.keyword("default", value, line))
            elif role == "enum" and not _SILENT.match(cell):
                self._enum(draft, cell, line)
            elif role == "example" and len(parse_list(cell, 0).values) > 1 and cell.count("`") != 2:
                # Several examples may be all values, or some.
                self.scribe.note("not-understood", f"examples: {cell[:120]}", line, path=draft.path)
            elif role == "limits" and not _SILENT.match(cell):
                draft.pieces.append(Line(line, f"{_limit_word(heading)}: {cell}"))
            elif role == "description" and not _SILENT.match(cell):
                draft.pieces.append(Line(line, cell))

    def _type(self, draft: Draft, cell: str, line: int) -> None:
        keywords = parse_type(cell.strip("` "))
        if keywords is None:
            if not _SILENT.match(cell):
                self.scribe.note("not-understood", f"type {cell[:60]!r}", line, path=draft.path)
            return
        for place, type_ in keywords:
            if place:
                draft.item, draft.item_line = type_, line
            else:
                draft.keywords.append(self.scribe.keyword("type", type_, line))

    def _required(self, draft: Draft, cell: str, line: int, *, sense: bool) -> None:
        cell = cell.strip("` ")
        if _YES.match(cell) or _NO.match(cell):
            if cell:
                draft.keywords.append(self.scribe.keyword("required", bool(_YES.match(cell)) == sense, line))
        else:
            self.scribe.note("not-understood", f"required: {cell[:120]}", line, path=draft.path)

    def _enum(self, draft: Draft, cell: str, line: int) -> None:
        found = parse_list(cell, 0)
        values = [
            value for value in (typed(v, _one(draft.get("type"))) for v in found.values) if value is not None
        ]
        if found.doubt == GLUED:
            self.scribe.note("mend", "glued values, taken apart", line, path=draft.path)
        if values and len(values) == len(found.values):
            draft.keywords.append(self.scribe.keyword("enum", values, line))
        else:
            draft.pieces.append(Line(line, cell))

    def _enums(self, table: Table) -> None:
        """A table of values by name, as Apifox exports enums behind the fields."""
        values: dict[str, list[tuple[str, int]]] = {}
        name_at, value_at = table.roles.index("name"), table.roles.index("value")
        for row in table.rows:
            found = _MARKS.match(row.cells[name_at]) if len(row.cells) > max(name_at, value_at) else None
            if found:
                name = found["rest"].strip("` ")
                values.setdefault(name, []).append((row.cells[value_at].strip("` "), row.line))
        current = self.drafts[-1]
        for into in (current.request, *current.responses.values()):
            for index, known in enumerate(into):
                if known.name in values and known.get("enum") is None:
                    listed = [typed(value, _one(known.get("type"))) for value, _ in values[known.name]]
                    keyword = self.scribe.keyword("enum", listed, values[known.name][0][1])
                    into[index] = Field(known.path, self.scribe.combined(known.path, [*known.keywords, keyword]),
                                        known.confidence, known.wording, known.line)  # fmt: skip


def _limit_word(heading: str) -> str:
    """How a sentence would begin that says what this column says: "Limits" of "1-9" is a range."""
    return (
        heading
        if re.search(r"length|size|count|min|max|长度|最大|最小|数量", heading, re.IGNORECASE)
        else "Range"
    )


def _one(type_: Any) -> str | None:
    return (
        type_
        if isinstance(type_, str) or type_ is None
        else next((one for one in type_ if one != "null"), None)
    )


def _steps(name: str) -> list[str]:
    """ "image_list[].image" → image_list, [], image."""
    steps: list[str] = []
    for step in name.split("."):
        base, bracket, _ = step.partition("[")
        steps += [s for s in (base, "[]" if bracket else "") if s]
    return steps


def _without_body(path: FieldPath, place: str) -> FieldPath:
    return path[1:] if len(path) > 1 and path[0] == "body" and place == "body" else path


def _through_lists(path: FieldPath, known: list[Field]) -> FieldPath:
    """The path with "[]" behind each step that is known to be a list."""
    lists = {f.path for f in known if f.get("type") == "array"}
    out: list[str] = []
    for step in path:
        if tuple(out) in lists and step != "[]":
            out.append("[]")
        out.append(step)
    return tuple(out)
