"""Tables whose levels are lost and in which a name stands twice: once outside of an object, and once inside.

| id | string |                       {"id": "a", "frames": [{"id": "1", "url": "…"}]}
| frames | array |
| id | string |   → frames[].id        The example has the names in this order, in one way alone.
| url | string |  → frames[].url

Without an example the rows from the only object or list of the table on, up to the last name that stands
twice, are inside of it. Where those behind them stand is told, and of several objects where all of them do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.shapes import ENVELOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Field, FieldPath
    from understudy.specs.readers.facts import FactLog

    # Each row's field, with that of its items behind it where it says what they are.
    Rows = Sequence[Sequence[Field]]

MAX_ROWS, MAX_SHOWN = 200, 500
# The object of an envelope that holds all that stands behind it.
_DATA = ("data", "result")


def has_lost_levels(rows: Rows) -> bool:
    """Whether no row shows a level, and a name stands in two of them."""
    names = [row[0].name for row in rows]
    is_flat = all(len(row[0].path) == 1 for row in rows)
    return is_flat and len(rows) <= MAX_ROWS and len(set(names)) < len(names)


def settled(
    fields: Sequence[Field], tables: Sequence[Rows], shown: Sequence[Field], log: FactLog
) -> list[Field]:
    """The fields of a body with those of such tables at their places, as far as anything tells them."""
    out = list(fields)
    for rows in tables:
        places = by_example([row[0].name for row in rows], shown) or _inside_the_only_holder(rows, log)
        if not places:
            continue
        lines = {row[0].line for row in rows}
        at = next((n for n, one in enumerate(out) if one.line in lines), len(out))
        out = [one for one in out if one.line not in lines]
        present = {one.path for one in out}
        moved = [
            replace(one, path=(*path, *one.path[1:]))
            for row, path in zip(rows, places, strict=True)
            if path and path not in present
            for one in row
        ]
        out[at:at] = moved
    return out


def by_example(names: Sequence[str], shown: Sequence[Field]) -> list[FieldPath]:
    """The places that names have in an example which has them in the same order; [] where it has not.

    So it is where it has them in more ways than one. A name that the example lacks stands where those around
    it do.
    """
    paths = [one.path for one in shown[:MAX_SHOWN] if one.name != "[]"]
    known = {path[-1] for path in paths}
    there = [name for name in names if name in known]
    first = _in_order(there, paths)
    last = _in_order(there[::-1], paths[::-1])[::-1]
    if not first or first != last or len(there) * 2 <= len(names):
        return []
    found = iter(first)
    places: list[FieldPath] = [next(found) if name in known else () for name in names]
    for index, name in enumerate(names):
        around = [one for one in (places[index - 1] if index else (), _next(places, index)) if one]
        homes = {one[:-1] for one in around}
        if not places[index] and len(homes) == 1:
            places[index] = (*homes.pop(), name)
    return places if all(places) else []


def _next(places: Sequence[FieldPath], index: int) -> FieldPath:
    return next((one for one in places[index + 1 :] if one), ())


def _in_order(names: Sequence[str], paths: Sequence[FieldPath]) -> list[FieldPath]:
    """For each name the next path that ends with it; [] where there is none."""
    rest = iter(paths)
    found = [next((path for path in rest if path[-1] == name), ()) for name in names]
    return found if all(found) else []


def _inside_the_only_holder(rows: Rows, log: FactLog) -> list[FieldPath]:
    """The places of rows of which the only object or list holds those behind it, () for each that is told."""
    names = [row[0].name for row in rows]
    holders = [n for n, row in enumerate(rows) if row[0].get("type") in ("object", "array")]
    again = [n for n, name in enumerate(names) if name in names[:n]]
    if not holders or any(n <= holders[0] for n in again):
        return []
    at = holders[0]
    behind = names[at + 1 : again[-1] + 1]
    holder = rows[at][0]
    if len(holders) > 1:
        return [
            row[0].path if n <= at or n in holders or n > again[-1] else _told(row[0], holder, log)
            for n, row in enumerate(rows)
        ]
    if len(set(behind)) < len(behind):
        return []
    base = (*holder.path, "[]") if holder.get("type") == "array" else holder.path
    holds_all = holder.name in _DATA and len(ENVELOPE.intersection(names[: at + 1])) > 1
    places: list[FieldPath] = [row[0].path for row in rows[: at + 1]]
    for n, row in enumerate(rows[at + 1 :], at + 1):
        is_inside = n <= again[-1] or holds_all
        places.append((*base, row[0].name) if is_inside else _told(row[0], holder, log))
    return places


def _told(one: Field, holder: Field, log: FactLog) -> FieldPath:
    what = f"whether {one.name!r} stands inside of {holder.name!r} or beside it is lost"
    log.note("untold", what, one.line, path=one.path)
    return ()
