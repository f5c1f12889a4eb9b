"""Portability: the intersection of what is taken, the union of what is answered, and who disagrees."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from understudy.specs import library
from understudy.specs.cli.portable_tables import as_data, as_markdown
from understudy.specs.portability import AnswerField, portability

KEY = "POST /v1/things"


def document(
    request: dict[str, Any], answer: Any = None, required: tuple[str, ...] = (), **more: Any
) -> dict:
    body = {"type": "object", "properties": request, "required": list(required)}
    responses = {"200": {"content": {"application/json": {"schema": answer or {}}}}}
    operation = {"requestBody": {"content": {"application/json": {"schema": body}}}, "responses": responses}
    return {"paths": {"/v1/things": {"post": operation}}, **more}


def requests(**documents: dict) -> dict[str, tuple]:
    """{"n": (what to send, within, why not)} of the portable request."""
    (operation,) = portability(documents).operations
    return {
        ".".join(one.path): (
            one.send,
            one.schema,
            *one.conflicts,
            *(f"? {name}" for name in one.undocumented),
        )
        for one in operation.request
    }


def test_limits_meet_in_the_strictest() -> None:
    assert requests(
        a=document({"n": {"type": "integer", "minimum": 1, "maximum": 9}}),
        b=document({"n": {"type": "integer", "minimum": 0, "maximum": 4}}),
    ) == {"n": ("may", {"type": "integer", "minimum": 1, "maximum": 4})}


def test_enums_meet_in_the_names_that_all_have() -> None:
    found = requests(
        a=document({"m": {"enum": ["x", "y"]}}),
        b=document({"m": {"enum": ["y", "z"]}}),
        c=document({"m": {}}),
    )
    assert found == {"m": ("may", {"enum": ["y"]})}


def test_required_by_one_is_sent_to_all() -> None:
    found = (
        portability({"a": document({"m": {}}, required=("m",)), "b": document({"m": {}})})
        .operations[0]
        .request
    )
    assert [(one.send, one.required_by) for one in found] == [("required", ("a",))]


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ({"enum": ["x"]}, {"enum": ["y"]}, "value: x (a), y (b)"),
        ({"type": "string"}, {"type": "integer"}, "type: string (a), integer (b)"),
        ({"minimum": 5}, {"maximum": 4}, "no value is at least 5 and at most 4"),
    ],
)
def test_where_no_value_satisfies_all_it_says_who_wants_what(one: dict, other: dict, conflict: str) -> None:
    found = requests(a=document({"m": one}, required=("m",)), b=document({"m": other}))
    assert (found["m"][0], found["m"][2:]) == ("impossible", (conflict,))
    optional = requests(a=document({"m": one}), b=document({"m": other}))
    assert optional["m"][0] == "avoid"


def test_a_field_of_two_names_cannot_be_sent_to_both() -> None:
    found = requests(a=document({"scene": {}}), b=document({"scence": {"x-alias-of": "scene"}}))
    assert (found["scene"][0], found["scene"][2:]) == ("avoid", ("name: scene (a), scence (b)",))


def test_what_somebody_does_not_document_is_left_out_with_all_that_is_in_it() -> None:
    mark = {"type": "object", "properties": {"on": {"type": "boolean"}}}
    found = requests(a=document({"mark": mark}), b=document({"mark": {**mark, "x-undocumented": True}}))
    assert found == {
        "mark": ("avoid", {"type": "object"}, "? b"),
        "mark.on": ("avoid", {"type": "boolean"}),
    }


def test_an_operation_counts_for_those_who_document_it() -> None:
    silent = document({"m": {"enum": ["z"]}})
    silent["paths"]["/v1/things"]["post"]["x-undocumented"] = True
    (operation,) = portability({"a": document({"m": {"enum": ["x"]}}), "b": silent}).operations
    assert operation.providers == ("a",)
    assert operation.request[0].schema == {"enum": ["x"]}
    assert portability({"b": silent}).operations == ()


def answer(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def test_answers_unite_types_values_and_absence() -> None:
    usual = answer({"code": {"type": "integer", "const": 0}}, "code")
    texts = answer({"code": {"type": ["string", "null"], "enum": ["0", None]}, "id": {}})
    failed = answer({"code": {"type": "string", "const": "9"}}, "code")
    documents = {"a": document({}, usual), "b": document({}, {"anyOf": [texts, failed]})}
    (operation,) = portability(documents).operations
    assert operation.answer == (
        AnswerField(("code",), ("integer", "string", "null"), (0, "0", None, "9"), ("b",)),
        AnswerField(("id",), (), (), ("a", "b")),
    )


def test_a_provider_that_wraps_its_answers_is_heard_though_it_documents_nothing() -> None:
    usual = answer({"code": {"type": "integer"}}, "code")
    wrapped = answer({"data": usual}, "data")
    gateway = document({}, wrapped, **{"x-conventions": {"answers": {"create": {"data": "$body"}}}})
    gateway["paths"]["/v1/things"]["post"]["x-undocumented"] = True
    (operation,) = portability({"a": document({}, usual), "g": gateway}).operations
    assert [(one.path, one.absent_from) for one in operation.answer] == [
        (("data",), ("a",)),
        (("data", "code"), ("a",)),
        (("code",), ("g",)),
    ]


# ---- the providers that ship with the package ----


DIFFERENT_MODELS = (
    "value: kling-v2 or kling-v2-1 (chainhub, cometapi, yutoai), kling-v2-1 (kling), kling-v2 (powertokens)"
)


@pytest.fixture(scope="module")
def shipped():
    """Portability of all providers of the package."""
    return portability({name: library.effective(name) for name in library.providers()})


def test_no_model_name_satisfies_all_and_it_says_by_whom(shipped) -> None:
    image = next(one for one in shipped.operations if one.key == "POST /v1/images/multi-image2image")
    model = next(one for one in image.request if one.path == ("model_name",))
    assert (model.send, model.schema["enum"], model.required_by) == (
        "impossible",
        [],
        ("chainhub", "powertokens", "yutoai"),
    )
    assert model.conflicts == (DIFFERENT_MODELS,)
    items = next(one for one in image.request if one.path == ("subject_image_list", "[]"))
    assert items.conflicts == ("type: object (chainhub, cometapi, kling, powertokens), string (yutoai)",)


def test_a_video_request_that_names_what_the_resellers_require_satisfies_all(shipped) -> None:
    """KLING.md: model_name, mode and duration beside what the vendor requires."""
    video = next(one for one in shipped.operations if one.key == "POST /v1/videos/multi-image2video")
    assert [one.path[0] for one in video.request if one.send == "required" and len(one.path) == 1] == [
        "model_name",
        "image_list",
        "prompt",
        "mode",
        "duration",
    ]


def test_a_portable_request_is_taken_by_every_provider_it_was_made_for(shipped) -> None:
    """Made from the table alone: the first name of each enum, the least of each range."""
    samples = {"string": "https://a.example/x.png", "integer": 1, "boolean": True}
    names = ("chainhub", "kling")
    (video,) = [
        one
        for one in portability({name: library.effective(name) for name in names}).operations
        if one.key == "POST /v1/videos/multi-image2video"
    ]
    request: dict[str, Any] = {"image_list": [{"image": samples["string"]}]}
    for one in video.request:
        if one.send in {"required", "may"} and len(one.path) == 1 and one.path != ("image_list",):
            request[one.path[0]] = (
                one.schema["enum"][0] if "enum" in one.schema else samples[one.schema["type"]]
            )
    for name in names:
        document = library.effective(name)
        schema = document["components"]["schemas"]["MultiImage2VideoRequest"]
        validator = jsonschema_rs.validator_for({**schema, "components": document["components"]})
        assert [str(error) for error in validator.iter_errors(request)] == []


def test_the_tables_say_it_in_words(shipped) -> None:
    text = as_markdown(shipped)
    assert "**no value satisfies all**" in text
    assert DIFFERENT_MODELS in text
    assert "as `scence_image`, string" in text
    matrix = as_data(shipped)["operations"]["POST /v1/images/multi-image2image"]["matrix"]
    assert matrix["style_image"]["yutoai"] == {"name": "style_image", "required": False, "documented": False}
    assert matrix["scene_image"]["yutoai"] == {"name": "scence_image", "required": False, "documented": True}
