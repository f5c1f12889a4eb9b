"""The text of a rendered Apifox or Apidog page, one token a line, English or Chinese.

    Body Parameters application/json      Body 参数 application/json
    model_name                            model_name
    string                                string
    Required                              必需

Nesting is lost on such a page; the JSON example beside a body gives it back.
"""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Operation, Parameter, Reading
from understudy.specs.prose.values import GLUED, parse_list, typed
from understudy.specs.readers.facts import place_pictures
from understudy.specs.readers.fields import shapes
from understudy.specs.readers.fields.glued_values import taken_apart, words_of
from understudy.specs.readers.fields.shown_values import with_value
from understudy.specs.readers.rendered.apifox_levels import nested
from understudy.specs.readers.text.page_text import (
    NOISE,
    FieldDraft,
    Line,
    count_of,
    finish,
    is_command,
    is_reason,
    operation_head,
    parse_type,
    visible_lines,
    with_whole_fragments,
)
from understudy.specs.readers.text.part_headings import part_of
from understudy.specs.readers.trees import examples as examples_of
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, TooLargeError, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.documents import Document
    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog

FORMAT = "Apifox page text"

_SECTIONS = {
    "body": r"(?:Request\s+)?Body\s*(?:Parameters?|Params?|参数)(?:\s*(?:application|multipart)/\S+)?|Request\s+Body|请求体(?:参数)?",
    "header": r"Header\s*(?:Parameters?|Params?|参数)|请求头(?:参数)?",
    "query": r"Query\s*(?:Parameters?|Params?|参数)|查询参数",
    "path": r"Path\s*(?:Parameters?|Params?|参数)|路径参数",
    "request example": r"Example Request|Request (?:Example|Samples?)(?: Code)?|请求示例(?:代码)?",
    "response": r"Responses?(?:\s+(?:Body|Parameters?|Fields?))?|Returned? Responses?|Returns|返回(?:响应|参数|结果|数据)|响应(?:参数|体|结果)?",
    "example": r"Examples?|示例",
}
_SECTION = re.compile(
    "|".join(f"(?P<{name.replace(' ', '_')}>{pattern})" for name, pattern in _SECTIONS.items())
)
# What is glued to the end of another line: only after a bracket, a quote or the end of a sentence.
_GLUED = re.compile(rf"(?P<before>.*[.}}\]'\"。])(?P<after>(?:{'|'.join(_SECTIONS.values())}))\Z")
_GLUED_EXAMPLE = re.compile(r"(?P<before>object|array)(?P<after>Examples?|示例)\Z")
_GLUED_BODY = re.compile(r"(?P<before>.*\S)(?P<after>Body (?:Parameters?|Params?|参数)(?:\s*\w+/\S+)?)\Z")
_STATUS = re.compile(r"(?:[^\w\s]+\s*)?(?P<status>[1-5]\d\d|default)(?=\s|\(|\Z)[^{}\"]{0,60}\Z")
_REQUIRED = re.compile(r"(?:required|必需|必填|必选|必须|必传)\Z", re.IGNORECASE)
_OPTIONAL = re.compile(r"(?:optional|可选|选填|非必填|非必须|非必需)\Z", re.IGNORECASE)
_ENUM = re.compile(r"(?:enum(?: values?)?|allowed values?|枚举值|可选值)\s*[:：]\s*", re.IGNORECASE)
_DEFAULT = re.compile(
    r"(?:default(?: value)?|默认值?)\s*[:：]\s*|defaults?\s+(?:to|is)\s+|默认(?:为|是)\s*", re.IGNORECASE
)
_EXAMPLE = re.compile(r"(?:examples?(?: values?)?|示例值?|例如)\s*[:：]\s*", re.IGNORECASE)
_PATTERN = re.compile(r"(?:match(?:es)? pattern|pattern|正则匹配|正则)\s*[:：]\s*", re.IGNORECASE)
_LABEL = re.compile(r"(?:required|optional|example|default|enum|description)\b", re.IGNORECASE)
# How Mintlify says limits; such a page is read as one of its.
MINTLIFY = re.compile(
    r"(?:available options|required (?:string|array) length|maximum (?:string|array) length|minimum (?:string|array) length|required range|可用选项)\s*:",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_$][\w$.-]{0,79}\Z")
# What no field is called, though its type and a mark follow: "text" may be a name.
_TYPES = ("string", "integer", "number", "boolean", "object", "array")
_ITEM_TYPE = re.compile(r"\[(?P<type>\w+)(?:\s*\{\d+\})?\]\Z")
_CHILDREN = re.compile(
    r"(?:▾|▸|▼|▶|[-+])?\s{0,3}(?:hide|show)\s{1,3}(?:(?:child|nested)\s{1,3})?(?:attributes|parameters|properties|fields)|(?:收起|展开|隐藏|显示)\s{0,3}子?(?:属性|参数|字段)\Z",
    re.IGNORECASE,
)
# Above the places of an Apifox page; right above a field it heads the body.
_OF_REQUEST = re.compile(r"Request Parameters|请求参数", re.IGNORECASE)
_CHROME = re.compile(r"text|json|bash|copy|collapse|expand|cURL|▾|▸|▼|▶|复制|折叠|展开|shell|(?:object|array)\s*\{\d+\}|Content[- ]Type.*|Response Schema|返回数据结构|数据结构|"
                     r"Request Parameters|请求参数|Generate Code|生成代码|HTTP Status Code.*|HTTP 状态码.*|内容格式.*\Z", re.IGNORECASE)  # fmt: skip


def recognises(document: Document) -> bool:
    """Whether names, types and Required or Optional stand on lines of their own, one after the other."""
    lines = _lines(document)
    marks = sum(bool(_REQUIRED.match(line.text) or _OPTIONAL.match(line.text)) for line in lines)
    sections = any(_section(line) in ("body", "query", "path", "header") for line in lines)
    has_body = any(_section(line) == "body" for line in lines)
    if any(MINTLIFY.match(line.text) or (line.text == "Body" and not has_body) for line in lines):
        return False
    if not has_body and any(_heads_fields(lines, index) for index in range(len(lines))):
        return False  # of a page that another site renders: what it heads so is its body
    return sections and marks >= 1 and any(_begins(lines, index) for index in range(len(lines)))


def _heads_fields(lines: list[Line], index: int) -> bool:
    return _OF_REQUEST.fullmatch(lines[index].text) is not None and _begins(lines, index + 1)


def _lines(document: Document, log: FactLog | None = None) -> list[Line]:
    return with_whole_fragments([part for line in visible_lines(document, log) for part in _unglued(line)])


def _unglued(line: Line) -> Iterator[Line]:
    text = line.text if len(line.text) < 2000 else ""
    match = _GLUED_BODY.match(text) or _GLUED_EXAMPLE.match(text) or _GLUED.match(text)
    if match is None:
        yield line
        return
    yield Line(line.number, match["before"])
    yield Line(line.number, match["after"])


def _section(line: Line) -> str:
    match = _SECTION.fullmatch(line.text) if len(line.text) < 80 else None
    return str(match.lastgroup).replace("_", " ") if match else ""


def _begins(lines: list[Line], index: int) -> bool:
    """Whether a field begins here: a name, and a type on the next line."""
    if index + 1 >= len(lines) or not _NAME.match(lines[index].text):
        return False
    # A button says "text" as well, above the type of a whole answer.
    is_text = lines[index].text == "text" and lines[index + 1].text in _TYPES[:4]
    if _CHROME.fullmatch(lines[index].text) and not (is_text or _is_marked(lines, index + 2)):
        return False
    if is_reason(lines[index].text):
        return False
    is_type = parse_type(lines[index + 1].text) is not None
    # "text" is a type elsewhere; the types of such pages are JSON Schema's.
    is_name = parse_type(lines[index].text) is None or (
        lines[index].text not in _TYPES and (is_text or _is_marked(lines, index + 2))
    )
    return is_type and is_name and not _is_marked(lines, index)


def _is_marked(lines: list[Line], index: int) -> bool:
    """Whether a line says that a field is required or optional, and nothing else."""
    text = lines[index].text if index < len(lines) else ""
    return _REQUIRED.match(text) is not None or _OPTIONAL.match(text) is not None


def read(document: Document, log: FactLog) -> Reading:
    """The operation of the page: body, parameters, examples and responses."""
    lines = _lines(document, log)
    method, path, line = operation_head(lines)
    sections = _split(lines)
    request: list[Field] = []
    shown_in: list[Field] = []
    parameters: list[Parameter] = []
    responses: dict[str, tuple[Field, ...]] = {}
    examples: list[Any] = []
    sent = _sent(lines, document, log)
    for name, part in sections:
        drafts = _fields(part, log)
        found = _finished(drafts, log)
        shown = _example(part, document, log)
        if name == "body":
            request += found
            shown_in += [one for draft, _ in drafts for one in shapes.below(draft, log)]
            examples += [] if shown is None else [shown]
        elif name in ("query", "path", "header"):
            parameters += [Parameter(name, f) for f in found if f.name.lower() not in NOISE]
        elif name.startswith("response"):
            status = name.removeprefix("response ")
            responses[status] = (*responses.get(status, ()), *with_value(nested(found, shown, log), shown))
    operation = Operation(
        method or "post", path, tuple(place_pictures(shapes.with_shapes(nested(request, examples[0] if examples else sent, log), shown_in))),
        MappingProxyType(responses), tuple(examples), line=line, parameters=tuple(parameters),
    )  # fmt: skip
    return Reading(document.name, FORMAT, (operation,), log.sorted_notes())


def _split(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """The page by sections; an example belongs to the body or response that it follows."""
    out: list[tuple[str, list[Line]]] = [("head", [])]
    for index, line in enumerate(lines):
        name = "" if _describes(lines, index) else _section(line)
        current = out[-1][0]
        status = _STATUS.match(line.text) if current.startswith("response") else None
        if name == "response":
            out.append(("response 200", []))
        elif name and name != "example":
            out.append((name, []))
        elif current != "head" and _heads_codes(lines, index):
            out.append(("other", []))
        elif status is not None and current.startswith("response"):
            out.append((f"response {status['status']}", []))
        else:
            out[-1][1].append(line)
    return [(name, part) for name, part in out if part]


def _heads_codes(lines: list[Line], index: int) -> bool:
    """Whether a line heads the codes of errors or the states of a task, and describes no field."""
    above = lines[index - 1].text
    is_description = parse_type(above) is not None or _is_marked(lines, index - 1)
    return part_of(lines[index].text) in ("error", "status") and not is_description


def _describes(lines: list[Line], index: int) -> bool:
    """Whether a line stands between the type of a field and whether it is required: it is no heading then."""
    return _is_marked(lines, index + 1) and index > 1 and _begins(lines, index - 2)


def _fields(lines: list[Line], log: FactLog) -> list[tuple[FieldDraft, bool]]:
    """The drafts of a section, each with whether fields inside of it follow."""
    out: list[tuple[FieldDraft, bool]] = []
    index = 0
    while index < len(lines) and not _ends_fields(lines, index):
        if _begins(lines, index):
            end = index + 2
            while end < len(lines) and not _begins(lines, end) and not _ends_fields(lines, end):
                end += 1
            out.append(_field(lines[index:end], log))
            index = end
        else:
            index += 1
    return out


def _finished(drafts: list[tuple[FieldDraft, bool]], log: FactLog) -> list[Field]:
    out: list[Field] = []
    holders: dict[int, list[str]] = {}
    shapes.count_down([draft for draft, _ in drafts])
    for draft, has_children in drafts:
        if not draft.path:
            continue  # `items`: what it says is the list's
        if has_children and draft.count is None:
            shown = shapes.below(draft, log)
            holders[len(out)] = [one.name for one in shown if one.name != "[]"]
        out += finish(draft, log)
    return shapes.inside(out, holders, log) if holders else out


def _sent(lines: list[Line], document: Document, log: FactLog) -> Any:
    """The body that a `curl` command of the page sends, or None."""
    start = next((line for line in lines if is_command(line.text)), None)
    if start is None:
        return None
    text = document.text[document.offset_of(start.number) :][:20_000].lstrip()
    found = examples_of.curl(text)
    shown = (
        examples_of.shown(text, found.body, start.number, log, quiet=True)
        if found and found.body >= 0
        else None
    )
    return shown.value if shown is not None else None


def _ends_fields(lines: list[Line], index: int) -> bool:
    text = lines[index].text
    return _section(lines[index]) == "example" or text in ("{", "[") or is_command(text)


def _field(lines: list[Line], log: FactLog) -> tuple[FieldDraft, bool]:
    draft = FieldDraft((lines[0].text,), lines[0].number, count=count_of(lines[1].text))
    for place, type_ in parse_type(lines[1].text) or []:
        if place:
            draft.item, draft.item_line = type_, lines[1].number
        else:
            draft.keywords.append(log.keyword("type", type_, lines[1].number))
    waiting = list(reversed([line for line in lines[2:] if not _CHILDREN.match(line.text)]))
    has_children = len(waiting) < len(lines) - 2
    while waiting:
        _take(draft, waiting, log)
    return draft, has_children


def _take(draft: FieldDraft, waiting: list[Line], log: FactLog) -> None:
    line = waiting.pop()
    if item := _ITEM_TYPE.match(line.text):
        draft.item, draft.item_line = (parse_type(item["type"]) or [("", None)])[0][1], line.number
        draft.count = count_of(line.text)
    elif _REQUIRED.match(line.text):
        draft.keywords.append(log.keyword("required", True, line.number))
    elif _OPTIONAL.match(line.text):
        draft.keywords.append(log.keyword("required", False, line.number))
    elif match := _ENUM.match(line.text):
        _enum(draft, Line(line.number, line.text[match.end() :]), waiting, log)
    elif match := _DEFAULT.match(line.text):
        value = _rest(line, match, waiting)
        # A full stop ends the sentence, unless others are in the value.
        bare = value.text.removesuffix(".") if value.text.count(".") == 1 else value.text
        default = typed(bare.strip("\"'`"), draft.get("type"))
        if default is not None:
            draft.keywords.append(log.keyword("default", default, value.number))
    elif match := _PATTERN.match(line.text):
        value = _rest(line, match, waiting)
        draft.keywords.append(log.keyword("pattern", value.text, value.number))
    elif match := _EXAMPLE.match(line.text):
        _rest(line, match, waiting)
    elif not _CHROME.fullmatch(line.text):
        draft.pieces.append(line)


def _rest(line: Line, match: re.Match[str], waiting: list[Line]) -> Line:
    """What follows a label: the rest of its line, or the next line."""
    if match.end() < len(line.text) or not waiting:
        return Line(line.number, line.text[match.end() :])
    return waiting.pop()


def _enum(draft: FieldDraft, first: Line, waiting: list[Line], log: FactLog) -> None:
    """The values after a label: on its line, or one a line, each perhaps with an explanation."""
    if first.text:
        found = parse_list(first.text, 0)
        values, line = list(found.values), first.number
        if found.doubt == GLUED:
            log.note("mend", "glued values, taken apart", line, path=draft.path)
    else:
        values, line = [], waiting[-1].number if waiting else first.number
        while waiting and (value := _VALUE.match(waiting[-1].text)):
            if values and values[0].isascii() and not value[1].isascii():
                break
            if _CHROME.fullmatch(waiting[-1].text) or _NEXT.match(waiting[-1].text):
                break
            if waiting[-1].text.startswith("```"):
                break
            said = parse_list(value[1].rstrip(","), 0).values or (value[1],)
            # A value that was said before begins what each means: "std: the quick one".
            values += [one for one in said if one.rstrip(":：") not in values]
            waiting.pop()
            # The meaning of a value below it: in brackets, or before a further value.
            while waiting and (_MEANING.match(waiting[-1].text) or _is_meaning(waiting)):
                waiting.pop()
        line -= 1
    type_ = draft.get("type")
    if len(values) == 1 and (several := taken_apart(values[0], str(type_), words_of(log.document.text))):
        values = several
        log.note("mend", "glued values, taken apart", line, path=draft.path)
    kept = [v for v in (typed(value, type_) for value in values) if v is not None]
    if kept:
        draft.keywords.append(log.keyword("enum", kept, line))
    else:
        log.note("not-understood", f"values of {draft.path[-1]}: {first.text[:80]}", line, path=draft.path)


_VALUE = re.compile(
    r"([^\s()（）]{1,80})(?:\s{0,5}[(（][^()（）]{0,200}[)）]|\s{1,5}-\s.*|\s{0,5}[:：]\s.*)?\Z"
)
_NEXT = re.compile(
    r"(?:default|example|required|optional|默认|示例|必需|可选)[^:：]{0,10}[:：]", re.IGNORECASE
)
_MEANING = re.compile(r"[(（][^()（）]{0,200}[)）]\Z")


def _is_meaning(waiting: list[Line]) -> bool:
    """Whether the next line says what a value means: it is none itself, and a further value follows."""
    text = waiting[-1].text
    if _NEXT.match(text):
        return False
    if _VALUE.match(text) and text.isascii():
        return False
    after = waiting[-2].text if len(waiting) > 1 else ""
    return bool(after) and after.isascii() and _VALUE.match(after) is not None and not _LABEL.match(after)


def _example(lines: list[Line], document: Document, log: FactLog) -> Any:
    """The JSON example of a section, or None. What had to be mended in it is noted."""
    start = next((line for line in lines if line.text[0] in "{[" and not _ITEM_TYPE.match(line.text)), None)
    if start is None:
        return None
    offset = document.text.find(start.text[0], document.offset_of(start.number))
    try:
        found = parse_json(document.text, offset, start.number)
        value = plain_value(found.root)
    except (BrokenError, TooLargeError) as error:
        log.note("problem", f"the example cannot be read: {error.what}", error.line, column=error.column)
        return None
    for kind, what, line, column in found.remarks:
        log.note("mend" if kind == "mend" else "problem", what, line, column=column)
    return value
