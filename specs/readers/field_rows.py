"""A row of a table as a field: the path that its name means, and what its other cells say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from specs.prose.values import GLUED, parse_list, typed
from specs.readers.page_text import Draft, Line, parse_type, steps_of

if TYPE_CHECKING:
    from specs.model import FieldPath
    from specs.readers.facts import Scribe
    from specs.readers.table_rows import Row, Table

# The role of a cell's column, its heading, and its text.
Cell = tuple[str, str, str]

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


def path_of(cell: str, line: int, parents: list[tuple[int, FieldPath]], scribe: Scribe) -> FieldPath:
    """The path that a name cell means, () for none, noted; `parents` are the fields above it with their
    depths."""
    found = _MARKS.match(cell)
    marks, name = (found["marks"], found["rest"]) if found else ("", cell)
    name = name.strip("`\"' ").rstrip("*: ：").strip("`\"' ")
    if name.endswith((")", "）")):
        name = re.split(r"[(（]", name, maxsplit=1)[0].rstrip()
    if not _NAME.match(name):
        if name:
            scribe.note("unnamed", f"a row whose name is not a field name: {name[:60]!r}", line)
        return ()
    depth = len(re.sub(r"\s", "", marks)) + (marks.count("\u2003") + marks.count("\u3000"))
    while parents and parents[-1][0] >= depth:
        parents.pop()
    above = parents[-1][1] if parents and depth else ()
    path = (*above, *steps_of(name))
    parents.append((depth, path))
    return path


def draft_of(path: FieldPath, row: Row, cells: list[Cell], scribe: Scribe) -> Draft:
    """The field at `path` with everything that the row says of it, but for its description's meaning."""
    draft = Draft(path, row.line)
    if any(role == "name" and cell.rstrip("` ").endswith("*") for role, _, cell in cells):
        draft.keywords.append(scribe.keyword("required", True, row.line))
    _say(draft, cells, row.line, scribe)
    draft.pieces += row.more
    return draft


def _say(draft: Draft, cells: list[Cell], line: int, scribe: Scribe) -> None:
    for role, heading, cell in sorted(cells, key=lambda c: c[0] != "type"):
        if role == "type":
            _type(draft, cell, line, scribe)
        elif role in ("required", "optional"):
            _required(draft, cell, line, scribe, sense=role == "required")
        elif role == "default" and not _SILENT.match(cell):
            value = typed(cell.strip("`\"'“”"), single(draft.get("type")))
            if value is not None:
                draft.keywords.append(scribe.keyword("default", value, line))
        elif role == "enum" and not _SILENT.match(cell):
            _enum(draft, cell, line, scribe)
        elif role == "example" and len(parse_list(cell, 0).values) > 1 and cell.count("`") != 2:
            # Several examples may be all values, or some.
            scribe.note("not-understood", f"examples: {cell[:120]}", line, path=draft.path)
        elif role == "limits" and not _SILENT.match(cell):
            draft.pieces.append(Line(line, f"{_limit_word(heading)}: {cell}"))
        elif role == "description" and not _SILENT.match(cell):
            draft.pieces.append(Line(line, cell))


def _type(draft: Draft, cell: str, line: int, scribe: Scribe) -> None:
    keywords = parse_type(cell.strip("` "))
    if keywords is None:
        if not _SILENT.match(cell):
            scribe.note("not-understood", f"type {cell[:60]!r}", line, path=draft.path)
        return
    for place, type_ in keywords:
        if place:
            draft.item, draft.item_line = type_, line
        else:
            draft.keywords.append(scribe.keyword("type", type_, line))


def _required(draft: Draft, cell: str, line: int, scribe: Scribe, *, sense: bool) -> None:
    cell = cell.strip("` ")
    if _YES.match(cell) or _NO.match(cell):
        if cell:
            draft.keywords.append(scribe.keyword("required", bool(_YES.match(cell)) == sense, line))
    else:
        scribe.note("not-understood", f"required: {cell[:120]}", line, path=draft.path)


def _enum(draft: Draft, cell: str, line: int, scribe: Scribe) -> None:
    found = parse_list(cell, 0)
    values = [
        value for value in (typed(v, single(draft.get("type"))) for v in found.values) if value is not None
    ]
    if found.doubt == GLUED:
        scribe.note("mend", "glued values, taken apart", line, path=draft.path)
    if values and len(values) == len(found.values):
        draft.keywords.append(scribe.keyword("enum", values, line))
    else:
        draft.pieces.append(Line(line, cell))


def _limit_word(heading: str) -> str:
    """How a sentence would begin that says what this column says: "Limits" of "1-9" is a range."""
    return (
        heading
        if re.search(r"length|size|count|min|max|长度|最大|最小|数量", heading, re.IGNORECASE)
        else "Range"
    )


def single(type_: Any) -> str | None:
    """The one type of a field, or the first of its types that is not null."""
    return (
        type_
        if isinstance(type_, str) or type_ is None
        else next((one for one in type_ if one != "null"), None)
    )


def enums_of(table: Table) -> dict[str, list[tuple[str, int]]]:
    """The values of each field in a table of values by name, each with its line."""
    values: dict[str, list[tuple[str, int]]] = {}
    name_at, value_at = table.roles.index("name"), table.roles.index("value")
    for row in table.rows:
        found = _MARKS.match(row.cells[name_at]) if len(row.cells) > max(name_at, value_at) else None
        if found:
            name = found["rest"].strip("` ")
            values.setdefault(name, []).append((row.cells[value_at].strip("` "), row.line))
    return values
