"""Small worlds for the tests of specs: fields, readings and profiles in one line each."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from understudy.specs.model import Evidence, Field, Keyword, Operation, Reading
from understudy.specs.places import path_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.model import ProviderSpec


def make_field(
    place: str, /, *, kind: Any = "declared", line: int = 1, document: str = "acme.md", **words: Any
) -> Field:
    """field("image_list[].image", type="string", required=True)"""
    evidence = Evidence(document, line, kind)
    named = {name.replace("x_", "x-"): value for name, value in words.items() if name != "wording"}
    keywords = tuple(Keyword(name, value, evidence) for name, value in named.items())
    return Field(path_parts(place), keywords, wording=words.get("wording", ""), line=line)


def make_reading(
    path: str = "/v1/things",
    request: tuple[Field, ...] = (),
    responses: dict[str, tuple[Field, ...]] | None = None,
    *,
    method: str = "POST",
    servers: tuple[str, ...] = (),
    examples: tuple[Any, ...] = (),
    **more: Any,
) -> Reading:
    answers = MappingProxyType(responses or {})
    operation = Operation(method, path, request, answers, examples, servers, line=1)
    return Reading("acme.md", "test", (operation,), **more)


def stated(
    spec: ProviderSpec, key: str = "POST /v1/things", body: str = "request"
) -> dict[str, dict[str, Any]]:
    """{"image_list[].image": {"type": "string"}}: what a spec says about each field of a body."""
    operation = spec.operations[key]
    fields = operation.request if body == "request" else operation.responses[body]
    return {
        ".".join(one.path).replace(".[]", "[]"): {word.name: word.value for word in one.keywords}
        for one in fields
    }


@pytest.fixture
def field() -> Callable[..., Field]:
    return make_field


@pytest.fixture
def reading() -> Callable[..., Reading]:
    return make_reading


@pytest.fixture
def says() -> Callable[..., dict[str, dict[str, Any]]]:
    return stated
