"""What stands beside the name of a field and is in no fact: its type, whether it is required, a value of it.

| seed | integer | No | 0 | …          a word for a type, a mark or a value alone, and no such fact of the field
seed                                   the same on the lines below a name
integer
### Optional fields                    said of all fields below it

Of a whole table whose column was not read one note tells all.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.readers.fields.language_types import in_plain_words
from understudy.specs.readers.text.page_text import FENCE, TYPE_WORDS
from understudy.specs.readers.told.untold_lines import plain

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence, Set

    from understudy.specs.documents import Document
    from understudy.specs.model import Field
    from understudy.specs.readers.told.facts_by_line import FactsByLine

TYPE, REQUIRED, DEFAULT = "untold-type", "untold-word", "untold-default"
SOURCE, VALUE = "untold-source", "untold-value"
_SAID = {
    TYPE: "the type that stands beside a name is in no fact",
    REQUIRED: "whether it is required is in no fact",
    DEFAULT: "the default that stands beside a name is in no fact",
    SOURCE: "the form in which a file is sent is in no fact",
    VALUE: "a value that stands beside a name is in no fact",
}
MAX_LINE = 2_000
MAX_PARTS, MAX_SHOWN, MAX_NAMED = 40, 40, 20
# A default in the cell of its column, behind the name in brackets, or behind a type: "[mode="std"]", ": str = 3".
_OF_DEFAULT = re.compile(r"default|默认|缺省|умолч|padr[aã]o|défaut|standard|デフォルト|기본", re.IGNORECASE)
_SET = re.compile(
    r"\A(?:=|[^=]{1,60}(?<![=!<>])\s=\s)(?P<value>[\"'][^\"']{1,60}[\"']|-?\d[\d.]{0,20}|\w{1,40}\Z|(?i:true|false))"
)
_OF_EXAMPLES = re.compile(r"\b(?:examples?|in|where|location)\b|示例|例子|样例|位置", re.IGNORECASE)
_SOURCE = re.compile(r"\bbase64\b|(?<![A-Za-z])base64(?![A-Za-z])", re.IGNORECASE)
_SOURCES = frozenset(["x-source", "x-image", "format", "contentEncoding", "enum"])
# So many lines may stand between two fields of one table or list; below a name what is said of it, so short each;
# and below what is said of a group its first field.
MAX_BETWEEN, MAX_BELOW, MAX_ABOVE, MAX_SHORT, MAX_TO_FIRST = 12, 5, 3, 60, 6
MAX_HEAD = 24
# So long may what is said of a group be.
MAX_GROUP = 60

# Words that mean other things too are types only as a whole cell.
_RARE = {"text", "null", "file", "list", "map", "json", "long", "dict", "dictionary", "decimal", "number", "object"}  # fmt: skip
_ALL = {*TYPE_WORDS, "enum", "uri", "uuid", "date-time", "any", "binary"} - {"null", "json"}
_SURE = "|".join(sorted(map(re.escape, _ALL - _RARE - {"any", "uri", "binary"}), key=len, reverse=True))
_ANY = "|".join(sorted(map(re.escape, _ALL), key=len, reverse=True))
_LOWER = "(?-i:[a-z_])"
_TYPE = re.compile(
    rf"\A\W{{0,3}}(?P<glued>{_ANY})(?!{_LOWER})|(?<![\w.])(?P<sure>{_SURE}|(?:array|list)s?\sof\s\w{{1,20}}|json\s(?:object|array)|\w{{1,20}}\s?\[\s?\]|(?:array|list|map|dict)\s?<)(?![\w.])|(?:(?<=[|\t(,:{{<\[.`*#/\"])|(?<=[|\t(,:{{<\[`#/][ ]))(?P<cell>{_ANY})(?=\s{{0,2}}(?:[|\t),:;}}<>\]\[.`*\"]|\Z))|:\s?(?P<shape>[{{\[])",
    re.IGNORECASE,
)
_ITEMS = re.compile(rf"(?:{_ANY})\s?\[\s?\]|(?:array|list)s?\s?(?:of\s|<|\[|\()\s?\w{{1,20}}", re.IGNORECASE)
_PLAIN_MARK = r"yes|no|[✓✔✅√●❌✘×○]\s?(?:可选|必填|必选)?|是|否|да|нет|sim|não|ja|nein|oui|non|sí"
_MARK = re.compile(rf"(?:{_PLAIN_MARK})\Z", re.IGNORECASE)
_MARK_OF_COLUMN = re.compile(rf"(?:{_PLAIN_MARK}|y|n|m|o|true|false)\Z", re.IGNORECASE)
_REQUIRED = re.compile(
    rf"(?<![A-Za-z])(?:required(?!\s(?:range|string|array|length))|mandatory|optional(?!ly)|omitempty)(?![A-Za-z])|(?-i:(?<=[a-z])(?:Required|Optional|Mandatory)(?![a-z]))|非?必[填选须需传]|可选|选填|обязател|obrigat[oó]ri|opciona|obligatori|obligatoire|erforderlich|pflicht|必須|任意|필수|선택|\A[\"'`]?(?:\?|\*(?!\*))(?=[:\s\w])|\A\W{{0,3}}(?:{_ANY})\W{{0,3}}(?-i:Yes|No|TRUE|FALSE|YES|NO|[✓✔✅√●❌✘×○是否])(?!{_LOWER})",
    re.IGNORECASE,
)
_OF_REQUIRED = re.compile(
    r"req(?:uired|\.)|mandatory|optional|必[填选须需传]|可选|обяз|obrigat|oblig|erforderlich|pflicht|必須",
    re.IGNORECASE,
)
# The head of such a column on a line of its own.
_REQUIRED_ALONE = re.compile(
    r"[\s*|-]{0,12}(?:(?:is )?(?:required|mandatory)\??|(?:是否)?必[填选须需传])[\s*|]{0,4}\Z", re.IGNORECASE
)
_OF_FIELDS = re.compile(
    r"\A(?:#{1,6}|[*_]{2}|[^#].{0,59}[:：]\W{0,3}\Z).*(?:param|field|propert|argument|campo|feld|champ|字段|参数|属性|プロパティ)",
    re.IGNORECASE,
)
_SIGNS = " \t*`_~[]{}<>'\"\\"
_CELLS = re.compile(r"(?<!\\)\||\t|</?t[dh][^<>]{0,200}>")
_ONE_VALUE = re.compile(r"(?=[^A-Za-z]*[A-Za-z0-9])(?![A-Z][a-z]+\Z)[\w.:+-]{1,60}\Z", re.ASCII)
_PLACES = re.compile(r"(?:body|query|header|path|cookie|form)s?\Z", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?\Z")
_NO_VALUE = re.compile(
    r"(?:-?[\d.]{1,20}\s?[-–~]\s?-?[\d.]{1,20}|none|null|nil|n/?a|empty|[xX]|无|空|none set|required|必填)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the name of a field: the code of its note, the name, and what it is."""

    line: int
    code: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What the head of a table has: a column of what is required, the place of that of defaults, -1 where it has
    none, and that of examples."""

    has_required: bool = False
    default: int = -1
    examples: int = -1


def untold_columns(
    document: Document, facts: FactsByLine, told: Container[int], noted: Mapping[int, str]
) -> Iterator[Note]:
    """Notes of what stands beside names and is in no fact.

    Lines that are `told` say it themselves; `noted` has what other notes say of lines.
    """
    columns = columns_of(document)
    lines = [line for line in facts.lines() if 0 < line <= len(document.lines)]
    found = [
        one
        for line, following in pairwise([*lines, len(document.lines) + 1])
        if line not in told
        for one in _beside(document, facts, line, following, columns.get(line, Columns()))
        if one.text not in noted.get(line, "")
    ]
    for code in _SAID:
        yield from _grouped([one for one in found if one.code == code], document.name)
    yield from _of_groups(document, facts, lines, told)


def _grouped(found: Sequence[Beside], document: str) -> Iterator[Note]:
    """One note for what is said of the fields of one table or list."""
    groups: list[list[Beside]] = []
    for one in found:
        if groups and one.line - groups[-1][-1].line <= MAX_BETWEEN and len(groups[-1]) < MAX_SHOWN:
            groups[-1].append(one)
        else:
            groups.append([one])
    for group in groups:
        shown = ", ".join(dict.fromkeys(f"{one.name} {one.text}".strip() for one in group))
        yield Note("untold", f"{_SAID[group[0].code]}: {shown}", document, group[0].line, code=group[0].code)


def _beside(
    document: Document, facts: FactsByLine, line: int, following: int, column: Columns
) -> Iterator[Beside]:
    """What a line and the short ones below it, up to the next field, say of its fields and no fact has."""
    fields = [one for one in facts.fields_at(line) if one.name not in ("", "[]")]
    text = document.lines[line - 1][:MAX_LINE]
    if not any(
        _word_at(text, one.name) >= 0 or (len(one.name) > 1 and one.name in text) for one in fields
    ):  # the name may stand above, or below a bullet alone
        above = document.lines[max(line - 1 - MAX_ABOVE, 0) : line - 1]
        bullet = (
            document.lines[line][:MAX_LINE] if not text.strip(" -*•\t") and line < len(document.lines) else ""
        )
        text = "\t".join([*(one[:MAX_SHORT] for one in above), text, *([bullet] if bullet else [])])
    places = _places(text, [one.name for one in fields])
    named = sorted(places.items())[:MAX_NAMED]
    end = min(following - 1, line + MAX_BELOW, len(document.lines))
    below = [one.strip().removeprefix("- ") for one in document.lines[line:end]]
    # Of a longer line that begins with a bracket, "(optional, string): …", what the bracket has.
    short = [one[:MAX_SHORT] for one in below if one and (len(one) <= MAX_SHORT or one[0] in "([")]
    said_below = set[str]().union(*(facts.keywords(number) for number in range(line + 1, end + 1)))
    for (start, name), (next_start, _) in pairwise([*named, (len(text), "")]):
        rest = text[start + len(name) : next_start]
        if text[start - 1 : start] in ("*", "_"):  # emphasis, and no mark
            rest = rest.lstrip("*_")
        is_alone = len(named) == 1
        around = (rest, *short, text[:start]) if is_alone else (rest,)
        keywords = said_below.union(word.name for one in fields if one.name == name for word in one.keywords)
        place = column.default if is_alone else -1
        yield from _unread(facts, line, name, around, keywords, _default(text, rest, place), column)


def _places(text: str, names: Sequence[str]) -> dict[int, str]:
    """Where the names stand in a text: as words of their own, or glued to others where none does."""
    found = {at: one for one in names if (at := _word_at(text, one)) >= 0}
    return found or {text.find(one): one for one in names if one in text}


def _word_at(text: str, name: str) -> int:
    """Where a name first stands as a word of its own; -1: nowhere."""
    at = text.find(name)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(name) : at + len(name) + 1]
        if not any(one.isalnum() or one == "_" for one in around):
            return at
        at = text.find(name, at + 1)
    return -1


def _unread(
    facts: FactsByLine,
    line: int,
    name: str,
    around: Sequence[str],
    keywords: Set[str],
    default: str,
    column: Columns,
) -> Iterator[Beside]:
    """What of the texts `around` a name, the first of them behind it, is no keyword of its field."""
    if found := _missing_type(facts.fields_at(line), keywords, around):
        yield Beside(line, TYPE, name, found)
    cells = [one.strip(_SIGNS) for one in _CELLS.split(around[0], MAX_PARTS)]
    cells = cells if len(cells) > 1 else []
    if "required" not in keywords and (
        found := _mark(around, (*cells, *(around[1:] if column.has_required else ())), column)
    ):
        yield Beside(line, REQUIRED, name, found)
    if "default" not in keywords and default:
        yield Beside(line, DEFAULT, name, default)
    if keywords.isdisjoint(_SOURCES) and (source := _SOURCE.search(around[0])):
        yield Beside(line, SOURCE, name, source.group())
    values = facts.values(line) | {default}
    for said in cells if column.examples < 0 else ():
        is_word = _is_word(said) or ("type" in keywords and in_plain_words(said))
        if _ONE_VALUE.match(said) and not is_word and values.isdisjoint((said, _bare(said))):
            yield Beside(line, VALUE, name, said)


def _missing_type(fields: Sequence[Field], keywords: Container[str], around: Sequence[str]) -> str:
    """The word for a type that stands around a name of whose field no type is read, nor of its items."""
    pattern = _TYPE
    if "type" in keywords:
        if not any(one.name == "[]" and one.get("type") is None for one in fields):
            return ""
        pattern = _ITEMS
    found = next(filter(None, (pattern.search(one) for one in around)), None)
    return found[found.lastgroup or 0].strip() if found else ""


def _default(text: str, rest: str, place: int) -> str:
    """What a row has in the column of defaults, or what stands behind the equals sign of a member."""
    cells = _CELLS.split(text.strip())
    cell = cells[place].strip(_SIGNS) if 0 <= place < len(cells) else ""
    if cell and not _NO_VALUE.match(cell) and any(one.isalnum() for one in cell):
        return cell[:MAX_SHORT]
    found = _SET.match(rest) if place < 0 and "|" not in text and "?" not in text[:MAX_SHORT] else None
    return found["value"].strip(_SIGNS) if found and "://" not in text else ""


def _mark(around: Sequence[str], cells: Sequence[str], column: Columns) -> str:
    """What stands around a name and says whether it is required."""
    if found := next(filter(None, (_REQUIRED.search(one) for one in around)), None):
        return re.split(r"[|\t]", found.group())[-1].strip(_SIGNS + "?:") or found.group().strip() or "*"
    pattern = _MARK_OF_COLUMN if column.has_required else _MARK
    return next((one for one in cells if pattern.match(one)), "")


def _bare(text: str) -> str:
    """A number as facts have it: "1.0" as 1."""
    return plain(float(text)) if _NUMBER.match(text) else text


def _is_word(text: str) -> bool:
    """Whether a cell is a type, a mark or the absence of a value."""
    found = _TYPE.match(text)
    return (found is not None and found.end() == len(text)) or bool(
        _MARK_OF_COLUMN.match(text) or _PLACES.match(text) or _NO_VALUE.match(text) or _REQUIRED.match(text)
    )


def columns_of(document: Document) -> dict[int, Columns]:
    """What the head of its table says of each row."""
    found = {}
    is_row, columns = False, Columns()
    is_apart = any(_REQUIRED_ALONE.match(line[:MAX_HEAD]) for line in document.lines)
    for number, line in enumerate(document.lines, 1):
        text = line[:MAX_LINE]
        was_row, is_row = is_row, "|" in text or "\t" in text or "<t" in text or "</t" in text
        if is_row and (not was_row or "<th" in text):
            heads = [one.strip() for one in _CELLS.split(text.strip())]
            columns = Columns(
                _OF_REQUIRED.search(text) is not None or (was_row and columns.has_required),
                next((at for at, one in enumerate(heads) if _OF_DEFAULT.search(one[:MAX_HEAD])), -1),
                next((at for at, one in enumerate(heads) if _OF_EXAMPLES.search(one[:MAX_HEAD])), -1),
            )
        if is_row:
            found[number] = columns
        elif is_apart:  # a head whose cells stand a line each
            found[number] = Columns(has_required=True)
    return found


def _of_groups(
    document: Document, facts: FactsByLine, lines: Sequence[int], told: Container[int]
) -> Iterator[Note]:
    """Notes of what is said of all fields below a heading, "### Optional fields", and is a fact of none."""
    fenced = False
    for number, line in enumerate(document.lines, 1):
        if FENCE.match(line[:40]):
            fenced = not fenced
        text = line.strip() if len(line) <= MAX_GROUP else ""
        if fenced or not text or number in told or facts.fields_at(number):
            continue
        if not (_OF_FIELDS.match(text) and _OF_REQUIRED.search(text)):
            continue
        first = bisect.bisect_right(lines, number)
        if first == len(lines) or lines[first] - number > MAX_TO_FIRST:
            continue
        if "required" not in facts.keywords(lines[first]) | facts.keywords(number):
            what = f"said of the fields below and in no fact: {text.strip(_SIGNS + '#:： ')}"
            yield Note("untold", what, document.name, number, code=REQUIRED)
