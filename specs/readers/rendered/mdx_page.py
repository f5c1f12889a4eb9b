"""A Mintlify page as written, in MDX: `<ParamField body="prompt" type="string" required>…</ParamField>`.

Fields nest as their tags do, mostly inside `<Expandable>`; `<ResponseField name="…">` are the fields of the
answer. Where there are none, the first example in a `<ResponseExample>` shows them. What stands in Markdown
beside the components (answers, refusals, states) is read as on any page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import UNSAID_PATH, Operation, Parameter, Reading
from understudy.specs.prose.values import typed
from understudy.specs.readers.facts import place_pictures
from understudy.specs.readers.machine.joined import with_more
from understudy.specs.readers.pages import markdown_tables
from understudy.specs.readers.text.page_text import (
    NOISE,
    FieldDraft,
    Line,
    finish,
    operation_head,
    parse_type,
    visible_lines,
)
from understudy.specs.readers.trees import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.documents import Document
    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog

FORMAT = "Mintlify MDX"
MAX_TAGS = 2_000
MAX_NESTED = 12
MAX_ANSWERS = 50

_TAG = re.compile(
    r"<(?P<close>/)?(?P<tag>ParamField|ResponseField)\b(?P<attributes>(?:[^<>\"'{}]|\"[^\"]*+\"|'[^']*+'|\{[^{}]*+\}){0,400}?)"
    r"(?P<empty>/)?>"
)
# Every component that holds fields or examples of answers.
_COMPONENT = re.compile(
    r"<(?P<close>/)?(?:ParamField|ResponseField|ResponseExample|RequestExample)\b(?:[^<>\"'{}]|\"[^\"]*+\"|'[^']*+'|\{[^{}]*+\}){0,400}?(?P<empty>/)?>"
)
_ATTRIBUTE = re.compile(r"(?P<name>[\w-]+)(?:=(?:\"(?P<d>[^\"]*)\"|'(?P<s>[^']*)'|\{(?P<b>[^{}]*)\}))?")
_PLACES = ("body", "query", "path", "header", "cookie")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
# A mark that is meant as it stands: "0.0 \\~ 4.0".
_ESCAPED = re.compile(r"\\([~\[\]<>{}*_])")
_ANSWER = re.compile(r"<ResponseExample(?:[ \t]+status=\"(?P<status>[^\"<>\n]{0,100})\")?[ \t]*>")
_JSON = re.compile(r"\s*+(?:`{3,}(?P<info>[^\n]{0,200})\s*+)?(?=\{)")
_STATUS = re.compile(r"\b[1-5]\d\d\b")
_ADDRESS = re.compile(
    r"^[ \t]{0,40}(?:api:[ \t]{0,9}[\"']?)?(?:POST|GET)[ \t]{1,9}(?P<server>https?://[^/\s\"']+)",
    re.MULTILINE | re.IGNORECASE,
)


def recognises(document: Document) -> bool:
    """Whether the text has a field component."""
    return re.search(r"<ParamField\b[^<>]{0,400}\b(?:body|query|path|header)=", document.text) is not None


def read(document: Document, log: FactLog) -> Reading:
    """The operation of the page. A tag that is never closed ends where the next one on its level begins."""
    method, path, line = operation_head(visible_lines(document))
    if not path:
        log.note("problem", "the page does not say the path of its operation", line or 1, code=UNSAID_PATH)
    server = _ADDRESS.search(document.text[:20_000])
    sections = _Fields(document, log).read()
    request = [f for draft in sections.pop("body", []) for f in finish(draft, log)]
    response = [f for draft in sections.pop("response", []) for f in finish(draft, log)]
    parameters = [
        Parameter(place, finish(draft, log)[0])
        for place, drafts in sections.items()
        for draft in drafts
        if draft.path[-1].lower() not in NOISE
    ]
    responses = {"200": tuple(response)} if response else _shown(document, log)
    operation = Operation(
        method or "post", path, tuple(place_pictures(request)), MappingProxyType(responses),
        servers=(server["server"],) if server else (), line=line, parameters=tuple(parameters),
    )  # fmt: skip
    more = _beside(document, operation, log)
    operations = with_more((operation,), more.operations, log, stated=False)
    return Reading(document.name, FORMAT, operations, log.sorted_notes(), refusals=more.refusals)


def _beside(document: Document, operation: Operation, log: FactLog) -> Reading:
    """What the page says in Markdown beside its components: answers, tables of refusals and states."""
    lines = list(document.lines)
    for first, last in _components(document):
        lines[first - 1 : last] = [""] * (last - first + 1)
    rest = replace(document, text="\n".join(lines))
    about = (operation.method, operation.path) if operation.path else None
    return markdown_tables.read(rest, log, is_page=False, about=about)


def _components(document: Document) -> Iterator[tuple[int, int]]:
    """The first and the last line of each component that no other one holds."""
    depth, first = 0, 0
    for count, tag in enumerate(_COMPONENT.finditer(document.text)):
        if count == MAX_TAGS or tag["empty"]:
            continue
        if tag["close"]:
            depth = max(depth - 1, 0)
            if not depth and first:
                yield first, document.line_at(tag.end())
                first = 0
        else:
            first = first or document.line_at(tag.start())
            depth += 1


def _shown(document: Document, log: FactLog) -> dict[str, tuple[Field, ...]]:
    """What the examples of answers show, by status; the first one of each counts."""
    found: dict[str, tuple[Field, ...]] = {}
    for count, tag in enumerate(_ANSWER.finditer(document.text)):
        if count == MAX_ANSWERS:
            line = document.line_at(tag.start())
            log.cut(f"{MAX_ANSWERS} examples of answers are read", line)
            break
        begin = _JSON.match(document.text, tag.end())
        if begin is None:
            continue
        said = _STATUS.search(tag["status"] or begin["info"] or "")
        line = document.line_at(begin.end())
        shown = examples.shown(document.text, begin.end(), line, log)
        if shown is not None:
            fields = examples.shown_fields(shown.root, log)
            found.setdefault(said.group() if said else "200", tuple(fields))
    return found


class _Fields:
    def __init__(self, document: Document, log: FactLog) -> None:
        self.document = document
        self.log = log
        self.found: dict[str, list[FieldDraft]] = {}
        self.open: list[FieldDraft] = []

    def read(self) -> dict[str, list[FieldDraft]]:
        """The drafts by place: body, response, query, path, header, cookie."""
        at = 0
        for count, tag in enumerate(_TAG.finditer(self.document.text)):
            if count == MAX_TAGS:
                line = self.document.line_at(tag.start())
                self.log.cut(f"{MAX_TAGS:,} tags of a page are read", line)
                break
            self._words(at, tag.start())
            at = tag.end()
            if tag["close"]:
                self.open = self.open[:-1]
            else:
                self._begin(tag)
        for draft in self.open:
            self.log.note("problem", "a field component that is never closed", draft.line, path=draft.path)
        return self.found

    def _words(self, start: int, end: int) -> None:
        """Text between tags describes the innermost open field."""
        if not self.open or start == end:
            return
        first = self.document.line_at(start)
        for offset, text in enumerate(self.document.text[start:end].split("\n")):
            shown = _ESCAPED.sub(r"\1", _MARKUP.sub(" ", text)).strip()
            if shown:
                self.open[-1].pieces.append(Line(first + offset, shown))

    def _begin(self, tag: re.Match[str]) -> None:
        said = {
            a["name"]: next((a[q] for q in "dsb" if a[q] is not None), "")
            for a in _ATTRIBUTE.finditer(tag["attributes"])
        }
        line = self.document.line_at(tag.start())
        place = "response" if tag["tag"] == "ResponseField" else next((p for p in _PLACES if p in said), "")
        name = said.get("name") or said.get(place, "")
        if not place or not name:
            self.log.note("unnamed", "a field component without a name", line)
            name, place = name or "", place or "body"
        draft = self._draft(name, said, line)
        if len(self.open) < MAX_NESTED:
            self.found.setdefault(place, []).append(draft)
        else:
            self.log.cut(f"fields are read {MAX_NESTED} levels deep", line)
        if not tag["empty"]:
            self.open.append(draft)

    def _draft(self, name: str, said: dict[str, str], line: int) -> FieldDraft:
        above: tuple[str, ...] = ()
        if self.open:
            parent = self.open[min(len(self.open), MAX_NESTED) - 1]
            above = (*parent.path, "[]") if parent.get("type") == "array" else parent.path
        steps = [
            step
            for part in name.split(".")
            for step in ([part[:-2], "[]"] if part.endswith("[]") else [part])
        ]
        draft = FieldDraft((*above, *steps), line)
        for place, type_ in parse_type(said.get("type", "")) or []:
            if place:
                draft.item, draft.item_line = type_, line
            else:
                draft.keywords.append(self.log.keyword("type", type_, line))
        for flag in ("required", "deprecated"):
            if flag in said:
                draft.keywords.append(self.log.keyword(flag, said[flag] != "false", line))
        type_ = draft.get("type")
        default = (
            typed(said["default"].strip("\"'"), type_ if isinstance(type_, str) else None)
            if "default" in said
            else None
        )
        if default is not None:
            draft.keywords.append(self.log.keyword("default", default, line))
        return draft
