"""A profile: one provider's effective OpenAPI document, compiled into what the server plays."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.checks import ParameterCheck, RequestCheck, inline, resolve
from mockserver.errors import MockError
from mockserver.lifecycle import Lifecycle, read_lifecycle
from specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = "application/json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One task family: its three operations and everything that is compiled for them.

    `path` is where create and list stand, `/v1/images/…`; query one stands below it.
    """

    name: str
    path: str
    query_path: str
    life: Lifecycle
    check: RequestCheck
    parameters: Mapping[str, ParameterCheck]
    # The record of a queried task has a place for the watermark's switch.
    echoes_watermark: bool


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One provider as it is played. `prefixes` are paths without a slash at the end: ("/kling", "")."""

    name: str
    title: str
    prefixes: tuple[str, ...]
    families: tuple[Family, ...]
    errors: Mapping[str, Mapping[str, Any]]
    conventions: Mapping[str, Any]
    # The document with the request schemas as they are played.
    document: Mapping[str, Any]


def read_profile(name: str, *, strict: bool = False) -> Profile:
    """The profile of that name, `canonical` or a provider; raises UnderstudyError when there is none."""
    document = effective(name)
    return build_profile(name, document, strict=strict)


def build_profile(name: str, document: Mapping[str, Any], *, strict: bool = False) -> Profile:
    """A profile from an OpenAPI document with x-task, x-errors and x-conventions."""
    families = tuple(
        read_family(path, item, document, strict=strict)
        for path, item in document["paths"].items()
        if "x-task" in item.get("post", {})
    )
    if not families:
        raise MockError(f"profile {name}: no operation has x-task", advice="there is nothing to play")
    if "x-errors" not in document:
        raise MockError(
            f"profile {name}: no x-errors", advice="the document must say how requests are refused"
        )
    return Profile(
        name=name,
        title=document.get("info", {}).get("title", name),
        prefixes=tuple(dict.fromkeys(prefixes(document))),
        families=families,
        errors=document["x-errors"],
        conventions=document.get("x-conventions", {}),
        document=played_document(document, families),
    )


def prefixes(document: Mapping[str, Any]) -> Iterator[str]:
    for server in document.get("servers") or [{"url": "/"}]:
        yield urlsplit(server["url"]).path.rstrip("/")


def read_family(path: str, item: Mapping[str, Any], document: Mapping[str, Any], *, strict: bool) -> Family:
    post = item["post"]
    life = read_lifecycle(post["x-task"])
    schema = inline(post["requestBody"]["content"][JSON]["schema"], document)
    query_path, query = linked_query(post, document, life.family)
    listing = item.get("get", {})
    names = [p for p in (life.page_number, life.page_size) if p]
    return Family(
        name=life.family,
        path=path,
        query_path=query_path.rpartition("/")[0],
        life=life,
        check=RequestCheck(schema, strict=strict),
        parameters=dict(page_parameters(listing, document, names)),
        echoes_watermark=has_place(query, document, life),
    )


def linked_query(
    post: Mapping[str, Any], document: Mapping[str, Any], family: str
) -> tuple[str, Mapping[str, Any]]:
    """The query operation, found by the link of the create answer; (path, operation)."""
    wanted = {
        link["operationId"]
        for response in post["responses"].values()
        for link in response.get("links", {}).values()
        if "operationId" in link
    }
    for path, item in document["paths"].items():
        operation = item.get("get", {})
        if operation.get("operationId") in wanted and path.endswith("}"):
            return path, operation
    raise MockError(f"family {family}: the create answer links to no query operation")


def page_parameters(
    listing: Mapping[str, Any], document: Mapping[str, Any], names: list[str]
) -> Iterator[tuple[str, ParameterCheck]]:
    for declared in listing.get("parameters", ()):
        parameter = resolve(document, declared["$ref"]) if "$ref" in declared else declared
        if parameter["name"] in names:
            schema = inline(parameter.get("schema", {}), document)
            yield parameter["name"], ParameterCheck(parameter["name"], schema)


def has_place(query: Mapping[str, Any], document: Mapping[str, Any], life: Lifecycle) -> bool:
    """Whether a queried record may hold the watermark's switch where the request has it."""
    schema: Any = inline(query["responses"]["200"]["content"][JSON]["schema"], document)
    if "anyOf" in schema:
        # A provider that answers errors with 200, too: the success comes first.
        schema = schema["anyOf"][0]
    template = document.get("x-conventions", {}).get("answers", {}).get("query", "$body")
    for name in (*(record_place(template, life.record) or ()), *life.request.get("watermark", ("",))):
        schema = schema.get("properties", {}).get(name) if isinstance(schema, dict) else None
    return schema is not None


def record_place(template: Any, record: tuple[str, ...]) -> tuple[str, ...] | None:
    """Where the vendor's record stands in an answer of this template; `record` is its place in `$body`."""
    if template in ("$body", "$record"):
        return record if template == "$body" else ()
    for name, part in template.items() if isinstance(template, dict) else ():
        place = record_place(part, record)
        if place is not None:
            return (name, *place)
    return None


def always_there(named: tuple[str, Mapping[str, Any]]) -> bool:
    """Whether a link can be followed from every answer: what the client may leave out cannot."""
    return not any("$request.body" in str(value) for value in named[1].get("parameters", {}).values())


def played_document(document: Mapping[str, Any], families: tuple[Family, ...]) -> Mapping[str, Any]:
    """The document with each request schema replaced by the one that is played, and this server's places."""
    played = copy.deepcopy(dict(document))
    played["servers"] = [{"url": prefix or "/"} for prefix in dict.fromkeys(prefixes(document))]
    for family in families:
        body = played["paths"][family.path]["post"]["requestBody"]["content"][JSON]
        body["schema"] = family.check.schema
        for response in played["paths"][family.path]["post"]["responses"].values():
            if "links" in response:
                response["links"] = dict(filter(always_there, response["links"].items()))
    return played
