"""The vendor's rules across fields do not hold for a provider that publishes a request which breaks them."""

from __future__ import annotations

import re
from copy import deepcopy
from types import MappingProxyType
from typing import Any

import pytest

from understudy.specs.behaviour.rules import read_rules
from understudy.specs.effective import effective
from understudy.specs.model import Evidence, Field, Keyword, Operation, ProviderSpec
from understudy.specs.normalise.lifted_rules import with_lifted_rules
from understudy.specs.render import provider_document, provider_from

KEY = "POST /v1/clips"
SAID = re.compile(
    rf"its own example of {KEY} breaks the vendor's rule (.*), which is not held against it here\Z"
)
EVIDENCE = Evidence("page.md", 7, "declared")
TASK: dict[str, Any] = {
    "rules": [
        {"id": "R1", "field": "/words", "says": "must not be empty", "must": {"required": ["words"]}},
        {"id": "R2", "field": "/tail", "fails": "blurred", "must": {"not": {"required": ["tail"]}}},
    ],
    "capabilities": {
        "id": "R3",
        "model": "/model",
        "default": "m-1",
        "values": {"seconds": "5"},
        "features": {"sound": {"required": ["sound"]}},
        "models": {"m-1": {"seconds": ["5"], "sound": False}, "m-2": {"seconds": ["5", "10"]}},
    },
}
CANONICAL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "canonical", "version": "1"},
    "paths": {
        "/v1/clips": {
            "post": {
                "x-task": TASK,
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"200": {"description": ""}},
            }
        }
    },
}


def spec_with(*examples: Any, aliases: Any = None) -> ProviderSpec:
    field = Field(("words",), (Keyword("type", "string", EVIDENCE),))
    operation = Operation("POST", "/v1/clips", (field,), examples=examples, line=3)
    renamed = {KEY: MappingProxyType(aliases)} if aliases else {}
    return with_lifted_rules(ProviderSpec("seller", "Seller", {KEY: operation}, aliases=renamed), CANONICAL)


@pytest.mark.parametrize(
    ("example", "lifted"),
    [
        ({"words": "a boat"}, ()),
        ({"words": "a boat", "seconds": 5}, ()),  # a table of texts, and a provider that sends numbers
        ({"model": "m-2"}, ("R1",)),
        ({"words": "a boat", "tail": "a.png"}, ()),  # such a task is taken, and fails
        ({"words": "a boat", "model": "m-1", "seconds": "10"}, ("R3:m-1",)),
        ({"words": "a boat", "sound": True}, ("R3:m-1",)),
        ({"words": "a boat", "model": "m-3", "sound": True}, ()),
        ({"words": "a boat", "seconds": "<SECONDS>"}, ()),  # a placeholder is nothing that is sent
        ({"words": "string", "seconds": "10"}, ()),  # nor are types
    ],
)
def test_rules_that_an_own_example_breaks_are_lifted(example: Any, lifted: tuple[str, ...]) -> None:
    spec = spec_with(example)
    assert spec.operations[KEY].lifted == lifted
    task = effective(CANONICAL, spec)["paths"]["/v1/clips"]["post"]["x-task"]
    assert not lifted or read_rules(task, KEY).refusal(example) is None


def test_only_what_the_example_breaks_is_lifted_and_each_is_told() -> None:
    before = deepcopy(CANONICAL)
    spec = spec_with({"model": "m-2"}, {"words": "a boat", "seconds": "10"})

    task = effective(CANONICAL, spec)["paths"]["/v1/clips"]["post"]["x-task"]

    assert ([rule["id"] for rule in task["rules"]], list(task["capabilities"]["models"])) == (["R2"], ["m-2"])
    assert {(note.kind, note.document, note.line) for note in spec.notes} == {("contradiction", "page.md", 3)}
    assert [(note.field, *SAID.findall(note.text)) for note in spec.notes] == [
        (("words",), "R1 (words must not be empty)"),
        (("seconds",), "R3 (seconds 10 is none of m-1, supported values: 5)"),
    ]
    assert before == CANONICAL


def test_rules_are_held_to_the_vendors_names() -> None:
    words = {("words",): "text"}
    assert spec_with({"text": "a boat"}, aliases=words).operations[KEY].lifted == ()
    assert spec_with({"texts": "a boat"}, aliases=words).operations[KEY].lifted == ("R1",)


def test_what_was_lifted_stays_where_the_document_is_not_at_hand() -> None:
    once = spec_with({"model": "m-2"})
    read = provider_from(provider_document(once, ["page.md"]), "seller")
    assert with_lifted_rules(read, CANONICAL).operations[KEY].lifted == ("R1",)
