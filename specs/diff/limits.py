"""What a view demands of the properties of an object, as the schema that a value has to keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.diff.facts import Child

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.specs.diff.view import SchemaView


def closing(view: SchemaView) -> Any:
    """What `view` demands of properties that it does not declare."""
    more = view.children.get("additionalProperties")
    if more is None or more is True:
        return True
    names = dict.fromkeys(sorted(view.beside), True)
    patterns = dict.fromkeys(sorted(view.patterns), True)
    limit: dict[str, Any] = {"properties": names, "additionalProperties": Child(more) if more else False}
    return {**limit, "patternProperties": patterns} if patterns else limit


def either(patterns: Iterable[str]) -> str:
    """A pattern for what one of them matches."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def by_pattern(view: SchemaView) -> Any:
    """What `view` demands of properties by pattern, and of those that it does not declare."""
    patterns = {pattern: Child(raw) for pattern, raw in view.patterns.items()}
    limit = closing(view)
    if limit is True:
        return {"patternProperties": patterns} if patterns else True
    return {**limit, "patternProperties": patterns} if patterns else limit


def property_limit(view: SchemaView, name: str, needed: bool) -> Any:
    """What `view` demands of one property; where that depends on its neighbours, of objects that have it."""
    if name not in view.properties:
        limit = closing(view)
        if limit is True and "unevaluatedProperties" in view.children:
            return {"anyOf": [{"properties": {name: False}}, {"allOf": [Child(view.raw)]}]}
        return limit
    own: dict[str, Any] = {"properties": {name: Child(view.properties[name])}}
    return {**own, "required": [name]} if needed else own
