"""Wire conventions: templates become schemas, and what a provider's mock sends is what its spec promises."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from tests.mocks import mock_account

from understudy.specs import library
from understudy.specs.behaviour.templates import VALUES, schema_of
from understudy.specs.conventions import carry
from understudy.specs.errors import UnderstudyError
from understudy.specs.places import Editor
from understudy.specs.tree import copied, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS = {"status": {"type": "string", "enum": ["submitted", "failed"]}}


@pytest.mark.parametrize(
    ("template", "schema"),
    [
        ("video", {"type": "string", "const": "video"}),
        (0, {"type": "integer", "const": 0}),
        (None, {"type": "null", "const": None}),
        (True, {"type": "boolean", "const": True}),
        ("$id", {"type": "string", "minLength": 1}),
        ("$status", {"type": "string", "enum": ["submitted", "failed"]}),
        ({"$status": {"a": "X", "b": "Y", "*": "X"}}, {"type": "string", "enum": ["X", "Y"]}),
        ({"$status": {"a": "$reason", "*": ""}}, {"type": "string"}),
        (
            {"$status": {"a": 1, "*": "x"}},
            {"anyOf": [{"type": "integer", "const": 1}, {"type": "string", "const": "x"}]},
        ),
        (["$reason"], {"type": "array", "items": {"type": "string"}}),
        ([], {"type": "array", "items": {}}),
        (
            {"id": "$id", "object": "video"},
            {
                "type": "object",
                "required": ["id", "object"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "object": {"type": "string", "const": "video"},
                },
            },
        ),
    ],
)
def test_a_template_becomes_the_schema_of_all_it_can_be_filled_to(template: Any, schema: dict) -> None:
    assert schema_of(template, VALUES | STATUS) == schema


def test_a_template_that_names_an_unknown_value_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnderstudyError, match=r"unknown value '\$colour' .*\$created_at"):
        schema_of({"x": ["$colour"]}, VALUES)


@pytest.fixture
def carried():
    """The canonical document with some conventions carried into it."""

    def carry_into(conventions: dict) -> dict:
        editor = Editor(library.canonical())
        carry(editor, conventions)
        return editor.finished()

    return carry_into


def answer(document: dict, path: str, method: str = "get", status: str = "200") -> Any:
    return resolved(document, document["paths"][path][method]["responses"][status])["content"][
        "application/json"
    ]["schema"]


IMAGES = "/v1/images/multi-image2image"


def test_the_usual_conventions_change_nothing(carried) -> None:
    usual = library.canonical()["x-conventions"]
    assert carried(usual) == library.canonical()


def test_a_success_code_of_another_type_is_promised_in_every_answer(carried) -> None:
    document = carried({"success": {"code": "0"}})
    for path, item in document["paths"].items():
        for method in item:
            body = resolved(document, answer(document, path, method))
            assert body["properties"]["code"] == {"type": "string", "const": "0"}, (path, method)


def test_errors_under_200_make_it_an_alternative_of_every_answer(carried) -> None:
    document = carried({"error": {"http_status": 200, "code": "string"}})
    assert answer(document, IMAGES) == {
        "anyOf": [{"$ref": "#/components/schemas/ImageTaskListed"}, {"$ref": "#/components/schemas/Error"}]
    }
    assert document["components"]["schemas"]["Error"]["properties"]["code"] == {
        "type": "string",
        "pattern": "^[1-9][0-9]*$",
    }


def test_a_template_of_create_moves_the_link_to_the_id(carried) -> None:
    links = {
        "outer": carried({"answers": {"create": {"task": {"id": "$id"}}}}),
        "record": carried({"answers": {"create": {"inner": "$record"}}}),
        "body": carried({"answers": {"create": {"inner": "$body"}}}),
    }
    found = {
        name: document["paths"][IMAGES]["post"]["responses"]["200"]["links"]["query"]["parameters"]["id"]
        for name, document in links.items()
    }
    assert found == {
        "outer": "$response.body#/task/id",
        "record": "$response.body#/inner/task_id",
        "body": "$response.body#/inner/data/task_id",
    }


def test_members_added_to_records_are_promised_in_answers_and_callbacks(carried) -> None:
    document = carried({"record": {"platform_id": "$id"}})
    added = {"type": "string", "minLength": 1}
    schemas = document["components"]["schemas"]
    assert [
        schemas[name]["properties"]["platform_id"] for name in ("CreatedTask", "ImageTask", "VideoTask")
    ] == [added] * 3


def test_a_callback_template_replaces_the_bare_record(carried) -> None:
    document = carried({"answers": {"callback": {"event": "changed", "task": "$record"}}})
    expressions = document["paths"][IMAGES]["post"]["callbacks"]["taskChanged"]
    (item,) = expressions.values()
    assert item["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "type": "object",
        "required": ["event", "task"],
        "properties": {
            "event": {"type": "string", "const": "changed"},
            "task": {"$ref": "#/components/schemas/ImageTask"},
        },
    }


# ---- what the mock of a provider sends is what the provider's effective spec promises ----

REQUESTS = {
    IMAGES: {
        "model_name": "kling-v2-1",
        "n": 1,
        "subject_image_list": [{"subject_image": "https://a.example/b.png"}],
    },
    "/v1/videos/multi-image2video": {
        "model_name": "kling-v1-6",
        "mode": "std",
        "duration": "5",
        "prompt": "two cats",
        "image_list": [{"image": "https://a.example/b.png"}],
    },
}
OWN = {
    "powertokens": {"model_name": "kling-v2"},
    "yutoai": {"subject_image_list": ["https://a.example/b.png"], "scence_image": "https://a.example/c.png"},
}


def conversation(call, prefix: str, path: str, request: dict, advance) -> Iterator[tuple[str, str, int, Any]]:
    """(method, canonical path, status, body) of a small conversation with successes and refusals."""
    status, created = call("POST", prefix + path, request)
    yield "post", path, status, created
    task = created.get("task_id") or created["data"]["task_id"]
    for _ in range(3):
        yield "get", f"{path}/{{id}}", *call("GET", f"{prefix}{path}/{task}")
        advance(100)
    yield "get", path, *call("GET", f"{prefix}{path}?pageNum=1&pageSize=5")
    yield "post", path, *call("POST", prefix + path, {})
    yield "get", f"{path}/{{id}}", *call("GET", f"{prefix}{path}/none")
    yield "get", f"{path}/{{id}}", *call("GET", f"{prefix}{path}/none", key="")


@pytest.mark.parametrize("name", library.profiles())
def test_the_mock_of_a_provider_sends_what_its_effective_spec_promises(name: str) -> None:
    document = library.effective(name)
    prefix = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
    statuses = []
    echoes = []
    with mock_account(name) as mock:
        place = urlsplit(mock.url)

        def call(method: str, path: str, body: Any = None, key: str = mock.api_key) -> tuple[int, Any]:
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Authorization": f"Bearer {key}"} if key else {})
            response = connection.getresponse()
            raw = response.read()
            connection.close()
            return response.status, json.loads(raw)

        for path, request in REQUESTS.items():
            own = OWN.get(name, {}) if path == IMAGES else {}
            asked = {**request, **own, "watermark_info": {"enabled": True}}
            for method, where, status, body in conversation(call, prefix, path, asked, mock.clock.advance):
                responses = document["paths"][where][method]["responses"]
                found = resolved(document, responses.get(str(status), responses["default"]))
                schema = found["content"]["application/json"]["schema"]
                whole = {"allOf": [copied(schema)], "components": document["components"]}
                errors = [str(error) for error in jsonschema_rs.validator_for(whole).iter_errors(body)]
                assert errors == [], (method, where, status, body)
                statuses.append(status)
                echoes.append('"watermark_info":{"enabled":true}' in json.dumps(body, separators=(",", ":")))
    refused = [200, 200, 200] if name == "cometapi" else [400, 400, 401]
    assert statuses == [200, 200, 200, 200, 200, *refused] * 2
    # The switch is echoed where the vendor's record stands unwrapped.
    if name != "newapi":
        assert echoes == [False, True, True, True, True, False, False, False] * 2
