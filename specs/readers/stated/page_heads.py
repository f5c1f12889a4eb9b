"""Where the fields of a page begin, also those that are sure only beside others like them."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.stated.field_heads import head_at
from understudy.specs.readers.stated.head_names import NAME, is_sure_name, may_be_name
from understudy.specs.readers.stated.said_words import TYPE, Head, take
from understudy.specs.readers.stated.stated_lines import ENDS, FENCE, is_label, set_apart, text_lines
from understudy.specs.readers.text.page_text import Line, with_whole_fragments
from understudy.specs.readers.trees.json_holders import holders_of

if TYPE_CHECKING:
    from collections.abc import Container, Set

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

MAX_LINES = 3_000  # a page of more is a whole reference, which its format's reader has
MAX_LINE = 2_000
MAX_HEADS = 1_000
MIN_BARE = 3  # where nothing says a type, so many of the examples' names must begin entries

# So many entries of a list of words about names, so many of which no plain word is written like.
MIN_LISTED, MIN_SURE = 4, 2

# An entry that is a name and words about it, or, without a name, any other.
_LISTED = re.compile(
    r"[ \t]{0,8}[-*•·][ \t]{1,4}(?:`(?P<alone>[A-Za-z_]\w{1,60})`\s*\Z|`?(?P<name>[A-Za-z_]\w{1,60})`?[ ]?[:：][ ]?(?=\S)|(?=\S))"
)
# Types that are words of sentences, too.
_ALSO_WORDS = frozenset(["long", "text", "double", "map", "list", "file", "json", "decimal"])
_ALONE = re.compile(r"[-*+•·]\Z")
# An entry that is a name in code and nothing else.
_NAME_ENTRY = re.compile(r"[ \t]{0,12}[-*+•·][ \t]{1,4}`(?P<name>[A-Za-z_]\w{1,60})`\s*\Z")


# A name with its type glued to it, and perhaps more behind dots: "output.statestring · enum".
_NAME_AND_TYPE = re.compile(
    rf"(?P<name>{NAME}?)(?<!_)(?P<type>(?:string|integer|number|boolean|object|array|(?<=_id)long|(?<=_id)int)(?:\[\s?\])?)(?P<more>(?:\s·\s[\w:.\- ]{{1,40}}){{0,4}})\Z"
)


# A name and its type on a line of their own; and two plain words of which the second is also a type.
_TWO_WORDS = re.compile(rf"(?:[-*+•]\s)?{NAME}\s{TYPE}\Z")
_PHRASE = re.compile(r"(?:[-*+•]\s)?[A-Za-z]{2,20}\s(?:list|number|object|array|enum|map|text|string)\Z")
# What makes a word with the name of a type: a substring, a docstring, a subobject.
_BEGIN_WORDS = frozenset(["sub", "doc", "multi", "super", "non", "meta", "to", "sup", "shoe", "draw"])


# One of these words stands near the name of a field: its type, or whether it is required.
_SAID_OF_FIELDS = re.compile(
    r"(?<![\w\"'])(?:string|integer|number|boolean|array|object|required|optional)(?![\w\"'])|必填|可选|选填",
    re.IGNORECASE,
)


class _EveryName(frozenset[str]):
    """A set of names that has every word."""

    def __contains__(self, _name: object) -> bool:
        return True


_EVERY_NAME = _EveryName()


class PageHeads:
    """The lines of a page that are looked at, and where its fields begin.

    `numbers` has the index in the document of each line; `long` those that are longer than what is looked at.
    """

    def __init__(self, document: Document, log: FactLog) -> None:
        self.log = log
        lines = [line[:MAX_LINE].rstrip() for line in document.lines[:MAX_LINES]]
        if len(document.lines) > MAX_LINES:
            log.cut(f"{MAX_LINES:,} lines are looked through for fields", MAX_LINES + 1)
        self.holders = holders_of(lines)
        self.numbers: list[int] = []  # the index in the document of each line that is looked at
        self.lines: list[str] = []
        self.long: dict[int, str] = {}  # lines that are longer than what is looked at, until they are given
        found = with_whole_fragments([Line(index, line) for index, line in enumerate(lines)])
        for one, end in zip(found, [*(one.number for one in found[1:]), len(lines)], strict=True):
            for part in set_apart(one.text):
                self.numbers.append(one.number)
                self.lines.append(part)
            whole = [line.rstrip() for line in document.lines[one.number : end]]
            if any(len(line) > MAX_LINE for line in whole):
                self.long[len(self.lines) - 1] = " ".join(whole)[len(one.text) - len(self.lines[-1]) :]
        self.text = text_lines(self.lines)
        self.known: Set[str] = self.holders.keys()
        self.heads = self._heads()
        self.listed: frozenset[str] = frozenset()  # names that are known by their list alone
        is_typed = any(head.type for head in self.heads.values())
        if not is_typed and (listed := self._listed()):
            self.known, self.listed = self.known | listed, listed
            self.heads = self._heads()

    def _listed(self) -> frozenset[str]:
        """The names that begin the entries of a list, where some of them are sure to be names."""
        found: set[str] = set()
        run: list[str] = []
        for index in [*sorted(self.text), -1]:
            entry = _LISTED.match(self.lines[index][:200]) if index >= 0 else None
            if entry is not None and (name := entry["name"] or entry["alone"]):
                run.append(name)
            elif entry is None:
                sure = sum("_" in name or re.search(r"[a-z][A-Z]", name) is not None for name in run)
                found.update(run if len(run) >= MIN_LISTED and sure >= MIN_SURE else ())
                run = []
        return frozenset(found)

    def _heads(self) -> dict[int, Head]:
        out: dict[int, Head] = {}
        known = self.known
        glued = [head for head in map(self._glued, sorted(self.text)) if head is not None]
        together = {head.start: head for head in glued if len(glued) >= MIN_BARE}
        index = 0
        while index < len(self.lines) and len(out) < MAX_HEADS:
            if index not in self.text or is_label(self.lines[index].strip()):
                index += 1
                continue
            text = self.lines[index].strip()
            head: Head | None
            if index in together:
                head = together[index]
            elif _ALONE.match(text) and index + 1 in self.text:
                head = self._after_bullet(index)
            else:
                head = head_at(self.lines, index, known)
            if head is None:
                index += 1
                continue
            out[head.start] = head
            index = max(head.end, index + 1)
        if len(out) == MAX_HEADS:
            self.log.cut(f"{MAX_HEADS:,} fields of a page are looked for", self.numbers[index - 1] + 1)
        if len(out) < MAX_HEADS:
            out = self._with_names(self._with_alike(out))
        phrases = [start for start, head in out.items() if self._may_be_phrase(head)]
        alone = sum(_TWO_WORDS.match(self.lines[start].strip()) is not None for start in out)
        for start in phrases if alone < MIN_BARE else ():
            del out[start]
        said = any(head.is_said for head in out.values())
        return out if said or len(out) >= MIN_BARE else {}

    def _with_alike(self, found: dict[int, Head]) -> dict[int, Head]:
        """The heads, and those whose names are plain words, where enough lines are set as theirs are."""
        inside = {n for head in found.values() for n in range(head.start, head.end)}
        plain: dict[int, Head] = {}
        for index in sorted(self.text - inside):
            text = self.lines[index].strip()
            head = None if is_label(text) or ENDS.match(text) else head_at(self.lines, index, _EVERY_NAME)
            is_alone = head is not None and not head.rest
            if head is None or (is_alone and head.type.lower() in _ALSO_WORDS):
                continue  # "How long"
            if head.type and head.end == index + 1:
                plain[index] = head
        shapes = Counter(self._shape(head) for head in (*found.values(), *plain.values()) if head.type)
        alike = {n: head for n, head in plain.items() if shapes[self._shape(head)] >= MIN_BARE}
        return dict(sorted({**found, **alike}.items())[:MAX_HEADS])

    def _with_names(self, found: dict[int, Head]) -> dict[int, Head]:
        """The heads, and the entries that are a name in code alone, right below an entry that begins a field."""
        out = dict(found)
        for index in sorted(self.text - found.keys()):
            entry = _NAME_ENTRY.match(self.lines[index][:120])
            above = out.get(index - 1)
            if entry is None or above is None or not is_sure_name(entry["name"], self.known):
                continue
            bullet = self.lines[index].partition("`")[0]
            if self.lines[index - 1].startswith(bullet):
                out[index] = Head(index, index + 1, entry["name"], indent=above.indent)
        return dict(sorted(out.items())[:MAX_HEADS])

    def _may_be_phrase(self, head: Head) -> bool:
        """Whether a line may be two plain words, "task list" or "phone number", and no field and its type."""
        text = self.lines[head.start].strip()
        return (
            _PHRASE.match(text) is not None
            and head.end == head.start + 1
            and not is_sure_name(head.name, self.known)
        )

    def _shape(self, head: Head) -> str:
        """How a field is set apart on its line: what stands before its name, and the sign behind it."""
        text = self.lines[head.start].strip()
        before, _, after = text.partition(head.name)
        sign = after.lstrip()[:1]
        # Where its type is all that stands behind the name, it is of no matter which one.
        return f"{before[:2]}…{sign}" if head.rest or not sign.isalpha() else f"{before[:2]}…type"

    def _glued(self, index: int) -> Head | None:
        """The field on a line that is a name with its type glued to it; one such line alone may be a word."""
        found = _NAME_AND_TYPE.match(self.lines[index].strip()[:200])
        if found is None or self.lines[index].strip().rpartition(".")[2] in self.holders:
            return None
        is_name = may_be_name(found["name"]) or found["name"] == "text"  # which is a type elsewhere
        if not is_name or found["name"].lower() in _BEGIN_WORDS:
            return None
        whole = head_at(self.lines, index, self.known)
        if whole is not None and whole.required is not None:
            return whole  # "promptrequiredstring" is no field of the name "promptrequired"
        head = Head(index, index + 1, found["name"], found["type"].replace(" ", ""))
        take(head, found["more"], 0)
        return head

    def _after_bullet(self, index: int) -> Head | None:
        """The field behind a bullet that stands on a line of its own, as some converters leave it."""
        window = ["", f"- {self.lines[index + 1].strip()}", *self.lines[index + 2 : index + 10]]
        head = head_at(window, 1, self.known)
        if head is not None:
            head.start, head.end = index, head.end + index
        return head


def heads_of(document: Document, log: FactLog) -> list[Head]:
    """Every field that begins on the page outside of code, and is said to have a type or to be required or not."""
    page = PageHeads(document, log)
    said = any(head.is_said for head in page.heads.values())
    return [
        replace(head, start=page.numbers[head.start], end=page.numbers[head.end - 1] + 1)
        for head in page.heads.values()
        if head.is_said or not said or head.leaf in page.listed
    ]


def begin_behind(document: Document, line: int, read: Container[int]) -> bool:
    """Whether two fields or more seem to begin behind a line, on lines that are not among those that are read.

    Of the lines that say a type or whether something is required the first thousand are looked at.
    """
    begun: set[int] = set()
    is_fenced, looked_at = False, 0
    for index, text in enumerate(document.lines):
        if FENCE.match(text[:40]):
            is_fenced = not is_fenced
        if is_fenced or index + 1 < line or index + 1 in read or text.count("|") > 1:
            continue
        if not _SAID_OF_FIELDS.search(text[:MAX_LINE]):
            continue
        near = (head_at(document.lines, n) for n in range(max(index - 2, 0), index + 1))
        begun.update(head.start for head in near if head is not None and head.is_said and head.end > index)
        looked_at += 1
        if len(begun) > 1 or looked_at == MAX_HEADS:
            break
    return len(begun) > 1
