"""The levels of the fields of a rendered Apifox page: lost on it, and given back by its example."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.model import Field, FieldPath
    from understudy.specs.readers.facts import FactLog


# No value of a list is longer.
MAX_VALUE = 40


def nested(fields: list[Field], example: Any, log: FactLog) -> list[Field]:
    """Put the fields where the example has them. One that it does not have may belong into an object above
    it: it stays where it is, and is not required there."""
    places = dict(_places(example, ()))
    filled = {f.path[0] for f in fields if len(f.path) > 1}
    holders = [
        f
        for f in fields
        if f.get("type") in ("object", "array") and len(f.path) == 1 and f.name not in filled
    ]
    if holders and example is None and any(fields.index(h) < len(fields) - 1 for h in holders[-1:]):
        log.note("problem", f"whether fields belong into {holders[-1].name!r} is lost; no example shows it",
                    holders[-1].line, path=holders[-1].path)  # fmt: skip
    elif example is not None:
        _tell_of_lost(fields, holders, places, log)
    out: list[Field] = []
    above: Field | None = None
    enclosed = _enclosed(fields, places)
    for index, entry in enumerate(fields):
        name = entry.path[0]
        if index in enclosed:
            out.append(replace(entry, path=(*enclosed[index], *entry.path)))
            continue
        if above is not None and above.name not in filled and name not in places and len(entry.path) == 1:
            entry = _not_required(entry, above, log)  # noqa: PLW2901
        if len(entry.path) == 1 and entry.get("type") == "object":
            above = entry
        entry = replace(entry, path=(*places.get(name, (name,)), *entry.path[1:]))  # noqa: PLW2901
        out.append(_without_glued(entry, example, log))
    return out


def _tell_of_lost(
    fields: list[Field], holders: list[Field], places: Mapping[str, FieldPath], log: FactLog
) -> None:
    """Note the objects that the example does not show where a field follows that it does not show either."""
    for holder in holders:
        index = fields.index(holder)
        below = fields[index + 1] if index + 1 < len(fields) else None
        if (
            holder.get("type") == "object"
            and below is not None
            and not {holder.name, below.path[0]} & places.keys()
        ):
            names = f"{below.path[0]!r} and what follows belong into {holder.name!r}"
            what = f"whether {names} is lost; no example shows it"
            log.note("problem", what, below.line, path=below.path)


def _enclosed(fields: list[Field], places: Mapping[str, FieldPath]) -> dict[int, FieldPath]:
    """The fields that the example does not have, and which stand between an object and a field that it has
    inside of it: by their index, the place of that object. Fields inside of an object follow one another."""
    out: dict[int, FieldPath] = {}
    begun = {
        places.get(one.path[0], one.path): index for index, one in enumerate(fields) if len(one.path) == 1
    }
    following: FieldPath = ()
    for index in range(len(fields) - 1, -1, -1):
        path = fields[index].path
        if path[0] in places:
            following = places[path[0]][:-1]
        elif len(path) == 1 and following and begun.get(following, index) < index:
            between = fields[begun[following] + 1 : index]
            if not any(one.get("type") in ("object", "array") for one in between):
                out[index] = following
    return out


def _without_glued(field: Field, example: Any, log: FactLog) -> Field:
    """The field without a list of one value that holds the example's, or is longer than any: it is several,
    glued."""
    value = example
    for step in field.path:
        value = value.get(step) if isinstance(value, dict) else None
    listed = field.get("enum")
    if listed and len(listed) == 1 and len(str(listed[0])) > MAX_VALUE and "_" in str(listed[0]):
        return _left_over(field, log)
    if not isinstance(value, str) or not value or not listed or len(listed) > 1:
        return field
    if value == listed[0] or value not in str(listed[0]):
        return field
    return _left_over(field, log)


def _left_over(field: Field, log: FactLog) -> Field:
    enum = next(word for word in field.keywords if word.name == "enum")
    log.note("not-understood", f"glued values: {enum.value[0]!r}", enum.evidence.line, path=field.path)
    return replace(field, keywords=tuple(word for word in field.keywords if word is not enum))


def _not_required(field: Field, above: Field, log: FactLog) -> Field:
    if not field.get("required"):
        return field
    log.note(
        "problem", f"required here or in {above.name!r}: the levels are lost", field.line, path=field.path
    )
    return replace(field, keywords=tuple(word for word in field.keywords if word.name != "required"))


def _places(value: Any, path: FieldPath) -> Iterator[tuple[str, FieldPath]]:
    """Where each name stands in the example; of a name that stands twice, the outer place comes last and
    wins."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _places(below, (*path, key))
        for key in value:
            yield key, (*path, key)
    elif isinstance(value, list) and value:
        yield from _places(value[0], (*path, "[]"))
