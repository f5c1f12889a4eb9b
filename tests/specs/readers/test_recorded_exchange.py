"""Exchanges written as JSON: what is none, and that what is read stands on the document's own lines."""

from __future__ import annotations

import json

import pytest

from understudy.specs.documents import Document
from understudy.specs.errors import UnderstudyError
from understudy.specs.readers import read

EXCHANGE = {
    "operation": "POST /v1/clips",
    "request": {"body": {"words": "a boat"}},
    "response": {"status": 201, "body": {"id": "7"}},
}


def test_fields_stand_on_the_lines_of_their_keys() -> None:
    (operation,) = read(Document("exchange.json", json.dumps(EXCHANGE, indent=1))).operations

    assert [(one.name, one.line) for one in operation.request] == [("words", 5)]
    assert {
        status: [(one.name, one.line) for one in fields] for status, fields in operation.responses.items()
    } == {"201": [("id", 11)]}


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "Makes a clip"},
        {"request": "POST"},
        {"response": [EXCHANGE["response"]]},
    ],
)
def test_json_without_an_address_or_a_body_each_is_no_exchange(changed: dict[str, object]) -> None:
    with pytest.raises(UnderstudyError, match="in no known format"):
        read(Document("exchange.json", json.dumps({**EXCHANGE, **changed})))
