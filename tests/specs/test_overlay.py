"""OpenAPI Overlay 1.0 and 1.1: the law that the product stands on, and each rule of section 4.4.3."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs import library, overlay
from understudy.specs.errors import UnderstudyError
from understudy.specs.tree import copied, same

INFO = {"title": "Test", "version": "1"}

keys = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(
    ["paths", "/v1/x", "a'b", "200", "x-a"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=15,
)
objects = st.dictionaries(keys, values, max_size=5)


@st.composite
def edited(draw: st.DrawFn) -> tuple[dict, dict]:
    """An object, and the same with a few places changed: nearer to real specs than two strangers."""
    base = draw(objects)
    target = copied(base)
    for _ in range(draw(st.integers(0, 4))):
        node = target
        while node:
            key = draw(st.sampled_from(sorted(node)))
            if isinstance(node[key], dict) and draw(st.booleans()):
                node = node[key]
                continue
            if draw(st.booleans()):
                node[key] = draw(values)
            else:
                del node[key]
            break
        node[draw(keys)] = draw(values)
    return base, target


def acted(document: dict, *actions: dict) -> dict:
    return overlay.apply(document, {"overlay": "1.1.0", "info": INFO, "actions": list(actions)})


@given(edited() | st.tuples(objects, objects))
def test_an_overlay_between_two_documents_makes_the_second_out_of_the_first(pair: tuple[dict, dict]) -> None:
    base, target = pair
    before = copied(base)
    made = overlay.between(base, target, INFO)
    assert same(overlay.apply(base, made), target)
    assert same(base, before)


@given(objects)
def test_applying_shares_nothing_with_the_overlay(target: dict) -> None:
    made = overlay.between({}, target, INFO)
    result = overlay.apply({}, made)
    result["more"] = 1
    for value in result.values():
        if isinstance(value, dict):
            value["more"] = 1
    assert same(overlay.apply({}, made), target)


@given(st.lists(keys | st.integers(0, 9), max_size=4).map(tuple))
def test_a_place_written_as_jsonpath_is_read_back(place: tuple) -> None:
    assert overlay.place_of(overlay.path_of(place)) == place


# python-jsonpath refuses escaped control characters, which RFC 9535 allows.
printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=5) | st.just("a'\\b")


@given(st.lists(printable, min_size=1, max_size=3).map(tuple))
def test_a_written_path_selects_the_same_in_a_jsonpath_engine(place: tuple) -> None:
    import jsonpath

    document: object = "here"
    for key in reversed(place):
        document = {key: document}
    found = list(jsonpath.JSONPathEnvironment(strict=True).finditer(overlay.path_of(place), document))
    assert [match.parts for match in found] == [place]


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        ({"a": {"b": 1}}, {"target": "$.a", "update": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"target": "$.a", "update": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": {"b": [1]}}, {"target": "$.a", "update": {"b": [2]}}, {"a": {"b": [1, 2]}}),
        ({"a": [1]}, {"target": "$.a", "update": {"b": 2}}, {"a": [1, {"b": 2}]}),
        ({"a": [1]}, {"target": "$.a", "update": [2, 3]}, {"a": [1, 2, 3]}),
        ({"a": 1}, {"target": "$.a", "update": "new"}, {"a": "new"}),
        ({"a": 1}, {"target": "$.none", "update": {"b": 2}}, {"a": 1}),
        ({"a": 1, "b": 2}, {"target": "$.a", "remove": True, "update": 5}, {"b": 2}),
        ({"a": [1, 2, 3, 4]}, {"target": "$.a[?@ > 1 && @ < 4]", "remove": True}, {"a": [1, 4]}),
        (
            {"a": [{"n": "x", "v": [{"n": "x"}]}, {"n": "y"}]},
            {"target": "$..[?@.n=='x']", "remove": True},
            {"a": [{"n": "y"}]},
        ),
        (
            {"a": {"b": {}, "c": {}}},
            {"target": "$.a.*", "update": {"d": 1}},
            {"a": {"b": {"d": 1}, "c": {"d": 1}}},
        ),
        ({"a": [{"b": 1}]}, {"target": "$.a[0]", "update": {"b": 2}}, {"a": [{"b": 2}]}),
        ({"a": {"b": 1}, "c": {}}, {"target": "$.c", "copy": "$.a"}, {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a": 1}, {"target": "$", "update": {"x-note": {"deep": []}}}, {"a": 1, "x-note": {"deep": []}}),
        ({"a": 1}, {"target": "$.a", "update": 2, "x-why": "any extension"}, {"a": 2}),
    ],
)
def test_an_action_does_what_the_specification_says(before: dict, action: dict, after: dict) -> None:
    assert same(acted(before, action), after)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "not an OpenAPI Overlay: `overlay` is None"),
        ([], "not an OpenAPI Overlay: `overlay` is None"),
        ({"overlay": "2.0.0"}, "not an OpenAPI Overlay: `overlay` is '2.0.0'"),
        ({"overlay": "1.0.0"}, "an overlay needs a list `actions`"),
        ({"overlay": "1.0.0", "actions": []}, "at least one action"),
        ({"overlay": "1.0.0", "actions": ["x"]}, "actions[0]: an action is an object with a `target`"),
        ({"overlay": "1.0.0", "actions": [{"target": "$", "updat": {}}]}, "actions[0]: unknown key 'updat'"),
        ({"overlay": "1.0.0", "actions": [{"target": "$"}]}, "actions[0] $: an action needs"),
        ({"overlay": "1.0.0", "actions": [{"target": "$", "remove": True}]}, "actions[0] $: the root"),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$.a", "update": {"x": 1}}]},
            "cannot be merged into a primitive",
        ),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$.b", "update": {"c": []}}]},
            "cannot be merged into an object",
        ),
        ({"overlay": "1.0.0", "actions": [{"target": "$.*", "update": 1}]}, "nodes of different kinds"),
        ({"overlay": "1.0.0", "actions": [{"target": "$.b", "copy": "$.none"}]}, "selects 0"),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$.a[", "update": 1}]},
            "actions[0] $.a[: not a JSONPath",
        ),
        ({"overlay": "1.0.0", "actions": [{"target": "a.b", "update": 1}]}, "not a JSONPath"),
    ],
)
def test_a_broken_overlay_is_refused_naming_the_action(document: object, problem: str) -> None:
    with pytest.raises(UnderstudyError) as caught:
        overlay.apply({"a": 1, "b": {"c": {}}}, document)
    assert problem in str(caught.value)


def test_equal_documents_give_an_overlay_that_changes_nothing() -> None:
    made = overlay.between({"a": 1}, {"a": 1}, INFO)
    assert made == {"overlay": "1.0.0", "info": INFO, "actions": [{"target": "$", "update": {}}]}


def test_true_and_one_are_different_values() -> None:
    assert overlay.apply({"a": 1}, overlay.between({"a": 1}, {"a": True}, INFO))["a"] is True


# Overlay 1.0, written from the specification's text (spec.openapis.org/overlay/v1.0.0, section 4.4).
EXTENSIONS = {"patternProperties": {"^x-": True}, "additionalProperties": False}
OVERLAY_SCHEMA = {
    "type": "object",
    "required": ["overlay", "info", "actions"],
    "properties": {
        "overlay": {"type": "string", "pattern": r"^1\.0\.\d+$"},
        "info": {
            "type": "object",
            "required": ["title", "version"],
            "properties": {"title": {"type": "string"}, "version": {"type": "string"}},
            **EXTENSIONS,
        },
        "extends": {"type": "string"},
        "actions": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["target"],
                "properties": {
                    "target": {"type": "string", "pattern": r"^\$"},
                    "description": {"type": "string"},
                    "update": True,
                    "remove": {"type": "boolean"},
                },
                **EXTENSIONS,
            },
        },
    },
    **EXTENSIONS,
}


@pytest.mark.parametrize("name", library.providers())
def test_every_overlay_of_the_package_is_valid_and_extends_the_canonical_spec(name: str) -> None:
    path = library.HERE / "providers" / name / "overlay.yaml"
    document = library.load_yaml(path)
    assert [str(error) for error in jsonschema_rs.validator_for(OVERLAY_SCHEMA).iter_errors(document)] == []
    assert library.load_yaml(path.parent / document["extends"]) == library.canonical()


@pytest.mark.parametrize("name", library.providers())
def test_no_target_of_the_package_needs_a_jsonpath_engine_and_one_agrees(name: str) -> None:
    import jsonpath

    engine = jsonpath.JSONPathEnvironment(strict=True)
    for action in library.load_yaml(library.HERE / "providers" / name / "overlay.yaml")["actions"]:
        place = overlay.place_of(action["target"])
        assert place is not None
        found = [match.parts for match in engine.finditer(action["target"], library.canonical())]
        assert found in ([place], [])
