"""A provider's effective spec: what it states replaces, what it is silent about inherits and is marked."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from understudy.specs import library, overlay
from understudy.specs.effective import effective
from understudy.specs.model import Evidence, Field, Keyword, Operation, Parameter, ProviderSpec
from understudy.specs.tree import copied, resolved, same

KEY = "POST /v1/things"
PAGE = {"$ref": "#/components/parameters/page"}
CANONICAL = {
    "openapi": "3.1.0",
    "info": {"title": "Canonical", "version": "1"},
    "servers": [{"url": "/"}],
    "paths": {
        "/v1/things": {
            "post": {
                "operationId": "make",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}
                },
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Made"}}},
                    },
                    "400": {"$ref": "#/components/responses/Refused"},
                },
                "x-task": {
                    "request": {"model": "/model_name", "prompt": "/prompt"},
                    "result": {"count": {"field": "/n", "default": 1}},
                },
            },
            "get": {
                "operationId": "list",
                "parameters": [
                    {"$ref": "#/components/parameters/page"},
                    {"$ref": "#/components/parameters/size"},
                ],
                "responses": {"200": {"description": ""}},
            },
            "delete": {
                "parameters": [{"$ref": "#/components/parameters/page"}],
                "responses": {"200": {"description": ""}},
            },
        }
    },
    "components": {
        "parameters": {
            name: {"name": name, "in": "query", "schema": {"type": "integer", "maximum": 500, "default": 30}}
            for name in ("page", "size")
        },
        "responses": {
            "Refused": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
        "schemas": {
            "Request": {
                "type": "object",
                "required": ["list"],
                "properties": {
                    "model_name": {
                        "type": "string",
                        "enum": ["m1", "m2"],
                        "default": "m2",
                        "x-dated": "11",
                    },
                    "prompt": {"type": "string", "maxLength": 2500},
                    "n": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1},
                    "list": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["image"],
                            "properties": {
                                "image": {"type": "string", "x-image": {"min_side": 300, "formats": ["png"]}}
                            },
                        },
                    },
                    "mark": {"$ref": "#/components/schemas/Mark"},
                    "stamp": {"$ref": "#/components/schemas/Mark"},
                },
            },
            "Mark": {"type": "object", "properties": {"enabled": {"type": "boolean"}}},
            "Made": {
                "type": "object",
                "required": ["code", "data"],
                "properties": {
                    "code": {"type": "integer", "const": 0},
                    "data": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
                },
            },
        },
    },
}


def provider(
    *request: Field, responses: dict[str, tuple[Field, ...]] | None = None, **more: Any
) -> ProviderSpec:
    operation = Operation("POST", "/v1/things", request, MappingProxyType(responses or {}))
    return ProviderSpec("acme", "Acme", MappingProxyType({KEY: operation}), **more)


def schema(document: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"]["Request"]


@pytest.mark.parametrize(
    ("name", "words", "becomes"),
    [
        # of silence, everything is inherited, unchanged
        ("n", {}, {"type": "integer", "minimum": 1, "maximum": 9, "default": 1}),
        # said: replaces, keyword by keyword
        ("n", {"maximum": 4}, {"type": "integer", "minimum": 1, "maximum": 4, "default": 1}),
        # an inherited default outside the stated enum is dropped
        ("model_name", {"enum": ["m1"]}, {"type": "string", "enum": ["m1"], "x-dated": "11"}),
        # the same names in another order change nothing
        (
            "model_name",
            {"enum": ["m2", "m1"]},
            {"type": "string", "enum": ["m1", "m2"], "default": "m2", "x-dated": "11"},
        ),
        # limits of another type are dropped
        ("n", {"type": "string"}, {"type": "string"}),
        ("n", {"type": "string", "enum": ["1", "2"]}, {"type": "string", "enum": ["1", "2"]}),
        # an inherited limit that leaves no value, or a default beyond the limits, is dropped
        ("n", {"minimum": 20}, {"type": "integer", "minimum": 20}),
    ],
)
def test_what_is_stated_replaces_what_is_inherited(field, name: str, words: dict, becomes: dict) -> None:
    made = effective(CANONICAL, provider(field(name, **words)))
    assert schema(made)["properties"][name] == becomes


def test_what_is_not_mentioned_is_kept_and_marked(field) -> None:
    made = effective(CANONICAL, provider(field("n"), field("list")))
    marked = {n for n, node in schema(made)["properties"].items() if "x-undocumented" in resolved(made, node)}
    assert marked == {"model_name", "prompt", "mark", "stamp"}
    assert made["paths"]["/v1/things"]["get"]["x-undocumented"] is True
    assert made["paths"]["/v1/things"]["post"]["responses"]["200"]["x-undocumented"] is True
    assert "x-undocumented" not in made["paths"]["/v1/things"]["post"]


def test_a_shared_schema_is_changed_only_where_it_is_meant(field) -> None:
    made = effective(CANONICAL, provider(field("mark"), field("mark.enabled", default=True), field("stamp")))
    assert schema(made)["properties"]["mark"]["properties"]["enabled"] == {"type": "boolean", "default": True}
    assert schema(made)["properties"]["stamp"] == {"$ref": "#/components/schemas/Mark"}
    assert made["components"]["schemas"]["Mark"] == CANONICAL["components"]["schemas"]["Mark"]


@pytest.mark.parametrize(
    ("says", "required"),
    [
        ({"n": True, "list": True}, ["n", "list"]),
        ({"list": False}, None),
        ({"list": None}, ["list"]),
        ({}, ["list"]),
    ],
)
def test_required_is_what_the_provider_requires_and_the_rest_inherits(
    field, says: dict, required: list | None
) -> None:
    fields = [field(name, **({} if value is None else {"required": value})) for name, value in says.items()]
    assert schema(effective(CANONICAL, provider(field("prompt"), *fields))).get("required") == required


def test_an_answers_field_that_is_not_mentioned_was_not_promised(field) -> None:
    made = effective(CANONICAL, provider(responses={"200": (field("code", required=True),)}))
    answer = made["paths"]["/v1/things"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer = made["components"]["schemas"]["Made"] if "$ref" in answer else answer
    assert answer["required"] == ["code"]
    assert answer["properties"]["data"]["x-undocumented"] is True


def test_a_code_of_several_types_loses_the_constant(field) -> None:
    made = effective(CANONICAL, provider(responses={"200": (field("code", type=["integer", "string"]),)}))
    assert made["components"]["schemas"]["Made"]["properties"]["code"] == {"type": ["integer", "string"]}


def test_a_stated_enum_replaces_an_inherited_constant(field) -> None:
    made = effective(CANONICAL, provider(responses={"200": (field("code", enum=[0, 200]),)}))
    assert made["components"]["schemas"]["Made"]["properties"]["code"] == {
        "type": "integer",
        "enum": [0, 200],
    }


def test_a_stated_default_drops_the_inherited_keywords_that_refuse_it(field) -> None:
    made = effective(
        CANONICAL, provider(field("n", default=12), field("model_name", default="m9", type="string"))
    )
    assert schema(made)["properties"]["n"] == {"type": "integer", "minimum": 1, "default": 12}
    assert schema(made)["properties"]["model_name"] == {"type": "string", "default": "m9", "x-dated": "11"}


def test_a_field_of_its_own_is_added(field) -> None:
    made = effective(CANONICAL, provider(field("seed", type="integer", required=True), field("list")))
    assert schema(made)["properties"]["seed"] == {"type": "integer"}
    assert schema(made)["required"] == ["list", "seed"]


def test_plain_items_take_the_schema_of_the_only_field_inside(field) -> None:
    made = effective(CANONICAL, provider(field("list", type="array"), field("list[]", type="string")))
    assert schema(made)["properties"]["list"]["items"] == {
        "type": "string",
        "x-image": {"min_side": 300, "formats": ["png"]},
        "x-item-of": "image",
    }


def test_an_extension_is_changed_key_by_key(field) -> None:
    spec = provider(field("list"), field("list[]"), field("list[].image", x_image={"min_side": 200}))
    made = effective(CANONICAL, spec)
    image = schema(made)["properties"]["list"]["items"]["properties"]["image"]
    assert image["x-image"] == {"min_side": 200, "formats": ["png"]}


def test_an_alias_stands_at_its_place_under_the_providers_name_and_in_the_lifecycle(field) -> None:
    spec = provider(
        field("model_name", required=True),
        field("list"),
        aliases={KEY: {("model_name",): "model", ("n",): "count"}},
    )
    made = effective(CANONICAL, spec)
    assert list(schema(made)["properties"]) == ["model", "prompt", "count", "list", "mark", "stamp"]
    assert schema(made)["properties"]["model"]["x-alias-of"] == "model_name"
    assert schema(made)["required"] == ["model", "list"]
    task = made["paths"]["/v1/things"]["post"]["x-task"]
    assert task["request"] == {"model": "/model", "prompt": "/prompt"}
    assert task["result"]["count"] == {"field": "/count", "default": 1}


def test_servers_title_and_conventions_are_the_providers(field) -> None:
    spec = provider(field("n"), servers=("https://a/kling",), conventions={"success": {"code": "0"}})
    base = library.canonical() | {"x-conventions": {"success": {"code": 0, "message": "SUCCEED"}}}
    made = effective(base, spec)
    assert made["servers"] == [{"url": "https://a/kling"}]
    assert made["info"]["title"] == "Acme"
    assert made["x-conventions"] == {"success": {"code": "0", "message": "SUCCEED"}}


def test_a_provider_without_documents_leaves_everything_unpromised() -> None:
    made = effective(CANONICAL, ProviderSpec("acme", "Acme", MappingProxyType({})))
    assert made["components"] == CANONICAL["components"]
    assert [op["x-undocumented"] for op in made["paths"]["/v1/things"].values()] == [True, True, True]


def test_parameters_follow_the_same_rules(field) -> None:
    stated = Operation(
        "GET",
        "/v1/things",
        parameters=(
            Parameter("query", field("size", maximum=100, required=True)),
            Parameter("query", field("state", type="string")),
            Parameter("header", field("X-Trace", type="string")),
        ),
    )
    made = effective(CANONICAL, ProviderSpec("acme", "Acme", MappingProxyType({"GET /v1/things": stated})))
    validate(made)
    page, size, state = (resolved(made, one) for one in made["paths"]["/v1/things"]["get"]["parameters"])
    assert page == {**CANONICAL["components"]["parameters"]["page"], "x-undocumented": True}
    assert (size["schema"]["maximum"], size["required"]) == (100, True)
    assert "default" in size["schema"]
    assert state == {"name": "state", "in": "query", "schema": {"type": "string"}}
    assert made["components"]["parameters"]["page"] == CANONICAL["components"]["parameters"]["page"]


def test_a_request_of_which_nothing_is_said_is_marked_as_a_whole() -> None:
    made = effective(CANONICAL, provider())
    assert made["paths"]["/v1/things"]["post"]["requestBody"]["x-undocumented"] is True
    assert made["components"] == CANONICAL["components"]


def test_an_operation_that_the_vendor_does_not_know_is_added_as_documented(field) -> None:
    own = Operation("PUT", "/v1/things/{id}", (field("list[].name", type="string", required=True),))
    made = effective(CANONICAL, ProviderSpec("acme", "Acme", MappingProxyType({"PUT /v1/things/{id}": own})))
    validate(made)
    item = {"properties": {"name": {"type": "string"}}, "required": ["name"]}
    schema = {"type": "object", "properties": {"list": {"items": item}}}
    assert made["paths"]["/v1/things/{id}"]["put"] == {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"default": {"description": "", "x-undocumented": True}},
        "x-not-the-vendors": True,
    }


# ---- the law, for whatever a provider may say ----

EVIDENCE = Evidence("acme.md", 1, "declared")
PLACES = [
    "model_name",
    "prompt",
    "n",
    "list",
    "list.[]",
    "list.[].image",
    "mark",
    "mark.enabled",
    "seed",
    "deep.er",
]
WORDS = {
    "type": st.sampled_from(["string", "integer", "array", "object", ["string", "null"]]),
    "enum": st.lists(st.sampled_from(["m1", "m2", "m3", 1]), unique=True),
    "default": st.sampled_from(["m1", 3, None]),
    "minimum": st.integers(-1, 20),
    "maximum": st.integers(-1, 20),
    "maxLength": st.integers(0, 5000),
    "required": st.booleans(),
    "x-image": st.fixed_dictionaries({"min_side": st.integers(1, 500)}),
}
keywords = st.fixed_dictionaries({}, optional=WORDS).map(
    lambda said: tuple(Keyword(name, value, EVIDENCE) for name, value in said.items())
)
fields = st.lists(st.tuples(st.sampled_from(PLACES), keywords), unique_by=lambda one: one[0]).map(
    lambda several: tuple(Field(tuple(place.split(".")), words) for place, words in several)
)


@given(fields, fields, st.sampled_from([{}, {("model_name",): "model"}, {("list",): "images"}]))
def test_the_overlay_of_any_provider_gives_its_effective_spec(request_fields, answer_fields, aliases) -> None:
    before = copied(CANONICAL)
    spec = provider(*request_fields, responses={"200": answer_fields}, aliases={KEY: aliases})
    made = effective(CANONICAL, spec)
    info = {"title": "Acme", "version": "1"}
    assert same(overlay.apply(CANONICAL, overlay.between(CANONICAL, made, info)), made)
    assert same(CANONICAL, before)
    assert same(effective(CANONICAL, spec), made)
