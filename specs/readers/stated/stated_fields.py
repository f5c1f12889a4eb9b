"""Fields that a page states in whatever arrangement, rewritten as one Markdown list a group.

prompt                                   - **`prompt`** (string, required)
string · max: 2500Required          →      - max: 2500
What is seen                               What is seen

Every format has a reader of its own, which says most of it. This one looks for no format: where a field begins is what
`field_heads` finds, and what follows describes it. It is asked beside the reader of the format, and its reading is taken
where that one leaves out fields which stand on the page.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.fields.field_words import WORD
from understudy.specs.readers.stated.page_heads import MAX_LINE, PageHeads
from understudy.specs.readers.stated.stated_lines import (
    ATTRIBUTES,
    ENDS,
    FENCE,
    WELL,
    is_label,
    labelled,
    section,
    without_bullet,
)
from understudy.specs.readers.stated.stated_values import ListedValues, default_and_more, limits, plain_type
from understudy.specs.readers.text.page_text import METHODS
from understudy.specs.readers.text.part_headings import leads_to_answer, leads_to_callback, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.stated.said_words import Head

FORMAT = "stated fields"
_PRESENCE = {True: "required", False: "optional", None: ""}
MAX_NESTED = 12
MAX_TO_OPTIONS = 8
MAX_BEFORE_BODY = 5

_METHOD = re.compile(rf"(?:{'|'.join(METHODS)})\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://[^/\s]{1,200})?/[\w.~/{}:-]{0,300}(?:\?[\w{}<>.&=-]{1,200})?\Z")
_METHOD_LINE = re.compile(
    rf"\W{{0,6}}(?:{'|'.join(METHODS)})(?:\Z|\W{{1,4}}(?:https?:/)?/|(?=https?:))|curl\b", re.IGNORECASE
)
_PATH = re.compile(
    r"(?:/|https?://[\w.-]{3,80}/(?:[\w-]{1,40}/){0,3})v\d{1,2}(?:/(?!docs\b)[\w.~{}:-]{1,80}){1,9}(?<!\.html)(?<!\.md)\Z",
    re.ASCII,
)
_GLUED_METHOD = re.compile(r"(?P<method>POST|GET|PUT|DELETE|PATCH)(?=https?://|/\w)")
_EXAMPLE = re.compile(
    r"(?:examples?(?: values?)?|示例值?|例子?|ejemplo|exemple|exemplo|beispiel|esempio|пример)\s?[:：]?\s{0,3}(?P<rest>.*)\Z",
    re.IGNORECASE,
)
_DEFAULT = re.compile(
    r"(?:default(?:\svalue)?(?:\s?[:：]\s{0,3}|\s{1,3}|(?=[\d\"'`]))|默认值?\s?[:：]\s{0,3})(?P<value>\"[^\"]{0,200}\"|[^\s]{1,80}?)(?P<more>(?:Range|Allowed|Possible|Available)\b.*)?\Z",
    re.IGNORECASE,
)
_DEFAULT_ABOVE = re.compile(r"(?:default(?:\svalue)?|默认值?)\s?[:：]?\Z", re.IGNORECASE)
_OF_NOTHING = re.compile(r"(?:arguments|parameters|fields|参数|字段)(?:说明)?\s?[:：]\Z", re.IGNORECASE)
_LIMIT_ABOVE = re.compile(
    r"(?:(?:max|min)(?:imum)?(?:\s(?:string|array))?\s?(?:length|items)|required\s(?:string\slength|array\slength|range))\s?[:：]\Z",
    re.IGNORECASE,
)
_ONE_VALUE = re.compile(r"(?:\"[^\"]{1,200}\"|`[^`]{1,200}`|'[^']{1,200}'|\S{0,79}[^\s:：])\Z")
_ONLY_VALUE = re.compile(
    r"(?:(?:fixed )?value|固定值)\s?[:：]\s{0,3}[`\"']?(?P<value>[\w./:-]{1,80})[`\"']?\Z", re.IGNORECASE
)
# A button that shows the values, and how many there are.
_COUNTED = re.compile(
    r"(?:allowed|possible|available)\s(?:values?|options?)\s\d{1,3}\s(?:values?|options?)\Z", re.IGNORECASE
)
_ANSWERS = re.compile(r"#{0,6}\s?(?:responses?|返回|响应)\b", re.IGNORECASE)
_FRAGMENT = re.compile(r"\"[A-Za-z_][\w-]{0,79}\"\s{0,3}[:：]\s{0,3}[\[{]")
_OR_NULL = re.compile(r"(?:\||/|\bor\b)\s?null\b", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*([^*]{1,80})\*\*")


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with each field as an entry of a Markdown list, under the headings that it has."""
    page = _Page(document, log)
    out = list(page.read())
    if page.long:
        what = f"a line is looked through for fields up to {MAX_LINE:,} characters"
        log.cut(what, page.numbers[min(page.long)] + 1)
    text = "\n".join(text for _, text in out)
    return Derived(
        replace(document, text=text),
        [page.numbers[min(index, len(page.numbers) - 1)] + 1 for index, _ in out],
    )


def _is_below(name: str, around: str) -> bool:
    """Whether a name says its path from an object on: `camera.kind`, inside of `camera`."""
    return name == around or name.startswith((f"{around}.", f"{around.replace('[]', '')}."))


class _Page(PageHeads):
    """The page while it is read: the field at hand and those around it."""

    def __init__(self, document: Document, log: FactLog) -> None:
        super().__init__(document, log)
        self.values = ListedValues(self.lines, self.heads)
        self.open: list[
            tuple[int, str]
        ] = []  # the objects around the next field: how deep they stand, their places
        self.with_paths: set[str] = set()  # those of them inside of which a field says its whole path
        self.last: Head | None = None
        self.place = ""  # of the last field
        self.is_answer = False
        self.answer_at = -1  # the line that heads the answer at hand
        self.has_method = any(_METHOD_LINE.match(line.strip()[:40]) for line in self.lines)

    def read(self) -> Iterator[tuple[int, str]]:
        index = 0
        while index < len(self.lines):
            head = self.heads.get(index)
            if head is not None:
                yield from self._field(head)
                index = head.end
            elif self.last is not None:
                lines, index = self._below(index)
                yield from lines
            else:
                lines, index = self._other(index)
                yield from lines

    def _field(self, head: Head) -> Iterator[tuple[int, str]]:
        if self._is_each_of_list(head):
            return
        self._enter(head)
        type_ = plain_type(head.type)
        if type_ and _OR_NULL.search(head.type):
            type_ += " | null"
        said = [one for one in (type_, _PRESENCE[head.required]) if one]
        brackets = f" ({', '.join(said or ['Any'])})"  # the word says nothing; it makes the entry a field
        rest = f": {head.rest}" if head.rest else ""
        yield head.start, f"- **`{self.place}`**{brackets}{rest}"
        if head.place in ("query", "path", "header"):
            yield head.start, f"  - In: {head.place}"
        if head.default:
            yield head.start, f"  - Default: {self._one_of_options(head.default, head.end)}"
        if head.fixed:
            yield head.end - 1, f"  - Options: `{head.fixed.strip(chr(34))}`"
        for limit in head.limits:
            for line in limits(limit, plain_type(head.type)) or [limit]:
                yield head.start, f"  - {line}"
        values, _ = self.values.behind(head.rest, head.end, plain_type(head.type)) if head.rest else ("", 0)
        if values:
            yield head.end - 1, f"  - Options: {values}"

    def _is_each_of_list(self, head: Head) -> bool:
        """Whether what stands as a field right below a list is each thing in it, as some pages render schemas."""
        is_below = bool(self.open) and self.open[-1][1] == f"{self.place}[]"
        return head.leaf == "items" and is_below and plain_type(head.type).startswith("object")

    def _enter(self, head: Head) -> None:
        """Where the field stands: inside of the objects that are open, as far as levels and examples show it."""
        depth = head.level * 4 if head.level else head.indent
        if head.level or any(depth_ >= 0 for depth_, _ in self.open):
            while self.open and self.open[-1][0] >= depth:
                self.open.pop()
        name = head.name
        shown = self.holders.get(head.leaf)
        if said := self._in_said_holder(name):
            name = said
        elif self.open and shown is not None:
            while (
                self.open
                and self.open[-1][1].replace("[]", "") not in shown
                and (len(self.open) > 1 or "" in shown)
            ):
                self.open.pop()
        elif self.open and self._has_attributes(head.end):
            # No example shows where it stands: an object is taken for one beside the others, a list for one inside.
            what = f"whether {head.leaf!r} stands inside of {self.open[-1][1]!r} is lost; no example shows it"
            self.log.note("problem", what, self.numbers[head.start] + 1, path=(head.leaf,))
            if plain_type(head.type) == "object":
                self.open.clear()
        while self.open and self.open[-1][1] in self.with_paths and not _is_below(name, self.open[-1][1]):
            self.open.pop()  # those inside of it say their whole paths
        around = self.open[-1][1] if self.open else ""
        if around and name != around and _is_below(name, around):
            self.with_paths.add(around)
        elif around and name != around:
            name = f"{around}.{name}"
        self.place = name
        self.last = head
        is_holder = plain_type(head.type).startswith(("object", "array"))
        if is_holder and self._goes_deeper(head, depth) and len(self.open) < MAX_NESTED:
            self.open.append((depth, self._inside()))

    def _in_said_holder(self, name: str) -> str:
        """The place of a field whose name says the object that it stands in, one of those that are open, by its
        whole place or its own name: `error.code` below `items.error`, and `items.seed` behind it; "" for others."""
        holder, _, leaf = re.sub(r"\[\d?\]", "", name).rpartition(".")
        for at in range(len(self.open) - 1, -1, -1) if holder else ():
            if f".{self.open[at][1].replace('[]', '')}".endswith(f".{holder}"):
                del self.open[at + 1 :]
                return f"{self.open[at][1]}.{leaf}"
        return ""

    def _inside(self) -> str:
        type_ = plain_type(self.last.type) if self.last else ""
        is_list = type_.startswith("array")
        return f"{self.place}[]" if is_list and not self.place.endswith("[]") else self.place

    def _goes_deeper(self, head: Head, depth: int) -> bool:
        """Whether the next field stands deeper than this one: a deeper heading, or further in."""
        after = next(
            (self.heads[n] for n in range(head.end, min(head.end + 60, len(self.lines))) if n in self.heads),
            None,
        )
        if after is None:
            return False
        return (after.level * 4 if after.level else after.indent) > depth and bool(after.level) == bool(
            head.level
        )

    def _has_attributes(self, index: int) -> bool:
        for n in range(index, min(index + 12, len(self.lines))):
            if n in self.heads:
                return False
            if ATTRIBUTES.match(self.lines[n].strip()[:80]):
                return True
        return False

    def _below(self, index: int) -> tuple[list[tuple[int, str]], int]:
        """What stands below a field: what is inside of it, words about it, or what ends it."""
        text = self.lines[index].strip()
        if ATTRIBUTES.match(text[:80]):
            if len(self.open) < MAX_NESTED:
                self.open.append((-1, self._inside()))
            return [], index + 1
        if _FRAGMENT.match(text) and self.long.get(index, text)[-1:] in ("]", "}"):
            return [(index, f"  {self._whole(index).strip()}")], index + 1
        bare = _EMPHASIS.sub(r"\1", without_bullet(text)).strip()
        if not text or _COUNTED.match(bare):
            return [], index + 1
        if found := _EXAMPLE.match(bare):
            end = self._past_example(index, found["rest"])
            self.long = {n: line for n, line in self.long.items() if not index <= n < end}
            return [], end
        if (
            self.last is not None
            and re.sub(r"[\W_]", "", text).lower() == self.last.leaf.replace("_", "").lower()
        ):
            return self._said(index, bare)  # "Output format" describes output_format, and heads nothing
        is_number = text.isdigit() and not self.is_answer
        is_end = ENDS.match(text) or part_of(text) in ("error", "status") or leads_to_answer(text)
        if index not in self.text or section(text) or (is_end and not is_number):
            self.last = None
            self.open = [] if section(text) or text.startswith("#") else self.open
            lines, end = self._other(index)
            return [(index, ""), *lines], end
        return self._said(index, bare)

    def _said(self, index: int, bare: str) -> tuple[list[tuple[int, str]], int]:
        """What a line says of the field above it: its values, its default, a limit, or words."""
        type_ = plain_type(self.last.type) if self.last else ""
        values, end = self.values.behind(bare, index + 1, type_)
        if not values and self.last is not None and self.last.type.lower().startswith("enum"):
            values = self.values.of_line(bare, type_)  # right below the word, as some pages set them
        if values:
            return [(index, f"  - Options: {values}")], end
        if _LIMIT_ABOVE.match(bare) and (at := self._default_below(index)):
            below = f"{bare} {self.lines[at].strip()}"
            return [(at, f"  - {one}") for one in limits(labelled(below), type_) or [below]], at + 1
        if _DEFAULT_ABOVE.match(bare) and (at := self._default_below(index)):
            return [(at, f"  - Default: {self.lines[at].strip()}")], at + 1
        if value := _ONLY_VALUE.match(bare):
            return [(index, f"  - Options: `{value['value']}`")], index + 1
        if said := default_and_more(bare):
            return [(index, f"  - {one}") for one in said], index + 1
        english = labelled(bare)
        if found := _DEFAULT.match(english):
            more, end = (
                self.values.behind(found["more"], index + 1, type_) if found["more"] else ("", index + 1)
            )
            default = self._one_of_options(found["value"].rstrip("。"), index + 1)
            said = [f"Default: {default}", *limits(found["more"] or "", type_)]
            if more:
                return [(index, f"  - {said[0]}"), (index, f"  - Options: {more}")], end
        elif not (said := limits(english, type_)):
            mark = "- " if WORD.match(bare) else ""
            return [(index, f"  {mark}{bare}" if bare else "")], index + 1
        return [(index, f"  - {one}") for one in said], index + 1

    def _one_of_options(self, value: str, index: int) -> str:
        """A default, or the first of the two values of which it is made, where the lines below list both: what
        follows a default may be glued to it."""
        for at in range(index, min(index + MAX_TO_OPTIONS, len(self.lines))):
            if at in self.heads:
                break
            values, _ = self.values.behind(without_bullet(self.lines[at].strip()), at + 1, "string")
            options = re.findall(r"`([^`]{1,80})`", values)
            if options and value not in options:
                return next((one for one in options for other in options if one + other == value), value)
        return value

    def _default_below(self, index: int) -> int:
        """Where the default stands whose label is a line of its own: right below, or, if it is one value, behind
        a blank line or two; 0 where it does not."""
        following = range(index + 1, min(index + 4, len(self.lines)))
        at = next((n for n in following if self.lines[n].strip()), 0)
        if not at or at in self.heads:
            return 0
        text = self.lines[at].strip()
        ends = ENDS.match(text) and (self.is_answer or not text.isdigit())
        is_value = (
            at in self.text and _ONE_VALUE.match(text) and not (ends or is_label(text) or section(text))
        )
        return at if at == index + 1 or is_value else 0

    def _whole(self, index: int) -> str:
        """A line unabridged, however long it is."""
        return self.long.pop(index, self.lines[index])

    def _past_example(self, index: int, rest: str) -> int:
        """Behind an example's value: on its line, on the next one, or in a block."""
        if rest.strip("* `"):
            return index + 1
        after = next(
            (n for n in range(index + 1, min(index + 3, len(self.lines))) if self.lines[n].strip()), index + 1
        )
        if after < len(self.lines) and FENCE.match(self.lines[after][:40]):
            end = next(
                (
                    n
                    for n in range(after + 1, min(after + 40, len(self.lines)))
                    if FENCE.match(self.lines[n][:40])
                ),
                after,
            )
            return end + 1
        if after in self.heads or after >= len(self.lines) or self.lines[after].lstrip()[:1] in ("{", "["):
            return index + 1
        return after + 1

    def _other(self, index: int) -> tuple[list[tuple[int, str]], int]:
        """A line that is about no field: a heading in Markdown, a method and its path as one line, or itself."""
        text = self.lines[index].strip()
        if index in self.text:
            if WELL.match(text):
                return [], index + 1  # "Success" below "Response" heads no part of its own
            if part := section(text):
                self.last, self.open = None, []
                if part == "Body" and 0 <= index - self.answer_at <= MAX_BEFORE_BODY:
                    return [], index + 1  # the body of the answer, below its status and its media type
                if part == "Body" and self._is_of_callback(index):
                    part = "Callback payload"
                self.is_answer = part == "Response"
                self.answer_at = index if self.is_answer else -1
                return [(index, f"## {part}")], index + 1
            if _ANSWERS.match(text):
                self.is_answer = True
            after = next(
                (n for n in range(index + 1, min(index + 3, len(self.lines))) if self.lines[n].strip()), 0
            )
            if _METHOD.match(text) and not _ADDRESS.match(self.lines[after].strip()):
                return [(index, self._hoisted(index, text) or self.lines[index])], index + 1
            if _METHOD.match(text) and after and _ADDRESS.match(self.lines[after].strip()):
                return [(after, f"{text.upper()} {self.lines[after].strip()}")], after + 1
            if not self.has_method and _PATH.match(text):
                # No line says a method: what ends in a parameter is asked for, other things are sent.
                return [(index, f"{'GET' if text.endswith('}') else 'POST'} {text}")], index + 1
            if found := _GLUED_METHOD.match(text):
                return [(index, f"{found['method']} {text[found.end() :]}")], index + 1
        return [(index, self._whole(index))], index + 1

    def _is_of_callback(self, index: int) -> bool:
        """Whether a line that heads fields of nothing by name stands right below what leads to a callback's."""
        if not _OF_NOTHING.match(self.lines[index].strip()):
            return False
        above = [self.lines[n].strip() for n in range(max(index - 3, 0), index) if self.lines[n].strip()]
        return bool(above) and leads_to_callback(above[-1][:500])

    def _hoisted(self, index: int, method: str) -> str:
        """The operation of a method whose path stands below its fields, beside the same method; "" where it does not."""
        for n in range(index + 1, min(index + 600, len(self.lines) - 1)):
            if _METHOD.match(self.lines[n].strip()):
                path = self.lines[n + 1].strip()
                is_same = self.lines[n].strip().lower() == method.lower()
                return f"{method.upper()} {path}" if is_same and _ADDRESS.match(path) else ""
        return ""
