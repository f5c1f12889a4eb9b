"""What several examples of one body show together: the values of a field, and whether it may be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.specs.readers.trees.held_json import of_held_json

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from understudy.specs.model import Field, FieldPath, Keyword

MAX_VALUES = 12  # of a field


def with_further(known: Sequence[Field], fields: Sequence[Field]) -> list[Field]:
    """What examples showed before with what a further one shows."""
    if not known or not fields:
        return [*known, *fields]
    more, before = {one.path: one for one in fields}, {one.path: one for one in known}
    # What is null holds nothing that could be left out; before, it was never more than that.
    holders = {path for path, one in more.items() if None not in one.shown}
    held = {path for path, one in before.items() if one.shown != (None,) or one.get("type") is not None}
    out = [_joined(one, more[one.path]) if one.path in more else _without(one, holders) for one in known]
    return [*out, *(_without(one, held) for one in fields if one.path not in before)]


def _joined(one: Field, other: Field) -> Field:
    shown = one.shown + tuple(value for value in other.shown if not _has(one.shown, value))
    return replace(
        one,
        keywords=_with_type(one, other),
        shown=shown[:MAX_VALUES],
        is_left_out=one.is_left_out or other.is_left_out,
    )


def _with_type(one: Field, other: Field) -> tuple[Keyword, ...]:
    """The keywords of a field with the type that a further example tells: null says none, and 1 beside 1.5 is
    a number, too."""
    type_, further = one.get("type"), next((word for word in other.keywords if word.name == "type"), None)
    if further is None or (type_ is not None and (type_, further.value) != ("integer", "number")):
        return one.keywords
    return (*(word for word in one.keywords if word.name != "type"), further)


def _without(one: Field, holders: Container[FieldPath]) -> Field:
    """A field that an example lacks: left out, if what would hold it is among those that this has."""
    holder = one.path[:-1]
    return replace(one, is_left_out=True) if not holder or holder in holders else one


def _has(values: Sequence[Any], value: Any) -> bool:
    """Whether a value is among others; 1 is not true, nor 1.0."""
    return any(type(one) is type(value) and one == value for one in values)


def with_values(stated: Sequence[Field], shown: Sequence[Field]) -> list[Field]:
    """The fields that are stated, each with the values that examples have, and what JSON a text holds."""
    by_path = {one.path: one for one in shown}
    return [_with_shown(one, by_path[one.path]) if one.path in by_path else one for one in stated]


def _with_shown(one: Field, shown: Field) -> Field:
    held = of_held_json(shown) if one.get("type") == "string" and not of_held_json(one) else ()
    return replace(
        one,
        keywords=(*one.keywords, *held),
        shown=shown.shown or one.shown,
        is_left_out=one.is_left_out or shown.is_left_out,
    )


def with_value(stated: Sequence[Field], value: Any) -> list[Field]:
    """The same, where an example of the whole body is a JSON value; of lists the first item counts."""
    return [replace(one, shown=_at(value, one.path) or one.shown) for one in stated]


def _at(value: Any, path: FieldPath) -> tuple[Any, ...]:
    for step in path:
        if step == "[]" and isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return ()
    return () if isinstance(value, (dict, list)) else (value,)
