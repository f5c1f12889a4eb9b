"""Passes over what is said of one field: its values, its limits, and what is said twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.specs.normalise.draft import each_field, note
from understudy.specs.schema_values import fits
from understudy.specs.tree import same

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.model import Field, Keyword, Note
    from understudy.specs.normalise.draft import SpecDraft

OF_PICTURES = ("x-image", "x-source")
KIND_ORDER = {"vendor": 0, "declared": 1, "prose": 2, "example": 3}

# Which keywords say something about a value of each type; others are for every type.
ONLY_FOR = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), "string"),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
}


def usable_keywords(draft: SpecDraft) -> SpecDraft:
    """A keyword whose value JSON Schema does not allow (`type: strng`) is a problem, noted."""

    def usable(field: Field) -> tuple[Field, list[Note]]:
        kept, notes = [], []
        for word in field.keywords:
            if ALLOWED.get(word.name, _anything)(word.value):
                kept.append(word)
            else:
                text = f"{word.name} cannot be {_shown(word.value)[:80]!r}; left out"
                notes.append(note("problem", text, field, word))
        return replace(field, keywords=tuple(kept)), notes

    return each_field(draft, usable)


def _anything(_value: Any) -> bool:
    return True


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return (
        bool(names)
        and all(isinstance(n, str) and n in TYPES for n in names)
        and len(set(names)) == len(names)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pattern(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
ALLOWED: dict[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "format": lambda value: isinstance(value, str),
    "pattern": _is_pattern,
    "required": lambda value: isinstance(value, bool),
    "uniqueItems": lambda value: isinstance(value, bool),
    "additionalProperties": lambda value: isinstance(value, bool),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
    **dict.fromkeys(("minProperties", "maxProperties"), _is_count),
    **dict.fromkeys(("deprecated", "readOnly", "writeOnly"), lambda value: isinstance(value, bool)),
    **dict.fromkeys(("contentEncoding", "contentMediaType"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("x-image", "x-source", "contentSchema"), lambda value: isinstance(value, dict)),
}


def fitting_defaults(draft: SpecDraft) -> SpecDraft:
    """A default that the same document does not allow contradicts it: noted, and not kept."""

    def fit(field: Field) -> tuple[Field, list[Note]]:
        said = {word.name: word for word in field.keywords}
        default = said.get("default")
        if default is None or fits(default.value, {name: word.value for name, word in said.items()}):
            return field, []
        text = f"the default {_shown(default.value)[:80]} is none of the values that are allowed; left out"
        kept = tuple(word for word in field.keywords if word is not default)
        return replace(field, keywords=kept), [note("contradiction", text, field, default)]

    return each_field(draft, fit)


def trimmed_values(draft: SpecDraft) -> SpecDraft:
    """Names in an enum lose the blanks around them, and repeated ones go."""

    def trim(field: Field) -> tuple[Field, list[Note]]:
        words = []
        for word in field.keywords:
            if word.name == "enum" and isinstance(word.value, (list, tuple)):
                values = [value.strip() if isinstance(value, str) else value for value in word.value]
                once = [
                    value for i, value in enumerate(values) if not any(same(value, v) for v in values[:i])
                ]
                words.append(replace(word, value=once))
            else:
                words.append(word)
        return replace(field, keywords=tuple(words)), []

    return each_field(draft, trim)


def typed_values(draft: SpecDraft) -> SpecDraft:
    """Values said in prose take the declared type: `5, 10` of a string field are "5" and "10"."""

    def coerce(field: Field) -> tuple[Field, list[Note]]:
        kind = field.get("type")
        words = tuple(
            replace(word, value=_typed(word.value, kind))
            if word.name in {"enum", "default", "const"}
            else word
            for word in field.keywords
        )
        return replace(field, keywords=words), []

    return each_field(draft, coerce)


def _typed(value: Any, kind: Any) -> Any:
    if isinstance(value, list):
        return [_typed(item, kind) for item in value]
    if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def fitting_keywords(draft: SpecDraft) -> SpecDraft:
    """A limit for another type than the field's is not kept: nobody could break it."""

    def fit(field: Field) -> tuple[Field, list[Note]]:
        kinds = field.get("type")
        kinds = [kinds] if isinstance(kinds, str) else kinds or []
        kinds = ["number" if kind == "integer" else kind for kind in kinds]
        kept, notes = [], []
        for word in field.keywords:
            if word.name in OF_PICTURES and field.get("enum") is not None:
                notes.append(
                    note(
                        "not-understood", f"{word.name} of a field that holds one of a few names", field, word
                    )
                )
            elif kinds and ONLY_FOR.get(word.name, kinds[0]) not in kinds:
                text = f"{word.name} {word.value} says nothing about a value of type {kinds[0]}"
                notes.append(note("not-understood", text, field, word))
            else:
                kept.append(word)
        return replace(field, keywords=tuple(kept)), notes

    return each_field(draft, fit)


def one_statement_a_keyword(draft: SpecDraft) -> SpecDraft:
    """Of two equal statements the more direct one stays; two different ones are a contradiction, noted.

    What is declared goes before what is said in prose, and that before an example; at the same level the
    first in the document.
    """

    def single(field: Field) -> tuple[Field, list[Note]]:
        kept: dict[str, Keyword] = {}
        notes = []
        for word in sorted(field.keywords, key=lambda w: KIND_ORDER[w.evidence.kind]):
            first = kept.setdefault(word.name, word)
            if first is not word and not _says_the_same(first, word):
                text = (
                    f"{word.name} is {_shown(first.value)} in line {first.evidence.line} and "
                    f"{_shown(word.value)} in line {word.evidence.line}; {_shown(first.value)} is kept"
                )
                notes.append(note("contradiction", text, field, word))
        return replace(field, keywords=tuple(sorted(kept.values(), key=lambda w: w.name))), notes

    done = each_field(draft, single)
    ours = {_subject(one) for one in done.spec.notes[len(draft.spec.notes) :]}
    # The reader notes the same contradictions, but could not say which statement is kept.
    earlier = (one for one in draft.spec.notes if one.kind != "contradiction" or _subject(one) not in ours)
    return done.with_(notes=(*earlier, *done.spec.notes[len(draft.spec.notes) :]))


def _subject(one: Note) -> tuple[str, int, str]:
    """Where a contradiction stands, and its keyword, with which its text begins."""
    return one.document, one.line, one.text.partition(" ")[0]


def _says_the_same(one: Keyword, other: Keyword) -> bool:
    if one.name == "enum":
        return {repr(v) for v in one.value} == {repr(v) for v in other.value}
    return same(one.value, other.value)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
