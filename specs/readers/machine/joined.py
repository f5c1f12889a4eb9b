"""Two readings of one document as one: what its OpenAPI block says, and what its tables or examples add.

What the first one says stays first; a keyword about which the second says something else is kept beside it,
and a note says that they differ.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.shapes import tell_undescribed, undescribed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Field, Keyword, Operation
    from understudy.specs.readers.facts import FactLog


def with_more(
    first: Sequence[Operation], second: Sequence[Operation], log: FactLog, *, stated: bool
) -> tuple[Operation, ...]:
    """The operations of `first`, each with what `second` says of the same one, and the others of `second`.

    With `stated`, fields of the second are stated in words and are joined keyword by keyword; without, they
    are shown by examples, and count where the first says nothing of a body or inside of a field. An operation
    of the second without a path is that of the first, where there is one only.
    """
    left = list(second)
    out = []
    for one in first:
        same = [other for other in left if _is_same(one, other, len(first))]
        left = [other for other in left if all(other is not taken for taken in same)]
        whole = one
        for other in same:
            whole = _joined(whole, other, log, stated=stated)
        out.append(whole)
    return (*out, *(other for other in left if other.path and other.method))


def _is_same(one: Operation, other: Operation, several: int) -> bool:
    if not one.path or not other.path:
        return several == 1 and (one.method == other.method or not one.path)
    paths = sorted((_blank(one.path), _blank(other.path)), key=len)
    return one.method == other.method and paths[1].endswith(paths[0])


def _blank(path: str) -> str:
    return "/".join(
        "{}" if part.startswith(("{", ":", "<")) else part for part in path.rstrip("/").split("/")
    )


def _joined(one: Operation, other: Operation, log: FactLog, *, stated: bool) -> Operation:
    join = _stated if stated else _shown
    responses = dict(one.responses)
    for status, fields in other.responses.items():
        responses[status] = join(responses.get(status, ()), fields, log)
    known = {(p.place, p.field.name) for p in one.parameters}
    return replace(
        one,
        method=one.method or other.method,
        path=one.path or other.path,
        line=one.line or other.line,
        request=join(one.request, other.request, log),
        responses=MappingProxyType(responses),
        servers=one.servers or other.servers,
        examples=one.examples or other.examples,
        parameters=(*one.parameters, *(p for p in other.parameters if (p.place, p.field.name) not in known)),
    )


def _stated(one: Sequence[Field], other: Sequence[Field], log: FactLog) -> tuple[Field, ...]:
    if not one:
        return tuple(other)
    more = {field.path: field for field in other}
    out = []
    for field in one:
        added = more.pop(field.path, None)
        out.append(field if added is None else _with_keywords(field, added.keywords, log))
    return (*out, *more.values())


def _with_keywords(field: Field, more: Sequence[Keyword], log: FactLog) -> Field:
    known = {word.name for word in field.keywords}
    new = [word for word in more if word.evidence.kind != "example" or word.name not in known]
    return replace(field, keywords=log.combined(field.path, (*field.keywords, *new)))


def _shown(one: Sequence[Field], other: Sequence[Field], log: FactLog) -> tuple[Field, ...]:
    if not one:
        return tuple(other)
    tell_undescribed(one, other, log)
    holders = {field.path[:n] for field in one for n in range(len(field.path))}
    silent = {
        field.path
        for field in one
        if field.get("type") in ("array", "object", None) and field.path not in holders and field.path
    }
    silent |= undescribed(one, other)
    inner = [
        field
        for field in other
        if field.path in silent or any(field.path[:n] in silent for n in range(1, len(field.path)))
    ]
    known = {field.path for field in one}
    return (*one, *(field for field in inner if field.path not in known))
