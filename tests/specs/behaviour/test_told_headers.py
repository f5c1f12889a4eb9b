"""What a description says of idempotency keys and limits is in its OpenAPI document, and in the answers."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from understudy.contracts.sample import SampleClient
from understudy.contracts.testing import mock_server
from understudy.specs import library
from understudy.specs.behaviour.openapi import document_of
from understudy.specs.tree import copied


def description(**more: Any) -> dict[str, Any]:
    """BFL's description with other limits or keys."""
    return {**copied(library.effective("bfl")["x-behaviour"]), **more}


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


@pytest.mark.parametrize(
    ("same", "words"),
    [
        ("replay", "makes no second task"),
        ("reject", "is refused"),
        ("ignore", "makes a second task"),
    ],
)
def test_creates_take_the_key_and_say_what_a_repetition_gets(same: str, words: str) -> None:
    document = document_of(description(idempotency={"header": "Idempotency-Key", "same": same}))
    told = [
        [parameter for parameter in operation.get("parameters", []) if parameter["name"] == "Idempotency-Key"]
        for operation in operations(document)
    ]
    for operation, parameters in zip(operations(document), told, strict=True):
        assert len(parameters) == ("requestBody" in operation)
        assert [p["in"] for p in parameters] == ["header"] * len(parameters)
        assert all(words in p["description"] for p in parameters)
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_without_a_rule_no_header_is_told() -> None:
    document = document_of({k: v for k, v in description().items() if k not in ("limits", "idempotency")})
    assert "headers" not in str([row["responses"] for row in operations(document)])


def test_answers_have_the_limit_headers_that_the_document_tells() -> None:
    told = {
        name.lower()
        for operation in operations(copied(library.effective("bfl")))
        for response in operation["responses"].values()
        for name in response.get("headers", {})
    }
    with mock_server("bfl") as server:
        client = SampleClient(server.account())
        answer = client.create()
    assert told == {"x-ratelimit-limit", "x-ratelimit-remaining"}
    assert {name: int(answer.headers[name]) for name in told} == {
        "x-ratelimit-limit": 24,
        "x-ratelimit-remaining": 23,
    }
