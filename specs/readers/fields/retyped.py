"""The values of a field whose type was not known when they were read: of what type they are.

enum ["6", "10"], and an example has 6      →  enum [6, 10], type integer
enum ["false", "true"], default "false"     →  type boolean, default false
default "0.5", minimum 0, maximum 1         →  default 0.5
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Keyword
from understudy.specs.prose.values import typed

if TYPE_CHECKING:
    from understudy.specs.model import Field

_LENGTHS = {"minimum": "minLength", "maximum": "maxLength"}
# A smaller bound may be one of a number that is sent as text: "5".
_LEAST_LENGTH = 100
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def with_type(one: Field, word: Keyword) -> Field:
    """The field with a type that an example shows, its values of that type where all of them can be."""
    keywords = tuple(_retyped(known, word.value) for known in one.keywords)
    if word.value == "string" and any(
        known.name == "maximum" and known.value >= _LEAST_LENGTH for known in keywords
    ):
        # "Range: 1 <= x <= 2000" of a text counts its characters.
        keywords = tuple(replace(known, name=_LENGTHS.get(known.name, known.name)) for known in keywords)
    return replace(one, keywords=tuple(sorted((*keywords, word), key=lambda known: known.name)))


def settled(one: Field) -> Field:
    """A field without a type whose values or limits show it."""
    if one.get("type") is not None:
        return one
    values = one.get("enum")
    if isinstance(values, list) and values and {str(value).lower() for value in values} == {"true", "false"}:
        enum = next(word for word in one.keywords if word.name == "enum")
        kept = replace(one, keywords=tuple(word for word in one.keywords if word.name != "enum"))
        return with_type(kept, Keyword("type", "boolean", enum.evidence))
    if any(word.name in _BOUNDS for word in one.keywords):
        return replace(one, keywords=tuple(_retyped(known, "number") for known in one.keywords))
    return one


def _retyped(word: Keyword, type_: Any) -> Keyword:
    if type_ not in ("integer", "number", "boolean"):
        return word
    if word.name == "default" and isinstance(word.value, str):
        value = typed(word.value, type_)
        return word if value is None else replace(word, value=value)
    if word.name == "enum" and isinstance(word.value, list):
        values = [typed(one, type_) if isinstance(one, str) else one for one in word.value]
        return word if None in values else replace(word, value=values)
    return word
