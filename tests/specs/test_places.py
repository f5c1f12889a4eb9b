"""Places in OpenAPI documents: reading them, and changing one without touching what shares it."""

from __future__ import annotations

import pytest

from understudy.specs.errors import UnderstudyError
from understudy.specs.places import Editor, bodies, fields, json_media, operations, path_parts, path_text
from understudy.specs.tree import copied, pointed, resolved, same

DOCUMENT = {
    "paths": {
        "/v1/a": {
            "summary": "not an operation",
            "post": {
                "requestBody": {
                    "content": {"application/json; charset=utf-8": {"schema": {"$ref": "#/s/List"}}}
                },
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/s/Tree"}}}},
                    "204": {"description": "nothing"},
                    "default": {"$ref": "#/r/Refused"},
                },
            },
        }
    },
    "r": {
        "Refused": {
            "content": {"text/plain": {"schema": {}}, "application/json": {"schema": {"type": "object"}}}
        }
    },
    "s": {
        "List": {
            "type": "array",
            "items": {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "#/s/X"}}},
        },
        "X": {"type": "string"},
        "Tree": {"type": "object", "properties": {"x": {"$ref": "#/s/X"}, "left": {"$ref": "#/s/Tree"}}},
        "a/b~c": {"here": 1},
        "Round": {"$ref": "#/s/Trip"},
        "Trip": {"$ref": "#/s/Round"},
    },
}
KEY = "POST /v1/a"


def test_operations_and_their_bodies_are_found() -> None:
    ((key, operation),) = operations(DOCUMENT)
    assert (key, [name for name, _ in bodies(DOCUMENT, operation)]) == (KEY, ["request", "200", "default"])


def test_json_is_found_by_its_media_type() -> None:
    assert json_media({"content": {"text/plain": {"schema": {}}}}) is None
    assert json_media({"content": {"Application/JSON ;v=1": {"schema": {"type": "string"}}}}) == {
        "schema": {"type": "string"}
    }


def test_fields_are_listed_with_their_places_and_a_tree_is_entered_once() -> None:
    schema = DOCUMENT["s"]["List"]
    assert [(place, required) for place, _, required in fields(DOCUMENT, schema)] == [
        (("[]",), False),
        (("[]", "x"), True),
    ]
    assert [place for place, _, _ in fields(DOCUMENT, {"$ref": "#/s/Tree"})] == [("x",), ("left",)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("n", ("n",)),
        ("list[].image", ("list", "[]", "image")),
        ("a.b[][]", ("a", "b", "[]", "[]")),
        ("(body)", ()),
    ],
)
def test_a_fields_place_is_written_and_read(text: str, path: tuple) -> None:
    assert (path_text(path), path_parts(text)) == (text, path)


@pytest.mark.parametrize("reference", ["#/s/None", "other.yaml#/s/X", "#/s/X/type/deep"])
def test_a_reference_to_nothing_is_an_error_that_names_it(reference: str) -> None:
    with pytest.raises(UnderstudyError, match="points at nothing"):
        pointed(DOCUMENT, reference)


def test_references_are_followed_but_not_in_a_circle() -> None:
    assert pointed(DOCUMENT, "#/s/a~1b~0c/here") == 1
    assert resolved(DOCUMENT, {"$ref": "#/s/X"}) == {"type": "string"}
    with pytest.raises(UnderstudyError, match="leads back to itself"):
        resolved(DOCUMENT, {"$ref": "#/s/Round"})


def test_a_change_is_seen_at_its_place_alone_and_the_argument_stays() -> None:
    before = copied(DOCUMENT)
    editor = Editor(DOCUMENT)
    spot = editor.field(editor.body(KEY, "request"), ("[]", "x"))
    editor.own(*spot)["maxLength"] = 5
    made = editor.finished()
    assert made["s"]["List"]["items"]["properties"]["x"] == {"type": "string", "maxLength": 5}
    assert made["s"]["X"] == {"type": "string"}
    assert same(DOCUMENT, before)


def test_a_place_that_was_only_looked_at_keeps_its_reference() -> None:
    editor = Editor(DOCUMENT)
    editor.own(*editor.field(editor.body(KEY, "200"), ("x",)))
    editor.body(KEY, "default")
    assert same(editor.finished(), DOCUMENT)


@pytest.mark.parametrize(
    ("key", "name"), [("GET /v1/a", "200"), ("POST /none", "200"), (KEY, "404"), (KEY, "204")]
)
def test_a_body_that_is_not_there_is_none(key: str, name: str) -> None:
    assert Editor(DOCUMENT).body(key, name) is None


def test_a_field_that_is_not_there_is_none() -> None:
    editor = Editor(DOCUMENT)
    schema = editor.body(KEY, "request")
    assert [editor.field(schema, path) for path in (("y",), ("[]", "y"), ("[]", "x", "[]"))] == [
        None,
        None,
        None,
    ]
