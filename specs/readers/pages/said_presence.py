"""What a page says of several fields at once: which of them must be given, and which need not.

The only required body parameters are `loop_id` and `words`.        The request body must include:
                                                                    words
                                                                    The body may optionally include:
                                                                    seed
                                                                    shape

What such a sentence calls the only ones makes all others optional, where their own descriptions do not say.
One that lists what is optional, or required, is about the call in whose part it stands: "Optional fields:
`seed`, `shape`", 可选字段包括 seed 和 shape. Where examples alone show what is sent there, those are further
fields of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.specs.model import Evidence, Field, Keyword
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Operation, Reading

MAX_LINES = 10_000
MAX_LINE = 600
MAX_NAMES = 60

_NAMES = r"`[A-Za-z_]\w{0,60}`(?:(?:,\s|,?\sand\s)`[A-Za-z_]\w{0,60}`){0,12}"
_ONLY = re.compile(
    rf"\bonly\s(?:required|mandatory)\s(?:(?:body|request)\s)?(?:parameters?|fields?|arguments?|properties|property)\s(?:is|are)\s(?P<names>{_NAMES})\s?(?:[.;]|\Z)",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"\b(?:body|request|payload)\b.{0,40}\b(?:(?P<must>(?:should|must|has\sto|needs\sto)\s(?:include|contain))|(?:may|can)\s(?:optionally\s|also\s){1,2}(?:include|contain))\b.{0,20}:\Z",
    re.IGNORECASE,
)
_NAME = r"`?[A-Za-z_](?:\w|\.(?=\w)){0,60}`?"
_LISTS = re.compile(
    r"(?:\A|[。.;；)）}]\s{0,2}|[-*•]\s|\s)(?:\*\*)?(?P<cue>可选|选填|optional|(?P<must>必填|必选|required|mandatory))(?:的)?\s?(?:(?:body|request)\s|请求)?(?:字段|参数|fields?|parameters?|params?)(?:\*\*)?"
    rf"\s?(?P<more>还|also\s|further\s)?(?:有|为|是|包括|包含|include|are|[:：])\s?(?:\*\*)?\s?(?P<names>{_NAME}(?:(?:\s?[、，,]\s?|\s?[和及与]\s?|,?\s(?:and|or)\s){_NAME}){{1,20}})(?=\s?(?:[。.;；]|\Z))",
    re.IGNORECASE,
)
_NAME_ALONE = re.compile(
    r"\s{0,8}(?:[-*•]\s{1,3})?[`*]{0,3}(?P<name>[a-z][A-Za-z0-9]{0,40}(?:_[a-z0-9]{1,40}){0,6})[`*]{0,3}\s{0,3}\Z"
)


_AND = re.compile(r"\s?\b(?:and|or)\s|[、，和及与]")
# What is written as a name, and is no word of a sentence.
_IS_NAME = re.compile(r"\s{0,3}(?:`[^`]{1,80}`|(?=[a-z]{1,40}[_A-Z])\w{1,80}|)\s{0,3}")


@dataclass(frozen=True, slots=True)
class _Said:
    line: int
    names: frozenset[str]
    is_required: bool
    is_all: bool  # whether what it does not name is the contrary
    listed: tuple[str, ...] = ()  # the names in their order, where they are of the call above
    is_more: bool = False  # whether they are said to be further ones


def with_presence(found: Reading, document: Document) -> Reading:
    """The reading, the fields of its requests with what such sentences and lists say of them."""
    operations = list(found.operations)
    for said in _said(document.lines[:MAX_LINES]):
        if said.listed:
            above = [n for n, one in enumerate(operations) if one.line <= said.line]
            own = max(above, key=lambda n: operations[n].line, default=-1)
            if own >= 0 and operations[own].method in ("post", "put", "patch"):
                operations[own] = _with_listed(operations[own], said, found.document)
            continue
        fitting = [n for n, one in enumerate(operations) if said.names <= _outer(one)]
        if fitting:
            nearest = min(fitting, key=lambda n: abs(operations[n].line - said.line))
            operations[nearest] = _settled(operations[nearest], said, found.document)
    return replace(found, operations=tuple(operations))


def _with_listed(one: Operation, said: _Said, document: str) -> Operation:
    """The operation with what a sentence lists: said of fields that it has, or further ones of it."""
    if not said.names <= _outer(one) and not said.is_more and not all(map(_is_shown, one.request)):
        return one
    known = _outer(one)
    more = [Field((name,), (), line=said.line) for name in said.listed if name not in known]
    return _settled(replace(one, request=(*one.request, *more)) if one.request else one, said, document)


def _is_shown(field: Field) -> bool:
    """Whether no table and no list states a field."""
    return all(word.evidence.kind in ("example", "prose") for word in field.keywords)


def _outer(one: Operation) -> set[str]:
    return {field.path[0] for field in one.request if len(field.path) == 1}


def _said(lines: Sequence[str]) -> Iterator[_Said]:
    fenced = False
    for index, line in enumerate(lines):
        if FENCE.match(line[:40]):
            fenced = not fenced
        text = line[:MAX_LINE].strip()
        if fenced or not text:
            continue
        for lists in _LISTS.finditer(text):
            names = re.findall(r"[A-Za-z_][\w.]*\w", _AND.sub(",", lists["names"]))
            pieces = _AND.sub(",", lists["names"]).split(",")
            are_names = not lists["cue"].isascii() or all(map(_IS_NAME.fullmatch, pieces))
            listed = tuple(names) if are_names else ()
            yield _Said(
                index + 1,
                frozenset(names),
                lists["must"] is not None,
                False,
                listed,
                lists["more"] is not None,
            )
        if only := _ONLY.search(text):
            yield _Said(index + 1, frozenset(re.findall(r"`(\w+)`", only["names"])), True, True)
        elif leads := _LEADS.search(text):
            below = frozenset(_names(lines, index + 1))
            if below:
                yield _Said(index + 1, below, leads["must"] is not None, False)


def _names(lines: Sequence[str], start: int) -> Iterator[str]:
    """The names that stand alone on the lines behind one, up to the first other line."""
    for line in lines[start : start + MAX_NAMES]:
        found = _NAME_ALONE.match(line[:MAX_LINE])
        if found:
            yield found["name"]
        elif line.strip():
            return


def _settled(one: Operation, said: _Said, document: str) -> Operation:
    fields = [_with(field, said, document) if len(field.path) == 1 else field for field in one.request]
    return replace(one, request=tuple(fields))


def _with(field: Field, said: _Said, document: str) -> Field:
    is_named = field.path[0] in said.names
    if field.get("required") is not None or not (is_named or said.is_all):
        return field
    word = Keyword("required", said.is_required == is_named, Evidence(document, said.line, "prose"))
    return replace(field, keywords=tuple(sorted((*field.keywords, word), key=lambda one: one.name)))
