"""Templates of texts that are JSON, and of values promised by their type alone: made, read back, and told by
their schemas."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.behaviour.openapi import result_place, status_place
from understudy.specs.behaviour.result_links import relinked
from understudy.specs.behaviour.template_reading import fits, is_of_state, values_in
from understudy.specs.behaviour.templates import EACH, MISSING, VALUES, fill, names, schema_of

TEMPLATE = {
    "state": "$status",
    "told": {"$status": {"done": {"$json": {"id": "$id", "urls": {"$each": "$item.url"}}}, "*": ""}},
}


def values(**told: Any) -> Any:
    items = told.pop("items", [])
    told[EACH] = [{"item.url": url}.get for url in items]
    return told.get


def test_it_is_the_shortest_json_of_what_is_made_from_its_template() -> None:
    made = fill(TEMPLATE, values(id="7", status="done", items=["https://a/1", "https://a/é"]))

    assert made == {"state": "done", "told": '{"id":"7","urls":["https://a/1","https://a/é"]}'}


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_what_was_made_is_read_back(ident: str, urls: list[str]) -> None:
    record = {"told": TEMPLATE["told"]["$status"]["done"]}  # type: ignore[index]

    made = fill(record, values(id=ident, items=urls))

    assert values_in(record, made) == {"id": ident, "results": [{"item.url": url} for url in urls]}
    assert fits(record, made)
    assert is_of_state(record, made, "done")


@pytest.mark.parametrize("body", ['{"urls":', "none", "", None, 7, [], "[" * 100_000])
def test_what_is_no_json_holds_nothing(body: Any) -> None:
    assert values_in({"told": {"$json": {"id": "$id"}}}, {"told": body}) == {}


def test_it_is_a_text_to_a_schema_which_says_what_it_holds() -> None:
    assert schema_of({"$json": {"id": "$id"}}, {"id": {"type": "string"}}) == {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {
            "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}},
        },
    }  # fmt: skip


def test_results_stand_where_the_text_does_and_a_state_in_it_is_at_no_place() -> None:
    assert result_place({"a": {"$json": {"url": "$result_url"}}}) == ("a",)
    assert status_place({"a": {"$json": {"state": "$status"}}}) is None


def test_addresses_in_it_are_made_other_ones() -> None:
    template = {"told": {"$json": {"url": "$result_url", "n": "$id"}}}

    assert relinked(template, {"told": '{"url":"a","n":"b"}'}, str.upper) == {"told": '{"url":"A","n":"b"}'}
    assert relinked(template, {"told": '{"n": "b"}'}, str.upper) == {"told": '{"n": "b"}'}


LIKE = {"id": "$id", "credits": {"$like": 4}, "note": {"$like": None}, "price": {"$like": "$0.5"}}


def test_a_value_that_is_promised_by_its_type_alone_is_sent_as_it_stands() -> None:
    assert fill(LIKE, values(id="7")) == {"id": "7", "credits": 4, "note": None, "price": "$0.5"}
    assert list(names(LIKE)) == ["id"]
    assert schema_of(LIKE, {"id": {"type": "string"}}) == {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string"}, "credits": {"type": "integer"}, "note": {}, "price": {"type": "string"},
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "body", [{"id": "7", "credits": 5, "note": "x", "price": ""}, {"id": "7"}, {"id": "7", "credits": None}]
)
def test_a_body_with_others_of_such_values_or_none_is_read(body: dict[str, Any]) -> None:
    assert fits(LIKE, body)
    assert is_of_state(LIKE, body, "any")
    assert values_in(LIKE, body) == {"id": "7"}


@pytest.mark.parametrize(
    ("choices", "body", "values"),
    [
        ({"done": {"$each": "$item.url"}, "*": "$null"}, ["a"], {"results": [{"item.url": "a"}]}),
        ({"done": {"$each": "$item.url"}, "*": "$null"}, None, {}),
        ({"failed": "$reason", "*": ""}, "full", {"reason": "full"}),
        ({"failed": "$reason", "*": ""}, "", {}),
        ({"failed": {"text": "$reason"}, "*": "$absent"}, {"text": "full"}, {"reason": "full"}),
        ({"done": {"url": "$result_url"}, "failed": "$reason"}, "full", {"reason": "full"}),
    ],
)
def test_what_depends_on_the_state_is_read_back_by_what_stands_there(
    choices: Any, body: Any, values: Any
) -> None:
    assert values_in({"$status": choices}, body) == values


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"a": {"$json": "$absent"}, "b": 1}, {"b": 1}),
        ({"a": {"$json": {"$if_any": "$reason"}}}, {}),
        ({"a": {"$if_any": "$absent"}}, {}),
        (["$absent", "$reason", {"$if_any": "$reason"}], [""]),
        ({"$json": ["$absent", 7]}, "[7]"),
    ],
)
def test_what_is_left_out_is_left_out_of_lists_and_texts_too(template: Any, filled: Any) -> None:
    values = {"absent": MISSING, "reason": ""}

    assert fill(template, values.__getitem__) == filled


def test_a_choice_of_a_time_that_may_be_null_and_others_has_a_schema() -> None:
    template = {"$status": {"done": "$finished_time", "failed": 7, "*": "$null"}}

    assert schema_of(template, VALUES)["anyOf"][0]["type"] == ["string", "null"]
