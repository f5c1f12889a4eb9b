"""Sentences of a description that are about another field: "Resolution can be 540p or 720p" beside `prompt`.

What such a sentence says belongs to the field that it names, not to the one in whose row it stands.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs import prose
from understudy.specs.model import Keyword
from understudy.specs.readers.pages.page_prose import Names

if TYPE_CHECKING:
    from understudy.specs.model import Evidence, Field, Operation, Reading

MAX_WORDING = 4_000
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")
# "The resolution can be …", "Aspect ratio is one of …", "`mode` supports …"
_SUBJECT = re.compile(
    r"(?:[Tt]he\s)?[`*]{0,2}(?P<name>[A-Za-z_]\w{1,79}(?:\s[a-z]\w{1,39})?)[`*]{0,2}(?:\s(?:parameter|field|value))?"
    r"\s(?:(?:can|must|may|should)\s(?:only\s)?be|is\s(?:either|one\sof)|supports)\s"
)
# What a field's own description says of it, whatever the sentence names.
_NOT_MOVED = ("x-source", "x-image", "required", "default")


def with_subjects(found: Reading) -> Reading:
    """The reading with what sentences say given to the fields that they are about."""
    return replace(found, operations=tuple(_settled(one) for one in found.operations))


def _settled(operation: Operation) -> Operation:
    names = Names(operation.request)
    moved: dict[int, list[tuple[str, Evidence]]] = {}
    fields = []
    for one in operation.request:
        strays = dict(_strays(one, names))
        fields.append(_without(one, set(strays)) if strays else one)
        evidence = next((k.evidence for k in one.keywords if k.evidence.kind == "prose"), None)
        for text, other in strays.items():
            if evidence is not None:
                moved.setdefault(id(other), []).append((text, evidence))
    if not moved:
        return operation
    given = [_with(one, moved.get(id(was), [])) for one, was in zip(fields, operation.request, strict=True)]
    return replace(operation, request=tuple(given))


def _strays(one: Field, names: Names) -> list[tuple[str, Field]]:
    """The sentences beside a field that are about another one, which has a name of its own."""
    if (
        not one.path
        or len(one.wording) > MAX_WORDING
        or not any(k.evidence.kind == "prose" for k in one.keywords)
    ):
        return []
    found = []
    for text in _SENTENCES.split(one.wording):
        subject = _SUBJECT.match(text)
        other = _named(subject["name"], names) if subject else None
        # "The image must be …" beside `image_tail` is about that very image.
        if other is not None and other is not one and str(other.path[-1]) not in str(one.path[-1]):
            found.append((text, other))
    return found


def _named(words: str, names: Names) -> Field | None:
    several = words.split()
    for name in (words, "_".join(several).lower(), several[-1], several[-1].lower()):
        if (found := names.named(name)) is not None:
            return found
    return None


def _without(one: Field, strays: set[str]) -> Field:
    """A field without what only such sentences say."""
    rest = " ".join(text for text in _SENTENCES.split(one.wording) if text not in strays)
    said = {(c.keyword, repr(c.value)) for c in _said(one, rest)}
    gone = {(c.keyword, repr(c.value)) for text in strays for c in _said(one, text)} - said
    kept = [
        word
        for word in one.keywords
        if word.evidence.kind != "prose"
        or word.name in _NOT_MOVED
        or (word.name, repr(word.value)) not in gone
    ]
    return replace(one, keywords=tuple(kept))


def _with(one: Field, strays: list[tuple[str, Evidence]]) -> Field:
    """A field with what sentences in other rows say of it, as far as its own row says nothing of it."""
    known = {word.name for word in one.keywords}
    added = [
        Keyword(c.keyword, c.value, evidence)
        for text, evidence in strays
        for c in _said(one, text)
        if c.keyword not in known and c.keyword not in _NOT_MOVED
    ]
    once = {word.name: word for word in reversed(added)}
    return replace(one, keywords=tuple(sorted((*one.keywords, *once.values()), key=lambda word: word.name)))


def _said(one: Field, text: str) -> tuple[prose.Constraint, ...]:
    type_ = one.get("type")
    return prose.read(text, type_ if isinstance(type_, str) else None, str(one.path[-1])).constraints
