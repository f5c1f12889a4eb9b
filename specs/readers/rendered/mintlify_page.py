"""The text of a rendered Mintlify page: fields one after the other, with their names or without.

    Body                                   Body
    application/json                       application/json
    prompt                                 Positive text prompt
    string                                 Maximum string length:
    required                               2500Scene reference image
    Positive text prompt                   …
    Maximum string length: 2500

Copying loses line ends, so what follows a value may be glued to it.
"""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Field, Operation, Parameter, Reading
from understudy.specs.prose.values import GLUED, typed
from understudy.specs.readers.facts import place_pictures
from understudy.specs.readers.fields import shapes
from understudy.specs.readers.rendered.labelled_limits import (
    EXAMPLE,
    LABELS,
    LENGTH,
    LIMITS,
    ONE_OPTION,
    OPTIONS,
    add_length,
    add_range,
    options_on,
)
from understudy.specs.readers.text.page_text import (
    NOISE,
    FieldDraft,
    Line,
    finish,
    is_reason,
    operation_head,
    parse_type,
    through_lists,
    visible_lines,
    without_code,
)
from understudy.specs.readers.text.part_headings import part_of
from understudy.specs.readers.trees.json_holders import holders_of
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, TooLargeError, plain_value

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.model import Keyword
    from understudy.specs.readers.facts import FactLog

FORMAT = "Mintlify page text"
PLACES = ("query", "path", "header")

_NAME = re.compile(r"[A-Za-z_$][\w$-]*(?:\[\])?(?:\.[A-Za-z_$][\w$-]*(?:\[\])?)*\Z")
_TYPE_AND_MORE = re.compile(
    r"(?:(?!Required\b|Optional\b)[A-Z]\w{1,60}\s{1,3}·\s{1,3})?(?P<type>(?:enum<\w+>|array<\w+>|(?:string|integer|number|boolean|object|array|null|file|any)(?:<[\w-]+>)?(?:\s*\[\])?|list<\w+>|float|int|bool|long|double|File|[A-Z]\w+Enum)"
    r"(?:\s*\|\s*(?:string|integer|number|boolean|object|array|null)(?:<[\w-]+>)?(?:\[\])?)*)(?P<more>.*)\Z"
)
_ATTRIBUTE = re.compile(r"\s{0,4}(?:[·,]\s{0,4})?(?:(?P<required>required)|(?P<optional>optional\b)|(?P<deprecated>deprecated)|default\s*:\s*(?P<default>\"[^\"]*\"|[^\s,]+?)"
                        r"(?=required|deprecated|\s|\Z)|(?:header|query|path|body)(?=\s|required|\Z))")  # fmt: skip
_TEXT_DEFAULT = re.compile(r"default:(?P<value>[^\s\"'](?=[^\n]{0,100}\s)[^\n]{1,120}[^.\s])\Z")
_BODY = re.compile(
    r"(?:(?:request\s+)?body\b(?:\s*(?:application/json|parameters?|params?))?|input\s+(?:schema|parameters?))\Z",
    re.IGNORECASE,
)
_RESPONSE = re.compile(r"(?:responses?\b(?:\s*\d{3}.*)?|output\s+schema)\Z", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:authorizations?|(?:request|response) samples|headers?|path parameters?|query parameters?|cookies?|path|query)\Z",
    re.IGNORECASE,
)
# Sections whose fields are no body's, and where these are sent.
_PLACES = re.compile(r"(?P<place>query|path|header)s?(?:\s+param(?:eter)?s?)?\Z", re.IGNORECASE)
_STATUS = re.compile(r"(?P<status>[1-5]\d\d|default)\b(?:\s{0,4}-?\s{0,4}application/\S+)?\Z")
_MEDIA = re.compile(r"(?:application|multipart|text)/\S+\Z")
_CHILDREN = re.compile(r"(?:▾|▸)?\s*hide child attributes\Z|隐藏子属性\Z", re.IGNORECASE)
_SAYS_LEVELS = re.compile(r"hide child attributes|隐藏子属性", re.IGNORECASE)
_CHROME = re.compile(
    r"(?:show|hide) child attributes|显示子属性|collapse|expand|▾|▸|copy(?: page)?|try it|cURL|json|enum\Z",
    re.IGNORECASE,
)
# Types that are names where a line below them says another type: OpenAI's answers have `object`.
_ALSO_NAMES = ("text", "object", "file")
_QUOTED = re.compile(r'"(?P<name>[\w-]{1,80})"\s*:\s*(?=[\[{])')


def recognises(document: Document) -> bool:
    """Whether the text has a body or parameters, and speaks of its fields as Mintlify does."""
    lines = visible_lines(document)
    has_body = any(
        _BODY.match(line.text) or _heads_parameters(lines, index) for index, line in enumerate(lines)
    )
    marks = sum(any(marker.match(line.text) for marker in LIMITS) for line in lines)
    return has_body and (marks > 0 or _named_fields(lines) > 0)


def _heads_parameters(lines: list[Line], index: int) -> bool:
    """Whether the line heads parameters of the path or the query, the first of which follows."""
    return _PLACES.match(lines[index].text) is not None and _begins_field(lines, index + 1)


def _named_fields(lines: list[Line]) -> int:
    return sum(_begins_field(lines, index) for index in range(len(lines) - 1))


def _begins_field(lines: list[Line], index: int) -> bool:
    return bool(
        index + 1 < len(lines) and _NAME.match(lines[index].text) and not is_reason(lines[index].text) and _is_type_line(lines[index + 1].text)
        and (parse_type(lines[index].text) is None or (lines[index].text in _ALSO_NAMES and lines[index + 1].text.startswith(("string", "enum<"))))
    )  # fmt: skip


def _is_type_line(text: str) -> bool:
    match = _TYPE_AND_MORE.match(text)
    if match is None:
        return False
    rest = match["more"]
    while rest.strip():
        attribute = _ATTRIBUTE.match(rest)
        if attribute is None or not attribute.end():
            return False
        rest = rest[attribute.end() :]
    return True


def read(document: Document, log: FactLog) -> Reading:
    """The operation of the page. Fields without a name have the path ("",) and are noted as unnamed."""
    lines = visible_lines(document, log)
    method, path, line = operation_head(lines)
    sections = _sections(without_code(lines))
    reader = _Fields(log)
    request = reader.read(sections.get("body", []))
    responses = {}
    parameters: list[Parameter] = []
    for status, part in sections.items():
        if status in PLACES:
            # A parameter is one value: what stands below it in brackets or dots is none of its own.
            fields = [
                one for one in _Fields(log).read(part, is_named=True) if len(one.path) == 1 and one.name
            ]
            parameters += [Parameter(status, one) for one in fields if one.name.lower() not in NOISE]
        elif status not in ("body", "other"):
            responses[status] = tuple(_Fields(log).read(part, is_named=reader.named))
    operation = Operation(
        method or "post", path, tuple(place_pictures(request)), MappingProxyType(responses),
        tuple(reader.examples), line=line, parameters=tuple(parameters),
    )  # fmt: skip
    if not any(_SAYS_LEVELS.search(line.text) for line in lines):
        shown = holders_of([line.text for line in lines]).keys()
        for body in (request, *responses.values()):
            shapes.note_levels(body, log, shown)
    return Reading(document.name, FORMAT, (operation,), log.sorted_notes())


def _sections(lines: list[Line]) -> dict[str, list[Line]]:
    """The lines of the body, of each response (by status), of the parameters by their place, and of everything
    else."""
    out: dict[str, list[Line]] = {}
    current = "other"
    for index, line in enumerate(lines):
        if _heads_parameters(lines, index):
            current = line.text.split()[0].lower().removesuffix("s")
        elif _BODY.match(line.text):
            # Below the status and the media type of an answer it heads the answer's own.
            is_answers = current.isdigit() and len(out.get(current, ())) < 3 and line.text.lower() == "body"
            current = current if is_answers else "body"
        elif _RESPONSE.match(line.text) and (current != "other" or out.keys() & {"body", *PLACES}):
            current = "200"
        elif _SECTION.match(line.text) or (
            part_of(line.text) in ("error", "status") and not _is_type_line(lines[index - 1].text)
        ):
            current = "other"
        elif current not in ("body", "other", *PLACES) and (status := _STATUS.match(line.text)):
            current = status["status"]
        elif not _MEDIA.match(line.text):
            out.setdefault(current, []).append(line)
    return out


class _Fields:
    """Reads the lines of one body."""

    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.examples: list[Any] = []
        self.drafts: list[FieldDraft] = []
        self.below: dict[int, list[Field]] = {}
        self.waiting: list[Line] = []
        self.holders: list[int] = []  # of the drafts, those below which their children follow
        self.lists: set[tuple[str, ...]] = set()
        self.named = False

    def read(self, lines: list[Line], *, is_named: bool = False) -> list[Field]:
        """The fields of the lines; of a page that `is_named` no paragraph is a field without a name."""
        self.named = is_named or _named_fields(lines) > 0
        waiting = self.waiting = list(reversed(lines))
        while waiting:
            line = waiting.pop()
            ahead = [line, waiting[-1]] if waiting else [line]
            if self.named and _begins_field(ahead, 0):
                type_line = waiting.pop()
                if self._is_item(line, type_line):
                    self.holders.append(len(self.drafts) - 1)  # the list's name again heads what is in it
                else:
                    self._begin(line, type_line)
            elif self.named and self.drafts and _CHILDREN.match(line.text):
                self.holders.append(len(self.drafts) - 1)
            elif not _CHROME.match(line.text) or not self.named:
                rest = self._line(line, waiting)
                if rest is not None and rest.text:
                    waiting.append(rest)
        out: list[Field] = []
        shown: list[Field] = []
        holders: dict[int, list[str]] = {}
        for index, draft in enumerate(self.drafts):
            inner = shapes.below(draft, self.log) if self.named else []
            if index in self.holders:
                holders[len(out)] = [one.name for one in inner if one.name != "[]"]
            shown += inner
            out += finish(draft, self.log, self.below.get(index, []))
        out = shapes.with_shapes(shapes.inside(out, holders, self.log) if holders else out, shown)
        for entry in out:
            if entry.path and entry.path[0] == "":
                words = " ".join(entry.wording.split("\n")[0].split())[:60]
                self.log.note("unnamed", f"a field without a name: {words!r}", entry.line, path=entry.path)
        return out

    def _is_item(self, name: Line, type_line: Line) -> bool:
        last = self.drafts[-1] if self.drafts else None
        return (
            last is not None
            and last.path == (name.text,)
            and last.get("type") == "array"
            and type_line.text == "object"
        )

    def _begin(self, name: Line, type_line: Line) -> None:
        path: list[str] = []
        for step in name.text.split("."):
            path += [step.removesuffix("[]"), "[]"] if step.endswith("[]") else [step]
        draft = FieldDraft(through_lists(path, self.lists), name.number)
        match = _TYPE_AND_MORE.match(type_line.text)
        for place, type_ in (parse_type(match["type"]) or []) if match else []:
            if place:
                draft.item, draft.item_line = type_, type_line.number
            else:
                draft.keywords.append(self.log.keyword("type", type_, type_line.number))
        self.drafts.append(draft)
        if draft.get("type") == "array":
            self.lists.add(draft.path)
        self._attributes(draft, match["more"] if match else "", type_line.number)

    def _attributes(self, draft: FieldDraft, text: str, line: int) -> bool:
        """Whether the text is attributes and nothing else, which the field then has: of "default: the slow
        one" nothing is taken."""
        said: list[Keyword] = []
        while text.strip() and (attribute := _ATTRIBUTE.match(text)) and attribute.end():
            if attribute["required"]:
                said.append(self.log.keyword("required", True, line))
            elif attribute["optional"]:
                said.append(self.log.keyword("required", False, line))
            elif attribute["deprecated"]:
                said.append(self.log.keyword("deprecated", True, line))
            elif attribute["default"]:
                value = typed(attribute["default"].strip('"'), draft.get("type"))
                said += [] if value is None else [self.log.keyword("default", value, line)]
            text = text[attribute.end() :]
            if not text.strip():
                draft.keywords += said
                return True
        return False

    def _whole_default(self, draft: FieldDraft, line: Line) -> bool:
        """Whether a line is the label of a default, no blank behind it, and a text of several words."""
        found = _TEXT_DEFAULT.match(line.text) if draft.get("type") == "string" and not draft.pieces else None
        if found is not None:
            draft.keywords.append(self.log.keyword("default", found["value"], line.number))
        return found is not None

    def _line(self, line: Line, waiting: list[Line]) -> Line | None:
        """Take one line; returns what of it belongs to something else."""
        for marker in LABELS:
            if match := marker.match(line.text):
                value = Line(line.number, line.text[match.end() :])
                if not value.text and waiting:
                    value = waiting.pop()
                return self._value(marker, match, line, value)
        if self.named:
            if self.drafts and self._whole_default(self.drafts[-1], line):
                return None
            if self.drafts and not self._attributes(self.drafts[-1], line.text, line.number):
                self.drafts[-1].pieces.append(line)
            return None
        return self._unnamed_line(line)

    def _value(self, marker: re.Pattern[str], match: re.Match[str], line: Line, value: Line) -> Line | None:
        if not self.drafts:
            return None
        draft = self.drafts[-1]
        if marker is EXAMPLE:
            return None
        if marker is OPTIONS:
            end = self._options(draft, value, self.waiting)
        elif marker is LENGTH:
            end = add_length(draft, match, value, self.log)
        else:
            end = add_range(draft, value, self.log)
        if not end:
            self.log.note("not-understood", f"{line.text} {value.text[:80]}", line.number, path=draft.path)
            return None
        return Line(value.number, value.text[end:].strip())

    def _options(self, draft: FieldDraft, value: Line, waiting: list[Line]) -> int:
        """The values behind "Available options:": on one line, or one a line."""
        found = options_on(value.text)
        if not found.values:
            return 0
        type_ = draft.get("type")
        said = list(found.values)
        goes_on = value.text.rstrip().endswith(",")
        while self.named and waiting and ONE_OPTION.match(waiting[-1].text):
            if not goes_on and not waiting[-1].text.endswith(","):
                break  # a word alone may be anything; a comma says that the list goes on
            if _begins_field([waiting[-1], *waiting[-2:-1]], 0):
                break
            text = waiting.pop().text
            goes_on = text.endswith(",")
            said.append(text.rstrip(",").strip("`\"' "))
            if not goes_on:
                break
        values = [typed(v, type_) for v in dict.fromkeys(said)]
        if found.doubt == GLUED:
            self.log.note("mend", "glued values, taken apart", value.number, path=draft.path)
        draft.keywords.append(self.log.keyword("enum", values, value.number))
        return found.end

    def _unnamed_line(self, line: Line) -> Line | None:
        """A paragraph begins a field; list entries, quoted examples and notes go on with it."""
        if self.drafts and (quoted := _QUOTED.match(line.text)):
            return self._quoted(self.drafts[-1], quoted, line)
        goes_on = line.text[0] in "-*•" or re.match(
            r"(?:note|tip|注意|说明)\s*[:：]", line.text, re.IGNORECASE
        )
        if self.drafts and goes_on:
            self.drafts[-1].pieces.append(line)
            return None
        draft = FieldDraft(("",), line.number, pieces=[line])
        if re.match(r"whether\b|if true\b|是否", line.text, re.IGNORECASE):
            draft.keywords.append(self.log.keyword("type", "boolean", line.number, "prose"))
        self.drafts.append(draft)
        return None

    def _quoted(self, draft: FieldDraft, quoted: re.Match[str], line: Line) -> Line | None:
        """A quoted example names the field and shows its shape."""
        try:
            found = parse_json(line.text, quoted.end(), line.number)
            value = plain_value(found.root)
        except (BrokenError, TooLargeError):
            draft.pieces.append(line)
            return None
        if not self.named:
            self.examples.append({quoted["name"]: value})  # it tells how its page sends what has no names
        if draft.path == ("",):
            draft.path = (quoted["name"],)
            shown = shapes.of_value((quoted["name"],), value, self.log, line.number)
            draft.keywords += shown[0].keywords
            self.below[len(self.drafts) - 1] = shown[1:]
        return Line(line.number, line.text[found.end :].strip())
