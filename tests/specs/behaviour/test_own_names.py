"""Rules speak of the vendor's fields; a provider that calls them otherwise is held to them all the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.behaviour.own_names import OwnNames
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.effective import effective
from understudy.specs.model import Evidence, Field, Keyword, Operation, ProviderSpec

TASK: dict[str, Any] = {
    "request": {"model": "/model_name"},
    "rules": [
        {
            "id": "R1", "field": "/shots/0/words", "says": "must not be empty",
            "when": {"required": ["model_name"]},
            "must": {"properties": {"shots": {"items": {"required": ["words"]}}}},
            "breaks": {"model_name": "m-1", "shots": [{}]}, "passes": {"shots": [{"words": "a"}]},
        },
        {"id": "R2", "field": "/total", "says": "is no sum",
         "sum": {"of": "/shots/[]/seconds", "equals": "/total"}},
    ],
    "capabilities": {
        "id": "R3", "model": "/model_name", "default": "m-1",
        "features": {"sound": {"required": ["sound"]}},
        "models": {"m-1": {"sound": False}, "m-2": {}},
    },
}  # fmt: skip
ALIASES = {
    ("model_name",): "model", ("sound",): "audio", ("shots",): "scenes", ("shots", "[]", "words"): "text",
}  # fmt: skip
NAMES = OwnNames(ALIASES)


def breaches(request: Any) -> list[tuple[str, tuple[str, ...], str]]:
    pointers = {"/" + "/".join(place): name for place, name in ALIASES.items()}
    rules = read_rules({**TASK, "aliases": pointers}, "x")
    assert rules is not None
    return [(one.rule.id, one.place, one.says) for one in rules.breaches(request)]


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ({"model": "m-2", "audio": True}, []),
        ({"model": "m-1", "audio": True}, [("R3", ("audio",), "is not supported by m-1")]),
        ({"audio": True}, [("R3", ("audio",), "is not supported by m-1")]),
        ({"model": "m-2", "scenes": [{"text": "a"}]}, []),
        ({"model": "m-2", "scenes": [{}]}, [("R1", ("scenes", "0", "text"), "must not be empty")]),
        ({"scenes": [{"seconds": 2}, {"seconds": 3}], "total": 5}, []),
        ({"scenes": [{"seconds": 2}, {"seconds": 3}], "total": 6}, [("R2", ("total",), "is no sum")]),
    ],
)
def test_requests_with_own_names_are_held_to_the_vendors_rules(request_: Any, found: list[Any]) -> None:
    assert breaches(request_) == found


def test_examples_of_rules_have_the_providers_names() -> None:
    rules = read_rules({**TASK, "aliases": {"/model_name": "model", "/shots": "scenes"}}, "x")
    assert rules is not None
    assert (rules.rules[0].breaks, rules.rules[0].passes) == (
        {"model": "m-1", "scenes": [{}]},
        {"scenes": [{"words": "a"}]},
    )


def test_effective_spec_of_a_provider_with_a_name_of_its_own_says_so_to_the_rules() -> None:
    """And the pointers of the lifecycle are the provider's."""
    schema = {
        "type": "object",
        "properties": {"model_name": {"type": "string"}, "sound": {"type": "boolean"}},
        "examples": [{"model_name": "m-2", "sound": True}],
    }
    post = {
        "x-task": TASK,
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": ""}},
    }
    canonical = {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/v1/c": {"post": post}},
    }
    field = Field(("model_name",), (Keyword("type", "string", Evidence("page.md", 1, "declared")),))
    spec = ProviderSpec(
        "s", "S", {"POST /v1/c": Operation("POST", "/v1/c", (field,))},
        aliases={"POST /v1/c": {("model_name",): "model"}},
    )  # fmt: skip

    create = effective(canonical, spec)["paths"]["/v1/c"]["post"]

    task, body = create["x-task"], create["requestBody"]["content"]["application/json"]["schema"]
    assert body["examples"] == [{"model": "m-2", "sound": True}]
    assert (task["request"], task["capabilities"]["model"]) == ({"model": "/model"}, "/model_name")
    rules = read_rules(task, "x")
    assert rules is not None
    assert rules.fits({"model": "m-2", "sound": True})
    assert not rules.fits({"model": "m-1", "sound": True})


def test_pointers_and_templates_get_the_providers_names() -> None:
    behaviour = {
        "request": {"model": "/model_name", "count": "/n"},
        "field": "/sound",
        "cost": [{"field": "/shots/[]/words", "default": "/sound"}],
        "answer": {"said": "$request.model_name", "all": ["$request.sound", "$id"]},
        "whole": "$request.sound",
    }
    NAMES.retarget(behaviour)
    assert behaviour == {
        "request": {"model": "/model", "count": "/n"},
        "field": "/audio",
        "cost": [{"field": "/scenes/[]/text", "default": "/audio"}],
        "answer": {"said": "$request.model", "all": ["$request.audio", "$id"]},
        "whole": "$request.audio",
    }


MEMBERS = st.sampled_from(["model_name", "sound", "shots", "words", "other"])
BODIES = st.recursive(
    st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=12,
)


@given(BODIES)
def test_names_there_and_back(body: Any) -> None:
    assert NAMES.vendors(NAMES.own(body)) == body


@given(BODIES)
def test_without_other_names_a_request_is_as_it_was(body: Any) -> None:
    assert OwnNames({}).vendors(body) == body == OwnNames({}).own(body)
