"""Tables whose cells a copy glued together: each row taken apart at its type, or where its description begins.

字段名类型必填描述          FieldTypeRequiredDescription       ParameterDescriptionValues
modelstring是模型名         imagesArray[String]RequiredLinks   widthThe width of the clip.The maximum is 512.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of
from understudy.specs.readers.text.page_text import TYPE_WORDS
from understudy.specs.readers.torn import glued_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence, Set

MAX_COLUMNS = 8
MAX_LINE = 2_000
MAX_MORE = 14  # lines on which the description of a row goes on
MAX_APART = 30  # the same, where blank lines stand between them
MIN_ROWS = 3  # without a type, so many rows in a row are no accident

# A row: its line, and each heading with its cell.
Rows = list[tuple[int, list[tuple[str, str]]]]

# The words that head columns, the longer ones first.
_HEADS = sorted(
    (
        "字段名称", "参数名称", "字段名", "参数名", "字段", "参数", "名称", "字段类型", "参数类型", "数据类型", "类型", "是否必填", "是否必选", "是否必须",
        "必填", "必选", "必须", "默认值", "默认", "描述", "说明", "备注", "示例值", "示例", "取值范围", "可选值",
        "键", "属性", "数据格式", "格式", "是否必传", "是否必需", "必传", "必需", "必填项", "要求", "含义", "详情", "字段说明", "参数描述", "字段描述", "缺省值", "变量名", "可选/必选", "必填/选填", "是否必要", "是否可选", "参数说明", "约束", "取值",
        "Parameter Name", "Parameter name", "Field name", "Field Name", "Param", "Property", "Attribute", "Key", "Argument", "Data type", "Data Type",
        "DataType", "type", "Format", "Mandatory?", "Mandatory", "Req.", "Necessity", "Body parameter", "Defaults", "Required?", "Is required", "Presence", "Details", "Explanation", "Meaning",
        "Comment", "Remark", "Allowed Values", "Possible Values", "Minimum", "Maximum", "Min", "Max", "Notes", "Info", "Sample", "Constraints", "Default Value", "Default value", "Possible values", "Allowed values",
        "Parameter", "Field", "Name", "Type", "Required", "Default", "Description", "Example", "Range", "Title", "Options", "Values", "Value",
    ),
    key=len, reverse=True,
)  # fmt: skip
_ANY_HEAD = "|".join(map(re.escape, _HEADS))
_GLUED_HEADS = re.compile(rf"(?:(?:{_ANY_HEAD})[ ]{{0,2}}){{3,{MAX_COLUMNS}}}\Z")
_HEAD = re.compile(_ANY_HEAD)
_TYPES = "|".join(sorted((word for word in TYPE_WORDS if word != "text"), key=len, reverse=True))
# … and as TypeScript has them: a choice of texts, an object with its members.
_DECLARED = r"(?:'[^'|]{1,40}'(?:\s\|\s'[^'|]{1,40}'){1,20}|(?:Array<)?\{[^{}]{1,300}\}>?)(?:\s\|\snull)?"
_TYPE = rf"(?:{_DECLARED}|[Ee]num (?:string|integer|number)|(?:string|number|boolean)\s\|\snull|(?:[Aa]rray|[Ll]ist) of (?:string|object|integer|number)s?|{_TYPES}|(?:String|Integer|Int|Number|Float|Boolean|Bool|Object|Array|List|Enum)(?=[\[<(A-Z是否必可\s-]|required|optional|yes|no))(?:\[\]|<\w{{1,20}}>|\[\w{{1,20}}\]|\(\w{{1,20}}\))?"
_ROW = re.compile(
    rf"(?P<name>[a-zA-Z_$][\w$.\[\]-]{{0,79}}?\*?)(?<!_)[ ]{{0,2}}(?P<type>{_TYPE})[ ]{{0,2}}(?P<required>\*{{0,2}}(?:是(?!否)|否|非?必[填传选须需]|选填|可选|Yes|No|yes|no|true|false|TRUE|FALSE|required|optional|Required|Optional|Mandatory|[✓✔✅❌✘×√●○])\*{{0,2}})?[ ]{{0,2}}(?P<rest>(?(required)|(?![a-z])).*)\Z"
)
# What goes on below a blank line with what a row says: an entry of a list, a label with what it says.
_SAYS_MORE = re.compile(r"[-*•·●]\s{0,4}\S|[^:：]{1,40}[:：]")
_BULLET = re.compile(r"\A[*•·●]\s{1,4}")
_LABELLED = re.compile(
    r"(?:(?:可选)?取值(?:范围)?|可选值|枚举值?|(?:取)?固定值|默认值?|范围|示例值?|单位|(?i:allowed values?|possible values?|options|defaults?(?: value)?|range|enum|example|unit))\s?[:：]\s?\S"
)
# A default and a range between the type and the description, glued too: 0.50.0 ~ 1.0Guidance.
_N = r"-?\d{1,9}(?:\.\d{1,4}?)?"
_SET_APART = re.compile(
    rf"(?P<default>\"[^\"]{{0,80}}\"|[“”][^“”]{{0,80}}[“”]|{_N}|true|false|-)(?P<limits>-(?!\d)|{_N}\s?[~–-]\s?-?\d{{1,9}}(?:\.\d{{1,4}})?)(?P<rest>(?![\d.]).*)\Z"
)
# … and one whose other cells are merged with those above: a name, and words in another script.
_NAME_AND_WORDS = re.compile(r"(?P<name>[A-Za-z_][\w]{0,79}?)(?P<rest>[^\x00-\x7F].*)\Z", re.ASCII)
# Rows without a type: a name in small letters, and a description that begins with a capital.
_UNTYPED = re.compile(r"(?P<name>[a-z][a-z0-9]*(?:_[a-z0-9]+)*)(?P<rest>[A-Z][A-Za-z]*[ '.,].*)\Z")
# What a last column says, glued behind the description's full stop: a type, a limit, or more words.
_LAST = re.compile(
    r"(?<=[.。)])(?P<last>(?:[A-Z][A-Za-z]|min|max|\d|TRUE|FALSE|true|false)[^.]{0,120}(?:\.\d[^.]{0,60})?\s?\.?)\Z"
)
_TYPE_FIRST = re.compile(
    r"(?P<type>string|integer|number|float|boolean|array|object)(?:\s(?:or|\|)\snull)?(?![A-Za-z])",
    re.IGNORECASE,
)
_BOOLEANS = re.compile(r"(?:true|false)\s?(?:or|/|,|\|)\s?(?:true|false)\Z", re.IGNORECASE)


def heads_of(line: str) -> list[str]:
    """The headings of such a table, the first of which heads its names; [] for another line."""
    if len(line) > 200 or not _GLUED_HEADS.match(line.strip()):
        return []
    heads = _HEAD.findall(line)
    if heads[0] in ("参数类型", "字段类型"):
        heads = [heads[0][:2], heads[0][2:], *heads[1:]]  # names come first: 参数 and 类型 glued
    roles = [role_of(head) for head in heads]
    if "type" not in roles and "" in roles:
        heads[roles.index("")] = "Type"  # the one column whose heading says nothing, 格式 or Format
        roles = [role_of(head) for head in heads]
    return heads if roles[:1] == ["name"] and ("type" in roles or "description" in roles[1:2]) else []


def rows_of(
    lines: Sequence[str], index: int, heads: Sequence[str], names: Callable[[], Set[str]]
) -> tuple[Rows, int]:
    """The rows below the headings at `index`, and the index behind the last one; no rows where none is one.

    names  gives the names that the page's examples have: they tell where a name without a type ends
    """
    if "type" in map(role_of, heads):
        rows, end = _typed(lines, index + 1, heads, names)
        roles = [role_of(head) for head in heads]
        ordered, behind = glued_columns.rows_of(lines, index, heads)
        if ordered and (behind > end or (behind == end and "default" in roles)):
            rows = [
                (at + 1, [(h, _cell(cell)) for h, cell in zip(heads, cells, strict=True)])
                for at, cells in ordered
            ]
            return rows, behind
        if roles.count("limits") > 1:  # a row whose numbers run into each other ends no table
            taken = ((line, glued_columns.cells_of(lines[line - 1], heads), cells) for line, cells in rows)
            rows = [
                (line, [(h, _cell(one)) for h, one in zip(heads, apart, strict=True)] if apart else cells)
                for line, apart, cells in taken
            ]
        return rows, end
    return _untyped(lines, index + 1, heads, names())


def _typed(
    lines: Sequence[str], index: int, heads: Sequence[str], names: Callable[[], Set[str]]
) -> tuple[Rows, int]:
    roles = [role_of(head) for head in heads]
    rows: Rows = []
    while found := _row(lines, index) or (_merged(lines, index, names) if rows else None):
        cells = {role: found.groupdict().get(role) or "" for role in ("name", "type", "required")}
        more = _SET_APART.match(found["rest"]) if "default" in roles and roles.count("limits") == 1 else None
        if more:
            cells |= {"default": more["default"], "limits": more["limits"]}
        end = _end_of_row(lines, index) if index else index
        if end == index + 1 and "required" in roles:
            end = _end_of_apart(lines, index, names)
        below = (_BULLET.sub("- ", line.strip()) for line in lines[index + 1 : end])
        texts = [more["rest"] if more else found["rest"], *filter(None, below)]
        cells["description"] = "<br>".join(texts)
        rows.append(
            (index + 1, [(head, _cell(cells.get(role, ""))) for head, role in zip(heads, roles, strict=True)])
        )
        index = end
    return rows, index


def _row(lines: Sequence[str], index: int) -> re.Match[str] | None:
    return _ROW.match(lines[index].strip()[:MAX_LINE]) if index < len(lines) else None


def _end_of_row(lines: Sequence[str], index: int) -> int:
    """Behind the row at `index`: the lines up to the next row go on with its description, where there is one near."""
    last = index + 1
    for end in range(index + 1, min(index + MAX_MORE + 1, len(lines))):
        if _row(lines, end):
            return end
        if not lines[end].strip() or _GLUED_HEADS.match(lines[end].strip()):
            break
        last = end + 1
    else:
        return index + 1
    # The last row: what follows it up to an empty line or the end is its own, if it goes on with a mark.
    return last if last > index + 1 and _goes_on(lines[index + 1 : last]) else index + 1


def _merged(lines: Sequence[str], index: int, names: Callable[[], Set[str]]) -> re.Match[str] | None:
    """A row whose other cells are those of the row above, or lost: a name of the page's examples, and words in another
    script glued to it."""
    found = _NAME_AND_WORDS.match(lines[index].strip()[:MAX_LINE]) if index < len(lines) else None
    return found if found is not None and found["name"] in names() else None


def _end_of_apart(lines: Sequence[str], index: int, names: Callable[[], Set[str]]) -> int:
    """Behind the row at `index` whose description goes on below blank lines: entries and labelled lines up to the next
    row, which says whether its field is required; behind the last row those that say values."""
    last, is_apart = index + 1, False
    for end in range(index + 1, min(index + MAX_APART + 1, len(lines))):
        text = lines[end].strip()[:MAX_LINE]
        if not text:
            is_apart = True
            continue
        if ((found := _ROW.match(text)) and found["required"]) or _merged(lines, end, names):
            return end
        if not _SAYS_MORE.match(text) or text[:1] in "#|{" or _GLUED_HEADS.match(text):
            break
        if (
            _LABELLED.match(text)
            and last >= index + 1
            and all(not one.strip() or _LABELLED.match(one.strip()) for one in lines[index + 1 : end])
        ):
            last = end + 1
    return last if is_apart else index + 1


def _goes_on(lines: Iterable[str]) -> bool:
    return all(line.lstrip()[:1] in "-•*·" or line.strip()[:1].islower() or ":" in line for line in lines)


def _untyped(lines: Sequence[str], index: int, heads: Sequence[str], known: Set[str]) -> tuple[Rows, int]:
    """Rows of names and descriptions; what a last column says of values is told with its type in front."""
    shown = [heads[0], "Type", "Range", "Description"]
    rows: Rows = []
    while index < len(lines) and (parts := _parts(lines[index].strip()[:MAX_LINE], known)):
        name, text = parts
        last = _LAST.search(text) if len(heads) > 2 else None
        said = last["last"].strip() if last else ""
        text = text[: last.start()] if last else text
        type_ = _TYPE_FIRST.match(said)
        is_range = re.fullmatch(r"-?\d+(?:\.\d+)?\s?[-~–]\s?\d+(?:\.\d+)?", said)
        cells = [
            name,
            "boolean" if _BOOLEANS.match(said) else type_["type"].lower() if type_ else "",
            said if is_range else "",
            text
            if is_range or _BOOLEANS.match(said) or not said
            else f"{text}<br>{said[type_.end() :].strip(' ()') if type_ else said}",
        ]
        rows.append((index + 1, [(head, _cell(cell)) for head, cell in zip(shown, cells, strict=True)]))
        index += 1
    return (rows, index) if len(rows) >= MIN_ROWS else ([], index)


def _parts(text: str, known: Set[str]) -> tuple[str, str] | None:
    """The name that begins a row, and the rest; the longest that the page's examples have, if one is it."""
    names = [name for name in known if text.startswith(name) and text[len(name) : len(name) + 1].isupper()]
    if names:
        name = max(names, key=len)
        return name, text[len(name) :]
    found = _UNTYPED.match(text)
    return (found["name"], found["rest"]) if found else None


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
