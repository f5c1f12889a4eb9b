"""A row of a table as a field: the path that its name means, and what its other cells say."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.specs.prose.values import GLUED, parse_list, typed
from understudy.specs.readers.fields import declared_cells
from understudy.specs.readers.fields.field_words import paren, say_word
from understudy.specs.readers.fields.language_types import in_plain_words, is_whole_body
from understudy.specs.readers.fields.presence import NO, YES, without_mark
from understudy.specs.readers.text.page_text import FieldDraft, Line, parse_type, steps_of

if TYPE_CHECKING:
    from understudy.specs.model import FieldPath
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.fields.table_rows import Row, Table

# The role of a cell's column, its heading, and its text.
Cell = tuple[str, str, str]

# The first and the last of several fields whose names differ by a number: "`face_1` - `face_4`".
_NUMBERED = re.compile(
    r"(?P<stem>[A-Za-z_]\w{0,60}?)(?P<first>\d{1,2})`?\*{0,2}\s{0,2}(?:-|–|—|~|to|through|至|到|…|\.{2,3})\s{0,2}\*{0,2}`?(?P<stem_>[A-Za-z_]\w{0,60}?)(?P<last>\d{1,2})"
)
MAX_NUMBERED = 40
# In a column of defaults: that there is none, since a value must be given, or need not.
_SAID_REQUIRED = re.compile(
    r"[`*_]{0,2}(?:(?P<yes>required|mandatory|必填|必选|必须)|optional|可选|选填)[`*_]{0,2}\Z", re.IGNORECASE
)
# Of a column beside a type or a description: all the values that there are, not one.
_VALUES = re.compile(r"values|取值", re.IGNORECASE)
_OF_VALUES = re.compile(r"range|取值|范围", re.IGNORECASE)
_FOOTNOTE = re.compile(r"(?<=\w)\s?(?:[*†‡§¹²³]|\[\d\]){1,3}\Z")
_SILENT = re.compile(r"(?:[-–—−]+|/|none|empty|n/?a|null|nil|无|空|没有|)\Z", re.IGNORECASE)
# In the same column: a value, and what else is said of it; the second says nothing of when it is the default.
_CODE_AND_MORE = re.compile(
    r"(?P<code>(?P<sign>[`\"'])[^`\"'\n]{1,80}(?P=sign))\s{0,3}(?P<more>[^\s`\"'].{0,300})\Z"
)
_WITH_UNIT = re.compile(
    r"[`]?(?P<value>-?\d{1,9}(?:\.\d{1,6})?)[ ]?(?:s|secs?|seconds?|ms|px|pixels?|fps|秒|毫秒|像素)[`]?",
    re.IGNORECASE,
)
_OF_NO_CASE = re.compile(
    r"[(（]?(?:s|secs?|seconds?|ms|milliseconds?|minutes?|hours?|px|pixels?|recommended|random|秒|毫秒|分钟|小时|像素|推荐|随机)[)）]?[.。]?",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"(?P<marks>(?:[»›>\-–—+*·•└├│┗┣┖╰─━↳→➜∟\u2003\u3000]|\s(?=[»›>\-–└├│╰↳→➜∟\s]))*)\s*(?P<rest>.*)\Z"
)
_NAME = re.compile(r"[A-Za-z_$][\w$-]*(?:\[\w*\])?(?:\.(?:[A-Za-z_$][\w$-]*(?:\[\w*\])?|\[\]))*\Z")


_DEFAULT = re.compile(
    r"(?:default(?:s\s+to|\s+is)?|默认(?:值|为)?)\s*[:：=]?\s*(?P<value>\S.*)\Z", re.IGNORECASE
)
# Behind a name: required.
_STARRED = re.compile(
    r"(?:\*|[(（](?:required|必填|必选)[)）]|[`\w]\s{1,4}[*_`]{0,3}(?:required|必填|必选))[`*_ ]{0,4}\Z",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[`* ]{0,4}[A-Za-z_$][\w$.\[\]-]{0,120}[`*]{0,4}\s{0,4}(?=[(（])")
_OPTIONAL = re.compile(r"[`\w]\s{1,4}[*_`]{0,3}(?:optional|选填|可选)[`*_ ]{0,4}\Z", re.IGNORECASE)
# A name behind that of the field which it is inside of: "camera_control - type".
_DASHED = re.compile(r"([A-Za-z_]\w{0,79})[`]?\s{1,3}(?:[-–—>»]|->)\s{1,3}[`]?([A-Za-z_]\w{0,79})")
# The same words, and those of the contrary, set apart by marks alone: "`video_id` **required**".
_BADGE = re.compile(
    r"(?P<name>`?[A-Za-z_$][\w$.\[\]-]{0,120}`?)\s{1,4}[*_`]{0,3}(?P<said>required|optional|必填|必选|选填|可选)[*_`]{0,3}\Z",
    re.IGNORECASE,
)
# In a column of examples: a shape, and the two ends of a range.
_JSON = re.compile(r"[` ]{0,3}(?:\{\s?|\[\s?\{\s?)\"")
_RANGE = re.compile(
    r"[` ]{0,3}-?\d{1,9}(?:\.\d{1,6})?\s?(?:-|–|—|~|～|to|至|到)\s?\d{1,9}(?:\.\d{1,6})?[` ]{0,3}"
)
# Types in other words, where a column says that its cells are types.
_PLAIN_TYPES = {
    "yes/no": "boolean", "true/false": "boolean", "true / false": "boolean", "flag": "boolean", "whole number": "integer",
    "decimal": "number", "real": "number", "url": "string", "uri": "string", "date": "string", "datetime": "string",
    "uuid": "string", "dict": "object", "dictionary": "object", "文本": "string", "文字": "string", "字典": "object",
    "浮点": "number", "小数": "number", "布尔型": "boolean", "布尔类型": "boolean", "字符型": "string", "列表": "array",
}  # fmt: skip
_SEVERAL = re.compile(r"\s{0,5}(?:[,/、，]|\bor\b|\band\b|和|或)\s{0,5}")


def names_of(cell: str) -> list[str]:
    """The names in a name cell: mostly one, and each of several: "`width` / `height`"."""
    if several := _NUMBERED.fullmatch(cell.strip("`* ")):
        first, last = int(several["first"]), int(several["last"])
        if several["stem"] == several["stem_"] and first < last < first + MAX_NUMBERED:
            return [f"{several['stem']}{number}" for number in range(first, last + 1)]
    if not re.search(r"[,/、，和或]|\b(?:or|and)\b", cell[:200]):
        return [cell]
    found = [one.strip().strip("`* ") for one in _SEVERAL.split(cell[:200])]
    # "`points[].x` / `.y`": another field of the same object.
    holder = found[0].rpartition(".")[0]
    found = [f"{holder}{one}" if one.startswith(".") and holder else one for one in found]
    return found if len(found) > 1 and all(_NAME.match(one.strip("`* ")) for one in found) else [cell]


def path_of(cell: str, line: int, parents: list[tuple[int, FieldPath]], log: FactLog) -> FieldPath:
    """The path that a name cell means, () for none, noted; `parents` are the fields above it with their
    depths."""
    found = _MARKS.match(cell)
    name = found["rest"] if found else cell
    if badge := _BADGE.match(name.strip("`\"' ")):
        name = badge["name"]
    name = name.strip("`\"' ").rstrip("*: ：").strip("`\"' ")
    if name.endswith((")", "）")):
        name = re.split(r"[(（]", name, maxsplit=1)[0].strip("`\"'* ")
    if inner := _DASHED.fullmatch(name):
        name = f"{inner[1]}.{inner[2]}"
    if not _NAME.match(name):
        if name:
            log.note("unnamed", f"a row whose name is not a field name: {name[:60]!r}", line)
        return ()
    depth = _depth(cell)
    while parents and parents[-1][0] >= depth:
        parents.pop()
    above = parents[-1][1] if parents and depth else ()
    path = (*above, *steps_of(name))
    parents.append((depth, path))
    return path


def body_of(table: Table) -> str:
    """The name of a row that is the whole body, as generators write it from types: the one row with the place
    `body`, behind which deeper rows with no place of their own are its fields; or one that is named as its type
    is; "" where there is none."""
    if {"name", "type"} <= set(table.roles) and "place" not in table.roles:
        name_at, type_at = table.roles.index("name"), table.roles.index("type")
        full = (row.cells for row in table.rows if len(row.cells) > max(name_at, type_at))
        named = (cells[name_at] for cells in full if is_whole_body(cells[name_at], cells[type_at]))
        return next(named, "").strip("`* ")
    if not {"name", "place"} <= set(table.roles):
        return ""
    name_at, place_at = table.roles.index("name"), table.roles.index("place")
    rows = [row.cells for row in table.rows if len(row.cells) > max(name_at, place_at)]
    found = [n for n, cells in enumerate(rows) if cells[place_at].strip("`* ").lower() == "body"]
    if len(found) != 1 or found[0] + 1 == len(rows):
        return ""
    whole, first = rows[found[0]], rows[found[0] + 1]
    is_deeper = _depth(whole[name_at]) == 0 < _depth(first[name_at]) and not first[place_at].strip("- ")
    return whole[name_at].strip("`* ") if is_deeper else ""


def _depth(cell: str) -> int:
    """How deep the marks before a name say that its field stands."""
    found = _MARKS.match(cell)
    marks = found["marks"] if found else ""
    return len(re.sub(r"\s", "", marks)) + marks.count("\u2003") + marks.count("\u3000")


def draft_of(path: FieldPath, row: Row, cells: list[Cell], log: FactLog) -> FieldDraft:
    """The field at `path` with everything that the row says of it, but for its description's meaning."""
    draft = FieldDraft(path, row.line)
    if any(role == "name" and _STARRED.search(cell) for role, _, cell in cells):
        draft.keywords.append(log.keyword("required", True, row.line))
    elif any(role == "name" and _OPTIONAL.search(cell) for role, _, cell in cells):
        draft.keywords.append(log.keyword("required", False, row.line))
    if not any(role == "type" for role, _, _ in cells):
        _typed_name(draft, next((cell for role, _, cell in cells if role == "name"), ""), row.line, log)
    _say(draft, cells, row.line, log)
    if draft.path[-1:] == ("[]",) and len(draft.path) > 1 and draft.get("type") == "array":
        draft.path = draft.path[:-1]  # "videos[]", an array: the list itself
    draft.pieces += row.more
    return draft


def _typed_name(draft: FieldDraft, cell: str, line: int, log: FactLog) -> None:
    """What stands in brackets behind a name: "image_url (string)", "n (optional, integer)"."""
    found = paren(cell[name.end() :]) if (name := _NAMED.match(cell)) else None
    for word in found[0] if found and not found[1].strip("`* ") else ():
        if parse_type(word) or not any(one.name == "required" for one in draft.keywords):
            say_word(draft, word, line, log)


def _say(draft: FieldDraft, cells: list[Cell], line: int, log: FactLog) -> None:
    has_type = any(role == "type" for role, _, _ in cells)
    for role, heading, cell in sorted(cells, key=lambda c: c[0] != "type"):
        if role == "description" and not has_type and (found := paren(cell)):
            words, cell = found  # noqa: PLW2901
            for word in words:
                say_word(draft, word, line, log)
        if role == "type":
            _type(draft, cell, line, log)
        elif role in ("required", "optional"):
            _required(draft, cell, line, log, sense=role == "required")
        elif role == "default":
            _default(draft, cell, line, log)
        elif role == "enum" and not _SILENT.match(cell):
            _enum(draft, cell, line, log)
        elif role == "value" and _VALUES.fullmatch(heading.strip()) and not _SILENT.match(cell):
            _values(draft, cell, line, log)
        elif role == "example":
            _example(draft, cell, line, log)
        elif role == "limits" and not _SILENT.match(cell):
            _limits(draft, heading, cell, line, log)
        elif role == "description" and not _SILENT.match(cell):
            draft.pieces.append(Line(line, cell))


def _limits(draft: FieldDraft, heading: str, cell: str, line: int, log: FactLog) -> None:
    """What limits a field; of a text a range may list the values: "1280*720, 720*1280"."""
    found = parse_list(cell, 0)
    is_whole = len(found.values) > 1 and not found.doubt and not cell[found.end :].strip("`\"' .")
    if draft.get("type") == "string" and is_whole and _OF_VALUES.search(heading):
        _enum(draft, cell, line, log)
    else:
        draft.pieces.append(Line(line, f"{_limit_word(heading)}: {cell}"))


def _values(draft: FieldDraft, cell: str, line: int, log: FactLog) -> None:
    """All the values that there are; one word alone may be one of them, or what they are: "URL"."""
    if re.fullmatch(r"[`\"']?[\w.:/-]{1,80}[`\"']?", cell.strip()) and not _RANGE.fullmatch(cell):
        log.note("not-understood", f"values: {cell[:120]}", line, path=draft.path)
    else:
        _enum(draft, cell, line, log)


def _example(draft: FieldDraft, cell: str, line: int, log: FactLog) -> None:
    if _JSON.match(cell):
        draft.samples.append(Line(line, cell.strip("` ")))
    elif _RANGE.fullmatch(cell) and draft.get("type") in ("integer", "number"):
        draft.pieces.append(Line(line, f"Range: {cell}"))  # "0.0 - 1.0" is no number itself
    elif len(parse_list(cell, 0).values) > 1 and cell.count("`") != 2:
        # Several examples may be all values, or some.
        log.note("not-understood", f"examples: {cell[:120]}", line, path=draft.path)


def _default(draft: FieldDraft, cell: str, line: int, log: FactLog) -> None:
    if more := _CODE_AND_MORE.match(cell):
        if not _OF_NO_CASE.fullmatch(more["more"]):
            # Of one case: "`a` (for pictures) / `b` (for films)".
            log.note("not-understood", f"default: {cell[:120]}", line, path=draft.path)
            return
        cell = more["code"]
    elif with_unit := _WITH_UNIT.fullmatch(cell) if draft.get("type") in ("integer", "number") else None:
        cell = with_unit["value"]
    if said := _SAID_REQUIRED.match(cell):
        draft.keywords.append(log.keyword("required", said["yes"] is not None, line))
    elif not _SILENT.match(cell.strip("`")):
        value = typed(cell.strip("`\"'“”"), single(draft.get("type")))
        if draft.get("type") is None and cell.strip("` ").lower() in ("true", "false"):
            value = cell.strip("` ").lower() == "true"  # of what has no type it says that
        if isinstance(value, str) and not cell.isascii() and cell[:1] not in "`\"'“":
            # Words in another script may be the value, or say what it is: 最新形象.
            log.note("not-understood", f"default: {cell[:120]}", line, path=draft.path)
        elif value is not None:
            draft.keywords.append(log.keyword("default", value, line))
        else:
            log.note("not-understood", f"default: {cell[:120]}", line, path=draft.path)


def _type(draft: FieldDraft, cell: str, line: int, log: FactLog) -> None:
    keywords = parse_type(
        in_plain_words(cell) or _PLAIN_TYPES.get(cell.strip("`*_ ").lower(), cell.strip("` "))
    )
    first, *more = re.split(r"\s?[,/]\s?", cell, maxsplit=1)
    rest = "".join(more)
    if keywords is None and more and (both := parse_type(cell.strip("`*_ ").replace("/", "|"))):
        keywords, rest = both, ""
    elif keywords is None and more:
        keywords = parse_type(first.strip("`*_ "))
    else:
        rest = ""
    if keywords is None:
        if not declared_cells.take(draft, cell, line, log) and not _SILENT.match(cell):
            log.note("not-understood", f"type {cell[:60]!r}", line, path=draft.path)
        return
    for place, type_ in keywords:
        if place:
            draft.item, draft.item_line = type_, line
        else:
            draft.keywords.append(log.keyword("type", type_, line))
    _more(draft, rest, line, log)


def _more(draft: FieldDraft, text: str, line: int, log: FactLog) -> None:
    """What stands behind the type in its cell: `str, required`, ``int, default `5` ``."""
    for word in text.split(","):
        bare = word.strip("`*_ ")
        default = _DEFAULT.match(bare)
        if (
            default
            and (value := typed(default["value"].strip("`\"'"), single(draft.get("type")))) is not None
        ):
            draft.keywords.append(log.keyword("default", value, line))
        elif bare and (YES.match(bare) or NO.match(bare)):
            draft.keywords.append(log.keyword("required", YES.match(bare) is not None, line))
        elif bare:
            draft.pieces.append(Line(line, bare))


def _required(draft: FieldDraft, cell: str, line: int, log: FactLog, *, sense: bool) -> None:
    cell = without_mark(re.sub(r"\A(?:\*\*([^*]+)\*\*|\[(\w+)\])\Z", r"\1\2", cell.strip("` ")))
    # A footnote may ask for the field in some case: it is optional all the same. One at "required" takes back.
    cell = unmarked if NO.match(unmarked := _FOOTNOTE.sub("", cell)) else cell
    if YES.match(cell) or NO.match(cell):
        if cell:
            draft.keywords.append(log.keyword("required", bool(YES.match(cell)) == sense, line))
    else:
        log.note("not-understood", f"required: {cell[:120]}", line, path=draft.path)


def _enum(draft: FieldDraft, cell: str, line: int, log: FactLog) -> None:
    found = parse_list(cell, 0)
    if len(found.values) == 1 and cell[found.end :].strip("`\"' ."):
        draft.pieces.append(Line(line, f"Range: {cell}"))  # "0-1" is no list of one value
        return
    values = [
        value for value in (typed(v, single(draft.get("type"))) for v in found.values) if value is not None
    ]
    if found.doubt == GLUED:
        log.note("mend", "glued values, taken apart", line, path=draft.path)
    if values and len(values) == len(found.values):
        draft.keywords.append(log.keyword("enum", values, line))
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
