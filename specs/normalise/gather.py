"""From several readings to one spec under canonical paths."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.specs.model import UNSAID_PATH, Field, Note, Operation, ProviderSpec
from understudy.specs.normalise.draft import each_body, each_field
from understudy.specs.places import METHODS, REQUEST, operation_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.specs.model import Reading
    from understudy.specs.normalise.draft import Fields, SpecDraft
    from understudy.specs.profile import Profile

VERSIONED = re.compile(r"(?P<prefix>.*?)(?P<path>/v\d+[a-z0-9]*/.*)\Z")
STATUS = re.compile(r"(?:[1-5](?:[0-9]{2}|XX)|default)\Z")
PARAMETER_NAME = re.compile(r"\{([^/{}]*)\}")
PARAMETER = re.compile(r"\{[^/{}]*\}|(?<=/):[^/]+")


def gathered(profile: Profile, readings: Sequence[Reading]) -> ProviderSpec:
    """All operations of all readings; an operation that two documents describe has the fields of both."""
    operations: dict[str, Operation] = {}
    servers: list[str] = list(profile.servers)
    for reading in readings:
        for operation in reading.operations:
            key = operation_key(operation.method, operation.path)
            operations[key] = _joined(operations[key], operation) if key in operations else operation
            servers.extend(url for url in operation.servers if url not in servers)
    return ProviderSpec(
        profile.name,
        profile.title,
        MappingProxyType(operations),
        servers=tuple(servers),
        notes=tuple(note for reading in readings for note in reading.notes),
        conventions=profile.conventions,
        refusals=tuple(one for reading in readings for one in reading.refusals),
    )


def _joined(one: Operation, other: Operation) -> Operation:
    responses = {
        status: one_field_a_place((*one.responses.get(status, ()), *other.responses.get(status, ())))
        for status in (*one.responses, *(s for s in other.responses if s not in one.responses))
    }
    return replace(
        one,
        request=one_field_a_place((*one.request, *other.request)),
        responses=MappingProxyType(responses),
        examples=(*one.examples, *other.examples),
        form=one.form or other.form,
    )


def _method_and_path(key: str) -> tuple[str, str]:
    method, _, path = key.partition(" ")
    return method, path


def one_field_a_place(fields: Iterable[Field]) -> Fields:
    """The fields with those at the same place joined; nameless ones are never the same."""
    joined: dict[Any, Field] = {}
    for index, one in enumerate(fields):
        place = (index, one.path) if "" in one.path else one.path
        earlier = joined.get(place)
        joined[place] = (
            one if earlier is None else replace(earlier, keywords=(*earlier.keywords, *one.keywords))
        )
    return tuple(joined.values())


def canonical_paths(draft: SpecDraft) -> SpecDraft:
    """`/kling/v1/images/x` becomes `/v1/images/x`, and `/kling` goes to the end of each server.

    A version at the end of a server's address moves the other way: https://a/v1 and `/images/x`.
    """
    known = [key.split(" ", 1)[1] for key in draft.known]
    operations: dict[str, Operation] = {}
    servers: dict[str, None] = {}
    for operation in draft.spec.operations.values():
        addresses = operation.servers or draft.spec.servers or ("",)
        moved = [_moved(address, operation.path, known) for address in addresses]
        servers.update((address, None) for address, _ in moved if address)
        path = moved[0][1]
        named = replace(operation, path=path, method=operation.method.upper())
        key = operation_key(named.method, path)
        operations[key] = _joined(operations[key], named) if key in operations else named
    found = tuple(servers) if operations else draft.spec.servers
    return draft.with_(operations=MappingProxyType(operations), servers=found)


def _moved(address: str, path: str, known: Iterable[str]) -> tuple[str, str]:
    """A server's address and a path below it as (the address with the prefix, the canonical path)."""
    address = address.rstrip("/")
    base = urlsplit(address).path
    whole = path if base and path.startswith(f"{base}/") else base + path
    split = split_path(whole, known)
    if split is None:
        return address, path
    return address[: len(address) - len(base)] + split[0], split[1]


def usable_operations(draft: SpecDraft) -> SpecDraft:
    """What OpenAPI cannot hold is left out with a note: a path without "/", a status that is none, a
    parameter of the path that the path does not have."""
    operations: dict[str, Operation] = {}
    notes: list[Note] = []

    def problem(text: str, operation: Operation) -> None:
        document = draft.profile.documents[0].name if draft.profile.documents else draft.spec.name
        notes.append(Note("problem", text, document, operation.line))

    for key, operation in draft.spec.operations.items():
        if not operation.path.startswith("/") or operation.method.lower() not in METHODS:
            if operation.path or UNSAID_PATH not in {one.code for one in draft.spec.notes}:
                problem(f"{key[:120]!r} is not an operation; left out", operation)
            continue
        for status in operation.responses:
            if not STATUS.match(status):
                problem(f"{key}: {status[:40]!r} is not an HTTP status; left out", operation)
        named = set(PARAMETER_NAME.findall(operation.path))
        operations[key] = replace(
            operation,
            responses=MappingProxyType({s: f for s, f in operation.responses.items() if STATUS.match(s)}),
            parameters=tuple(
                one for one in operation.parameters if one.place != "path" or one.field.name in named
            ),
        )
    return draft.with_(operations=MappingProxyType(operations), notes=(*draft.spec.notes, *notes))


def split_path(path: str, known: Iterable[str]) -> tuple[str, str] | None:
    """A documented path as (the provider's prefix, the canonical path); None when nothing tells.

    A known path is found whatever its parameters are called; otherwise the canonical path begins with the
    version: "/kling/v1/x" -> ("/kling", "/v1/x").
    """
    blank = PARAMETER.sub("{}", path.rstrip("/"))
    matches = [one for one in known if blank.endswith(PARAMETER.sub("{}", one))]
    if matches:
        best = max(matches, key=len)
        return blank[: len(blank) - len(PARAMETER.sub("{}", best))], best
    match = VERSIONED.match(path)
    return (match["prefix"], match["path"]) if match else None


def stated_facts(draft: SpecDraft) -> SpecDraft:
    """Add what `provider.toml` knows from elsewhere, where the documents are silent about it."""
    operations = dict(draft.spec.operations)
    for fact in draft.profile.facts:
        if fact.operation not in operations:
            operations[fact.operation] = Operation(*_method_and_path(fact.operation))
        operation = operations[fact.operation]
        field = next((one for one in operation.request if one.path == fact.path), None)
        if field is not None and field.get(fact.keyword.name) is not None:
            continue
        request = one_field_a_place((*operation.request, Field(fact.path, (fact.keyword,))))
        operations[fact.operation] = replace(operation, request=request)
    return draft.with_(operations=MappingProxyType(operations))


def with_parents(draft: SpecDraft) -> SpecDraft:
    """A field inside another one shows that the outer one exists, though nothing else is said of it.

    A body as a whole of which nothing is said is no field.
    """

    def complete(_key: str, _body: str, fields: Fields) -> Fields:
        present = {one.path for one in fields}
        parents = {path[:i] for path in present for i in range(1, len(path))} - present
        said = (one for one in fields if one.path or one.keywords)
        return (*said, *(Field(path) for path in sorted(parents)))

    return each_body(draft, complete)


def in_the_vendors_order(draft: SpecDraft) -> SpecDraft:
    """Fields stand in the vendor's order, the provider's own ones after them by name."""

    def ordered(key: str, body: str, fields: Fields) -> Fields:
        known = [one.path for one in draft.known.get(key, ())] if body == REQUEST else []
        rank = {path: index for index, path in enumerate(known or [one.path for one in fields])}
        return tuple(sorted(fields, key=lambda one: (rank.get(one.path, len(rank)), one.path)))

    notes = sorted(
        set(draft.spec.notes), key=lambda n: (n.document, n.line, n.column, n.kind, n.text, n.field)
    )
    return each_body(draft, ordered).with_(notes=tuple(notes))


def without_wording(draft: SpecDraft) -> SpecDraft:
    """The documents' own text has served: it named the nameless, and is never written out."""
    return each_field(draft, lambda field: (replace(field, wording=""), []))
