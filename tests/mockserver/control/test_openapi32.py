"""The document as it is played, in OpenAPI 3.2 where that is asked for."""

from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV32SpecValidator
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

DOCUMENT = "/__understudy__/openapi.json"


@pytest.mark.parametrize("provider", ["kling", "fal"])
def test_the_document_is_valid_says_where_it_is_and_keeps_every_operation(provider: str) -> None:
    with mock_account(provider=provider) as mock:
        older, newer = (Client(mock).get(f"{DOCUMENT}?openapi={one}").json for one in ("3.1", "3.2"))
    OpenAPIV32SpecValidator(newer).validate()
    assert (newer["openapi"], newer["$self"]) == ("3.2.0", f"{mock.url}{DOCUMENT}?openapi=3.2")
    assert newer["paths"].items() >= older["paths"].items()


def test_a_stream_of_states_is_described_event_by_event() -> None:
    with mock_account(provider="fal") as mock:
        paths = Client(mock).get(f"{DOCUMENT}?openapi=3.2").json["paths"]
    query = paths["/{owner}/{model}/requests/{id}/status"]["get"]["responses"]["200"]
    events = paths["/{owner}/{model}/requests/{id}/status/stream"]["get"]["responses"]["200"]
    item = events["content"]["text/event-stream"]["itemSchema"]
    assert item["properties"]["data"] == {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": query["content"]["application/json"]["schema"],
    }


def test_a_version_that_is_not_written_is_refused_with_the_known_ones() -> None:
    with mock_account() as mock:
        refused = Client(mock).get(f"{DOCUMENT}?openapi=2.0")
    assert (refused.status, refused.json["error"]) == (
        400,
        "openapi: OpenAPI '2.0' is not written (known: 3.1, 3.2)",
    )
