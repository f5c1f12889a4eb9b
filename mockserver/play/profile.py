"""A profile: one provider's effective OpenAPI document, compiled into what the server plays."""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.mockserver.errors import MockError
from understudy.mockserver.play.checks import ParameterCheck, RequestCheck
from understudy.mockserver.play.request_schema import inline, resolve
from understudy.specs import behaviour
from understudy.specs.behaviour.told_headers import key_parameter
from understudy.specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.behaviour import Behaviour, TaskFamily
    from understudy.specs.behaviour.axes import Axes
    from understudy.specs.behaviour.operations import OperationPlace
    from understudy.specs.behaviour.rules import FieldRules
    from understudy.specs.pointers import Path

JSON = "application/json"
IDEMPOTENCY_KEY = "Idempotency-Key"
HONOURED = "The provider documents none: it is honoured here where the scenario `idempotency` strikes."


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFamily:
    """One task family: what it does, where its operations stand, and the checks of their requests.

    `path` is where create and list stand, `/v1/images/…`; query one stands below `query_path`.
    """

    name: str
    behaviour: TaskFamily
    path: str
    query_path: str
    check: RequestCheck
    # What the document declares that a create's body may be.
    media_types: tuple[str, ...]
    parameters: Mapping[str, ParameterCheck]
    # What is refused though the schema takes it; None where there is nothing of the kind.
    rules: FieldRules | None
    # The record of a queried task has a place for the watermark's switch.
    echoes_watermark: bool


@dataclass(frozen=True, eq=False)
class PlayedProfile:
    """One provider as it is played. `prefixes` are paths without a slash at the end: ("/kling", "")."""

    name: str
    title: str
    prefixes: tuple[str, ...]
    families: tuple[CompiledFamily, ...]
    behaviour: Behaviour
    checks_content_type: bool

    @functools.cached_property
    def document(self) -> Mapping[str, Any]:
        """The document with the request schemas as they are played. Made when it is asked for: a document of
        twenty families takes as long as the rest of the start."""
        return played_document(self.behaviour, self.families)


def read_profile(name: str, *, strict: bool = False, textbook: bool = False) -> PlayedProfile:
    """The profile of that name, `canonical` or a provider; raises UnderstudyError when there is none."""
    return build_profile(name, effective(name), strict=strict, textbook=textbook)


def build_profile(
    name: str, document: Mapping[str, Any], *, strict: bool = False, textbook: bool = False
) -> PlayedProfile:
    """A profile from an OpenAPI document with x-task, x-errors and x-conventions; raises UnderstudyError."""
    read = behaviour.read(document, name)
    if not read.refusals.situations:
        advice = "the document must say how requests are refused"
        raise MockError(f"profile {name}: no {behaviour.ERRORS}", advice=advice)
    families = tuple(
        compile_family(family, read, strict=strict, textbook=textbook) for family in read.families
    )
    return PlayedProfile(
        name=name,
        title=read.title,
        prefixes=tuple(dict.fromkeys(prefixes(document))),
        families=families,
        behaviour=read,
        checks_content_type=strict or textbook or read.checks_content_type,
    )


def prefixes(document: Mapping[str, Any]) -> Iterator[str]:
    for server in document.get("servers") or [{"url": "/"}]:
        yield urlsplit(server["url"]).path.rstrip("/")


def compile_family(
    family: TaskFamily, read: Behaviour, *, strict: bool, textbook: bool = False
) -> CompiledFamily:
    if family.axes is not None:
        return compile_described(family, family.axes)
    operations, document = family.operations, read.document
    if not family.places.record and "list" not in read.answers.templates:
        raise MockError(
            f"the record of {family.name} stands in no member, so a list of them has no place",
            where=f"profile {read.name}: x-conventions",
            advice="answers.list: a template with $record",
        )
    schema = inline(operations.create.raw["requestBody"]["content"][JSON]["schema"], document)
    listing = operations.list.raw if operations.list is not None else {}
    names = [name for name in (family.page_number, family.page_size) if name]
    return CompiledFamily(
        name=family.name,
        behaviour=family,
        path=operations.create.path,
        query_path=operations.query.path.rpartition("/")[0],
        check=RequestCheck(schema, strict=strict, numbers=read.numbers_for_texts),
        media_types=tuple(name.lower() for name in operations.create.raw["requestBody"]["content"]),
        parameters=dict(page_parameters(listing, document, names)),
        # The textbook is the schema and nothing beside it.
        rules=None if textbook else family.rules,
        echoes_watermark=has_place(family, document),
    )


def compile_described(family: TaskFamily, axes: Axes) -> CompiledFamily:
    """A family of a described API; its requests have no habit of "" for what is left out."""
    path, schema = next(iter(axes.create.schemas.items()))
    return CompiledFamily(
        name=family.name,
        behaviour=family,
        path=path,
        query_path=axes.query.path,
        check=RequestCheck(schema, verbatim=True),
        media_types=(JSON,),
        parameters={},
        rules=family.rules,
        echoes_watermark=False,
    )


def page_parameters(
    listing: Mapping[str, Any], document: Mapping[str, Any], names: list[str]
) -> Iterator[tuple[str, ParameterCheck]]:
    for declared in listing.get("parameters", ()):
        parameter = resolve(document, declared["$ref"]) if "$ref" in declared else declared
        if parameter["name"] in names:
            schema = inline(parameter.get("schema", {}), document)
            yield parameter["name"], ParameterCheck(parameter["name"], schema)


def has_place(family: TaskFamily, document: Mapping[str, Any]) -> bool:
    """Whether a queried record may hold the watermark's switch where the request has it."""
    switch: Path | None = family.request.get("watermark")
    if switch is None:
        return False
    answer = family.operations.query.raw["responses"]["200"]["content"][JSON]["schema"]
    schema: Any = inline(answer, document)
    if "anyOf" in schema:
        # A provider that answers errors with 200, too: the success comes first.
        schema = schema["anyOf"][0]
    for name in (*(family.answers.record_place("query", family.places.record) or ()), *switch):
        schema = schema.get("properties", {}).get(name) if isinstance(schema, dict) else None
    return schema is not None


def always_there(named: tuple[str, Mapping[str, Any]]) -> bool:
    """Whether a link can be followed from every answer: what the client may leave out cannot."""
    return not any("$request.body" in str(value) for value in named[1].get("parameters", {}).values())


def body_check(operation: OperationPlace, document: Mapping[str, Any]) -> RequestCheck | None:
    """The check of the body of an operation that starts no task; None where it takes none."""
    declared = operation.raw.get("requestBody")
    return None if declared is None else RequestCheck(inline(declared["content"][JSON]["schema"], document))


def played_document(read: Behaviour, families: tuple[CompiledFamily, ...]) -> Mapping[str, Any]:
    """The document with the request schemas as they are played, and the header that creates take here."""
    played = copy.deepcopy(dict(read.document))
    for immediate in read.immediate:
        place = immediate.operation
        check = body_check(place, read.document)
        if check is not None:
            body = played["paths"][place.path][place.method.lower()]["requestBody"]
            body["content"][JSON]["schema"] = check.schema
    for family in families:
        if family.behaviour.axes is not None:
            continue
        create = played["paths"][family.path]["post"]
        create["requestBody"]["content"][JSON]["schema"] = family.check.schema
        create["parameters"] = [*create.get("parameters", ()), key_parameter(IDEMPOTENCY_KEY, HONOURED)]
        for response in create["responses"].values():
            if "links" in response:
                response["links"] = dict(filter(always_there, response["links"].items()))
    return played
