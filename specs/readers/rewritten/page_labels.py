"""Rendered pages that say in other labels what Mintlify's say, rewritten in Mintlify's.

BODY PARAMS            Request                  请求体              Words{                 → Body
model                  model                    model               model*   string        → model
string                 string                   string              default: a             → string
required               required                 必填                Enum:                  → required
Defaults to a          Possible values: [a, b]  默认值:a            [ a, b ]               → default: a
Allowed:               Default value: a         可用选项:           }                      → Available options: a, b
(ReadMe)               (Docusaurus)             (Mintlify)          (Swagger UI)
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.fields.inline_fields import InlineField, InlineNames, inline_field
from understudy.specs.readers.fields.presence import is_presence
from understudy.specs.readers.fields.table_rows import Table, parts
from understudy.specs.readers.text.label_words import BEGINNINGS, LINES, OPTIONS, SECTIONS
from understudy.specs.readers.text.page_text import METHODS, parse_type
from understudy.specs.readers.trees.json_holders import holders_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "labelled page text"
MAX_LINES = 20_000
MAX_LINE = 400
MAX_NESTED = 12

_N = r"-?\d[\d,]{0,15}(?:\.\d{1,6})?"
_OPTION = re.compile(r"[`\"']?\w[\w.:+/-]{0,79}[`\"']?\s?,?\Z")
_MEANT = re.compile(r"[`\"']?(?P<value>\w[\w.+-]{0,60})[`\"']?\s{0,2}[:：]\s{0,2}\S", re.ASCII)
_LENGTH = re.compile(
    rf"length (?:between (?P<low>{_N}) and (?P<high>{_N})|(?P<op>[≤≥]|<=|>=) ?(?P<one>{_N}))\Z", re.IGNORECASE
)
_BETWEEN = re.compile(rf"(?P<low>{_N}) (?:to|–|~) (?P<high>{_N})\Z")
_BOUND = re.compile(
    rf"(?P<op>[≤≥<>]|<=|>=)\s?(?P<value>{_N})\s?(?P<unit>char(?:acter)?s?|items?)?(?:\s?(?:,|and)\s?|\Z)",
    re.IGNORECASE,
)
_SIDE = re.compile(rf"(?P<side>min(?:imum)?|max(?:imum)?)\s?[:：]\s?(?P<value>{_N})\Z", re.IGNORECASE)
_ITEMS = re.compile(r"array of (?P<of>string|integer|number|boolean|object|array)s\Z", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:array|list)\s?(?:[\[<](?=\w+[\]>]\Z)|(?=\w+\[\]\Z))(?P<of>string|integer|number|boolean|object)(?:[\]>]|\[\])\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][\w$-]{0,79}(?:\[\])?(?:\.[A-Za-z_][\w$-]{0,79}(?:\[\])?){0,8}\*?\Z")
_MODEL = re.compile(r"\w{1,80}\s?\{\Z")
_MODEL_ROW = re.compile(r"(?P<name>[A-Za-z_][\w$-]{0,79})(?P<star>\*?)\s{0,3}\t\s{0,3}(?P<type>\S.{0,80})\Z")
_PARAMETERS = re.compile(r"请求参数|request parameters|parameters", re.IGNORECASE)
_OF_VALUE = re.compile(r"(?<=[<=≤] )value(?= )")
_METHOD = re.compile(rf"(?:{'|'.join(METHODS)})(?:\Z|\s{{1,4}}(?:https?:/)?/)", re.IGNORECASE)
_PATH = re.compile(r"/[\w~-]{1,60}(?:/[\w.~{}:-]{1,80}){1,9}\Z", re.ASCII)
_ATTRIBUTES = ("属性", "Attributes", "Properties")
_DEFAULT_ABOVE = re.compile(r"(?:defaults?(?: value)?|默认值?)\s?[:：]\Z", re.IGNORECASE)
# The same as Markdown: "**model** *string* **（必选）**"; the marks are no part of it.
_EMPHASISED = re.compile(
    r"\*\*[A-Za-z_][\w.-]{0,79}\*\*[ \t]{1,4}[*_]{1,2}[A-Za-z][\w\[\]<> ]{1,40}[*_]{1,2}(?=[ \t(（]|\Z)"
)
_MARKS = re.compile(r"\*{1,2}|(?<!\w)_(?=[A-Za-z])|(?<=[\w>\]])_(?!\w)")
_HASHES = re.compile(r"#{1,6}[ \t]+")
# A sign that Markdown would take for its own: `array\\[string\\]`.
_ESCAPED = re.compile(r"\\([\[\]*_<>])")
_HEADING = re.compile(r"#{1,6}[ \t]+|\*\*(?=[^*]{1,80}\*\*\Z)|(?<=\S)\*\*\Z")
# Apifox has some of these labels, and sections of its own.
_APIFOX = re.compile(
    r"(?:body|header|query|path)\s?(?:params?|parameters?|参数)\s?(?:application|multipart)/", re.IGNORECASE
)
_STATUS = re.compile(r"[1-5]\d\d\Z")
_MEDIA = re.compile(r"(?:application|multipart)/[\w.+-]+\Z")
# By these such a page is known: the other formats do not say them on lines of their own.
_TELLS = re.compile(
    rf"body param(?:eter)?s?|(?:可用选项|可用選項|opciones disponibles|options disponibles|opções disponíveis|verfügbare optionen|opzioni disponibili|доступные варианты)\s?[:：]|默认值[:：]\S.*|defaults to \S+|allowed(?: values)?\s?:|possible values\s?: ?(?:\[|[<>≤≥]).*|{_LENGTH.pattern[:-2]}|array \[|type: (?:string|integer|number|boolean|object|array)(?: .{1, 60})?|利用可能なオプション\s?[:：]"
    r"|[A-Za-z_][\w$-]{0,79}\*?\s{0,3}\t\s{0,3}(?:string|integer|number|boolean|array|object)(?:\(\$\w+\))?"
    r"|[A-Za-z_][\w.-]{0,79} (?:string|integer|int|number|bool(?:ean)?|object|array) ?[(（](?:必选|可选|必填|选填|required|optional)[)）]",
    re.IGNORECASE,
)


def recognises(document: Document) -> bool:
    """Whether a line has a label that only such pages have, and a field stands on lines of its own."""
    lines = _lines(document)[:MAX_LINES]
    is_listed = sum(map(_is_inline, (line[:200] for line in lines))) > 2
    if is_listed and any(line.startswith("|") for line in lines[:MAX_LINES]):
        # Tables beside the fields: of models, of prices. One of fields is read as what it is.
        is_listed = not any(isinstance(one, Table) and one.has_fields for one in parts(lines))
    if any(
        re.match(r"```|<[A-Za-z!/]" if is_listed else r"[|]|```|<[A-Za-z!/]", line[:4])
        or _APIFOX.match(line[:60])
        or line.count("\t") > 2
        for line in lines
    ):
        return False
    shown = [line for line in lines if line]
    has_label = any(len(line) <= MAX_LINE and _TELLS.fullmatch(line) for line in shown)
    if sum(map(_is_inline, (line[:200] for line in shown))) > 1:
        return True
    return has_label and any(
        _begins(shown, index) or _MODEL_ROW.match(line[:200]) or _is_inline(line[:200])
        for index, line in enumerate(shown)
    )


def _is_inline(line: str) -> bool:
    """Whether a line is a field as such pages have it: it says whether the field is required."""
    found = inline_field(line)
    return found is not None and found.required is not None


def _begins(lines: Sequence[str], index: int) -> bool:
    """Whether a field begins here: a name on a line of its own, and its type on the next."""
    if index + 1 >= len(lines) or not _NAME.match(lines[index][:90]) or parse_type(lines[index]):
        return False
    return _type(lines[index + 1]) is not None


def _type(text: str) -> str | None:
    if items := _ITEMS.match(text[:40]):
        return f"{items['of'].lower()}[]"
    if listed := _LISTED.match(re.sub(r"\AType\s?[:：]\s?", "", text[:60])):
        return f"{listed['of'].lower()}[]"
    bare = re.sub(r"\(\$\w{1,20}\)\Z|\AType\s?[:：]\s?", "", text[:80]).strip()
    return bare.lower() if parse_type(bare) else None


# Whether a field is required, as a label with its answer; and a value in code.
_REQUIRED = re.compile(
    r"(?:(?:is )?(?:required|mandatory)|(?:是否)?(?:必填|必选|必须))\s?[:：]\s{0,3}(?P<answer>\S{1,12})\Z",
    re.IGNORECASE,
)
_YES = re.compile(r"(?:yes|y|true|required|是|必填|必选|必须|✓|✔|✅)\Z", re.IGNORECASE)
_CODE = re.compile(r"`[^`]{1,80}`")


def _lines(document: Document) -> list[str]:
    """The lines without blanks around them; those of a page whose fields are set in bold without Markdown's
    marks."""
    lines = [line.strip() for line in document.lines]
    if not any(_EMPHASISED.match(line[:200]) for line in lines[:MAX_LINES]):
        return [_ESCAPED.sub(r"\1", _HASHES.sub("", line[:MAX_LINE])) + line[MAX_LINE:] for line in lines]
    return [
        (_MARKS if _EMPHASISED.match(line[:200]) else _HEADING).sub("", line[:MAX_LINE]) + line[MAX_LINE:]
        for line in lines
    ]


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The text in Mintlify's labels, the fields inside of `ARRAY [` with their whole names."""
    lines = [(number, line) for number, line in enumerate(_lines(document), 1) if line and line[0] != "|"]
    page = _Page([text for _, text in lines])
    out = [(lines[index][0], text) for index, text in page.read()]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


class _Page:
    """Goes through the shown lines; `type` is that of the last field, and `above` what lists are open."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.type = ""
        self.last = ""
        self.above: list[str] = []
        self.is_inline = False
        self.is_answer = False
        self.holders = holders_of(lines)
        self.inline = InlineNames(lines)
        self.has_method = any(_METHOD.match(line[:40]) for line in lines)

    @property
    def _is_list(self) -> bool:
        return self.type.endswith("[]") or self.type == "array"

    def read(self) -> Iterator[tuple[int, str]]:
        index = 0
        while index < len(self.lines):
            text = self.lines[index]
            if len(text) > MAX_LINE:
                yield index, text
                index += 1
            elif _STATUS.match(text) and index and _STATUS.match(self.lines[index - 1]):
                index += 1  # of several tabs the first is open
            elif _DEFAULT_ABOVE.match(text) and index + 1 < len(self.lines):
                yield index + 1, f"default: {self.lines[index + 1]}"
                index += 2
            elif options := OPTIONS.match(text):
                values, end = self._options(options["rest"] or options["quoted"] or "", index + 1)
                yield index, values or text
                index = end
            elif _begins(self.lines, index):
                yield index, self._name(text)
                if text.endswith("*"):
                    yield index, "required"
                self.type = _type(self.lines[index + 1]) or ""
                yield index + 1, self.type
                index += 2
                values, end = self._bare_options(index)
                if values:
                    yield index, values
                    index = end
            else:
                yield from self._other(index, text)
                index += 1

    def _row(self, index: int, row: re.Match[str]) -> Iterator[tuple[int, str]]:
        """A row of a model: its name, its type, and whether it is required."""
        is_list = row["type"] == "["  # of a model that follows, up to `}]`
        self.type = "object[]" if is_list else _type(row["type"]) or row["type"]
        yield index, self._name(row["name"])
        yield index, self.type
        if row["star"]:
            yield index, "required"
        if is_list and len(self.above) < MAX_NESTED:
            self.above = [f"{self.last}[]"]

    def _field(self, index: int, field: InlineField) -> Iterator[tuple[int, str]]:
        """A field on one line: its name, its type, whether it is required, and its default."""
        name = self.inline.bare(field.name)
        if self.inline.are_whole or (self._has_attributes(index) and name not in self.holders):
            self.above = []
        self.is_inline = True
        self._leave(name)
        self.type = _type(field.type) or field.type
        yield index, self._name(name)
        yield index, self.type
        if field.required is not None and not (field.required and self.inline.is_of_a_shape(field.name)):
            yield index, "required" if field.required else "optional"
        if field.default:
            yield index, f"default: {field.default}"

    def _leave(self, name: str) -> None:
        """Close the objects that are open as far as the page's examples show the field outside of them."""
        shown = self.holders.get(name, ())
        for depth in range(len(self.above), -1, -1):
            if ".".join(self.above[:depth]).replace("[]", "") in shown:
                self.above = self.above[:depth]
                return

    def _has_attributes(self, index: int) -> bool:
        """Whether the fields inside of the one at `index` follow what is said of it."""
        for text in self.lines[index + 1 : index + 12]:
            if inline_field(text):
                return False
            if text.lstrip("* ") in _ATTRIBUTES:
                return True
        return False

    def _name(self, text: str) -> str:
        self.last = ".".join([*self.above, text.rstrip("*")])
        return self.last

    def _other(self, index: int, text: str) -> Iterator[tuple[int, str]]:
        if text.upper() in ("ARRAY [", "ARRAY["):
            if len(self.above) < MAX_NESTED and self.last:
                self.above = [f"{self.last}[]"]
        elif text in ("]", "}]") and self.above:
            self.above = []
        elif row := _MODEL_ROW.match(text):
            yield from self._row(index, row)
        elif field := (inline_field(text) or self.inline.glued(text)):
            yield from self._field(index, field)
        elif (text.lower() == "request" and self._is_body(index)) or (
            _PARAMETERS.match(text) and _begins(self.lines, index + 1)
        ):
            self.is_answer = False
            yield index, "Body"
        elif not self.has_method and _PATH.match(text):
            # No line says a method: what ends in a parameter is asked for, other things are sent.
            yield index, f"{'GET' if text.endswith('}') else 'POST'} {text}"
        elif text.lstrip("* ") in _ATTRIBUTES and self.last and self.is_inline:
            self.above = self.last.split(".")  # up to the next field that has attributes of its own
        elif self._says_the_name(index, text):
            yield index, f"{text}."  # a sentence, no heading
        elif not _MODEL.match(text):
            yield index, self._labelled(text)

    def _says_the_name(self, index: int, text: str) -> bool:
        """Whether a label below a field on one line says its name: 响应格式 below "response_format?string"."""
        above = inline_field(self.lines[index - 1]) if index else None
        words = re.split(r"[_.\d]|(?<=[a-z])(?=[A-Z])", above.name.lower()) if above else []
        return any(label.lower() in words for pattern, label in LINES if label and pattern.match(text))

    def _is_body(self, index: int) -> bool:
        """Whether `Request` heads a body: a media type or the word follows at once."""
        return any(_MEDIA.match(one) or one.lower() == "body" for one in self.lines[index + 1 : index + 3])

    def _labelled(self, text: str) -> str:
        if any(pattern.match(text) for pattern, label in LINES if label in SECTIONS):
            self.above = []
        if self.inline.are_marked and text.lower() == "response body":
            self.is_answer = True
            return "Response"
        for pattern, label in LINES:
            if pattern.match(text):
                if label == "Response":
                    self.is_answer = True
                return "" if label == "Body" and self.is_answer else label
        if self.is_answer and text == "Body":
            return ""
        if (said := _REQUIRED.match(text)) and is_presence(said["answer"]):
            return "required" if _YES.match(said["answer"].strip("*` ")) else "optional"
        for pattern, label in BEGINNINGS:
            if found := pattern.match(text):
                value = text[found.end() :]
                return label + _OF_VALUE.sub("x", value[1:-1] if _CODE.fullmatch(value) else value)
        return self._limit(text) or text

    def _limit(self, text: str) -> str:
        """A line that is a limit and nothing else, as Mintlify says it; "" for another line."""
        if found := _LENGTH.match(text):
            of = "array" if self._is_list else "string"
            if found["low"]:
                return f"Required {of} length: {_plain(found['low'])} - {_plain(found['high'])}"
            return f"{'Maximum' if found['op'] in '≤<=' else 'Minimum'} {of} length: {_plain(found['one'])}"
        if (found := _BETWEEN.match(text)) and self.type in ("integer", "number", "float", "int32", "int64"):
            return f"Required range: {_plain(found['low'])} <= x <= {_plain(found['high'])}"
        if found := _SIDE.match(text):
            sign = ">=" if found["side"].lower().startswith("min") else "<="
            return f"Required range: x {sign} {_plain(found['value'])}"
        return self._bounds(text)

    def _bounds(self, text: str) -> str:
        """ "<= 2500 characters", ">= 1 and <= 9": by the field's type a length, a count or a range."""
        found = list(_BOUND.finditer(text))
        if not found or sum(len(one.group()) for one in found) != len(text):
            return ""
        low = next((_plain(one["value"]) for one in found if one["op"] in ("≥", ">=")), "")
        high = next((_plain(one["value"]) for one in found if one["op"] in ("≤", "<=")), "")
        if len(found) != bool(low) + bool(high):
            return ""
        of = "array" if self._is_list else "string" if self.type == "string" else ""
        if not of:
            return f"Required range: {f'{low} <= ' if low else ''}x{f' <= {high}' if high else ''}"
        if low and high:
            return f"Required {of} length: {low} - {high}"
        return f"{'Minimum' if low else 'Maximum'} {of} length: {low or high}"

    def _options(self, rest: str, index: int) -> tuple[str, int]:
        """What follows `Allowed:` on its line or one a line, and the index behind it."""
        if rest:
            bare = rest.strip()
            if limit := self._bounds(bare):
                return limit, index
            if bare[:1] == "[" and bare[-1:] == "]":
                return f"Available options: {bare[1:-1]}", index
            return f"Available options: {bare}", index
        if index < len(self.lines) and re.fullmatch(r"\[ ?.{1,380} ?\]", self.lines[index]):
            return f"Available options: {self.lines[index][1:-1].strip()}", index + 1
        values, end = self._listed(index)
        if not values:
            # A value a line with what it means: the lines stay, they may say which is the default.
            while end < len(self.lines) and (found := _MEANT.match(self.lines[end].lstrip("•*- "))):
                values.append(found["value"])
                end += 1
            values, end = values if len(values) > 1 else [], index
        return (f"Available options: {', '.join(map(_quoted, values))}" if values else ""), end

    def _bare_options(self, index: int) -> tuple[str, int]:
        """The values behind a line `enum` below a type, where no label stands before them."""
        if index >= len(self.lines) or self.lines[index].lower() != "enum":
            return "", index
        values, end = self._listed(index + 1)
        return (
            (f"Available options: {', '.join(map(_quoted, values))}", end) if len(values) > 1 else ("", index)
        )

    def _listed(self, index: int) -> tuple[list[str], int]:
        values: list[str] = []
        while index < len(self.lines) and not _begins(self.lines, index):
            text = self.lines[index].lstrip("•*- ")
            if not _is_option(text) or any(pattern.match(text) for pattern, _ in LINES):
                break
            values.append(text.rstrip(", ").strip("`\"'"))
            index += 1
        return values, index


def _is_option(text: str) -> bool:
    return _OPTION.match(text) is not None and not text.endswith((":", "："))


def _quoted(value: str) -> str:
    """A value that holds a slash in quotes: it is one, not two."""
    return f'"{value}"' if "/" in value else value


def _plain(number: str) -> str:
    return number.replace(",", "")
