"""Which operations of an OpenAPI document belong to a task family: create, query one, list.

A create is an operation with `x-task`. Its answer links to the query (OpenAPI 3.1, 4.8.20): by the link named
`query`, or else by the first one that names an operation. The list, where there is one, is the GET on the
create's own path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError
from understudy.specs.places import METHODS
from understudy.specs.pointers import escape
from understudy.specs.tree import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TASK = "x-task"
# At the root of the document that a description is made into: the description itself.
BEHAVIOUR = "x-behaviour"
# A variable in a path: {name}, or {name*} for several segments.
VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(\*?)\}")
LINK = "query"
OK = "200"


@dataclass(frozen=True, slots=True)
class OperationPlace:
    """Where an operation stands: `POST /v1/images/x`. `raw` is its object, references kept."""

    method: str
    path: str
    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        """`POST /v1/images/x`, as operations are keyed in this package."""
        return f"{self.method} {self.path}"

    @property
    def id(self) -> str:
        return str(self.raw.get("operationId", ""))

    @property
    def pointer(self) -> str:
        """Where it stands in the document, as a JSON Pointer."""
        return f"/paths/{escape(self.path)}/{self.method.lower()}"


@dataclass(frozen=True, slots=True)
class FamilyOperations:
    """The operations of one family. `id_parameter` is the query's path parameter that takes the task's id."""

    create: OperationPlace
    query: OperationPlace
    id_parameter: str
    list: OperationPlace | None


def all_operations(document: Mapping[str, Any]) -> Iterator[OperationPlace]:
    """Every operation of a document, in its order."""
    for path, item in (document.get("paths") or {}).items():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if method in METHODS and isinstance(operation, dict):
                yield OperationPlace(method.upper(), path, operation)


def creates(document: Mapping[str, Any]) -> Iterator[OperationPlace]:
    """The operations that start tasks: those with `x-task`."""
    for operation in all_operations(document):
        if TASK in operation.raw:
            yield operation


def accepted(operation: OperationPlace, document: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """(status, response) of the answer that takes the request: the first 2xx that is described.

    Raises UnderstudyError when there is none.
    """
    for status, response in operation.raw.get("responses", {}).items():
        if str(status).startswith("2"):
            return str(status), resolved(document, response)
    raise UnderstudyError("no answer with a status of 2xx is described", where=operation.key)


def query_link(create: OperationPlace, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The link from a create's answer to the query; raises UnderstudyError when there is none."""
    links = accepted(create, document)[1].get("links", {})
    named = [resolved(document, link) for link in (links.get(LINK), *links.values()) if link]
    found: Mapping[str, Any] | None = next((link for link in named if "operationId" in link), None)
    if found is None:
        raise UnderstudyError(
            "no link leads from the create's answer to the query",
            where=create.key,
            advice="responses.200.links.query: {operationId: the query's, parameters: {id: …}}",
        )
    return found


def operations_by_id(document: Mapping[str, Any]) -> dict[str, OperationPlace]:
    """Every operation of a document that has an operationId, by it."""
    return {operation.id: operation for operation in all_operations(document) if operation.id}


def operations_of(
    create: OperationPlace, document: Mapping[str, Any], by_id: Mapping[str, OperationPlace] | None = None
) -> FamilyOperations:
    """The operations of the family that `create` starts; raises UnderstudyError when no query is found.

    `by_id`: those of the document, for who asks for many families.
    """
    link = query_link(create, document)
    by_id = operations_by_id(document) if by_id is None else by_id
    query = by_id.get(link["operationId"])
    if query is None:
        raise UnderstudyError(
            f"the link names an unknown operation {link['operationId']!r}",
            where=create.key,
            advice=f"known: {', '.join(by_id)}",
        )
    listing = (document["paths"][create.path]).get("get")
    return FamilyOperations(
        create=create,
        query=query,
        id_parameter=next(iter(link.get("parameters", {})), ""),
        list=OperationPlace("GET", create.path, listing) if isinstance(listing, dict) else None,
    )
