"""What is written is YAML that any reader of YAML 1.1 or 1.2 reads back the same, and provider documents."""

from __future__ import annotations

from types import MappingProxyType
from unittest import mock

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from understudy.specs.model import Evidence, Field, Keyword, Note, Operation, Parameter, ProviderSpec
from understudy.specs.places import path_parts
from understudy.specs.render import dump_yaml, provider_document, provider_from, text
from understudy.specs.render.text import GENERATED, aligned, shown, table
from understudy.specs.tree import same

texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "n",
        "on",
        "No",
        "null",
        "~",
        "16:9",
        "2026-11",
        "0x1F",
        "1e3",
        "5",
        "=",
        "- a",
        "a: b",
        "a #b",
        "\u0085",
        "\ufeff",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=4), max_leaves=12
)


@given(st.dictionaries(texts, values, max_size=5))
def test_what_is_dumped_is_loaded_again(value: dict) -> None:
    written = dump_yaml(value)
    assert written.startswith(GENERATED)
    assert written.endswith("\n")
    assert same(yaml.load(written, yaml.CSafeLoader), value)
    assert same(yaml.load(written, yaml.SafeLoader), value)


# What libyaml writes otherwise or refuses, and a few values that it writes alike.
OTHERWISE_IN_LIBYAML = [
    *({"a": f"{text}{more}"} for text in ("\U0001f600", "- \U0001f600", "\ud800") for more in ("", " \n b")),
    *(
        {"a": {key: ["b"]}}
        for key in ("", "\U0001f600", "c\nd", " ", "k" * 127, "k" * 128, "é" * 70, "k" * 9)
    ),
    "a",
    5,
    None,
]


@pytest.mark.parametrize("value", OTHERWISE_IN_LIBYAML, ids=ascii)
def test_libyaml_writes_the_same_bytes_or_is_not_asked(
    value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = dump_yaml(value)
    monkeypatch.setattr(text, "_same_in_libyaml", lambda value: False)
    assert written == dump_yaml(value)


@given(st.dictionaries(texts, values, max_size=5))
def test_libyaml_writes_any_value_as_the_emitter_in_python_does(value: dict) -> None:
    written = dump_yaml(value)
    with mock.patch.object(text, "_same_in_libyaml", return_value=False):
        assert written == dump_yaml(value)


def test_keys_keep_their_order_and_nothing_is_an_anchor_or_folded() -> None:
    shared = {"x": "long " * 60}
    assert dump_yaml({"b": shared, "a": [shared, "5", "n"]}, generated=False) == (
        f"b:\n  x: '{'long ' * 60}'\na:\n- x: '{'long ' * 60}'\n- '5'\n- 'n'\n"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["16:9", "1:1"], "16:9, 1:1"),
        ([1, True], "1, true"),
        ({"a": "é"}, '{"a": "é"}'),
        ("", '""'),
        (None, "null"),
        ([], "[]"),
        ([["a"]], '[["a"]]'),
    ],
)
def test_a_value_is_shown_as_a_person_writes_it(value: object, words: str) -> None:
    assert shown(value) == words


def test_tables_escape_what_would_end_a_cell() -> None:
    assert table(("a",), [("x|y\n<z>\\",)]) == ["| a |", "| --- |", "| x\\|y &lt;z>\\\\ |"]


def test_columns_line_up_with_wide_characters() -> None:
    assert aligned(("name", "x"), [("提示词", "1")]) == ["| name   | x |", "| ------ | - |", "| 提示词 | 1 |"]


EVIDENCE = Evidence("acme.md", 7, "prose")


def spec(**more) -> ProviderSpec:
    operation = Operation(
        "POST",
        "/v1/things/{id}",
        (
            Field(
                ("model_name",),
                (Keyword("required", True, EVIDENCE), Keyword("type", "string", EVIDENCE)),
                0.8,
            ),
            Field(("list",), (Keyword("type", "array", EVIDENCE),)),
            Field(("list", "[]"), (Keyword("x-image", {"min_side": 300}, EVIDENCE),)),
        ),
        MappingProxyType({"200": (), "default": (Field(("code",), (Keyword("const", 0, EVIDENCE),)),)}),
        parameters=(
            Parameter(
                "query",
                Field(("page",), (Keyword("minimum", 1, EVIDENCE), Keyword("required", True, EVIDENCE))),
            ),
            Parameter("header", Field(("X-Trace",), ())),
        ),
    )
    notes = (
        Note("alias", "model is taken for model_name", "acme.md", 7, field=("model_name",)),
        Note("not-understood", "Somebody's own sentence", "acme.md", 9, 3),
    )
    key = "POST /v1/things/{id}"
    return ProviderSpec(
        "acme",
        "Acme",
        MappingProxyType({key: operation}),
        ("https://a/kling",),
        notes,
        MappingProxyType({key: {("model_name",): "model"}}),
        MappingProxyType({"success": {"code": "0"}}),
    )


def test_a_provider_document_holds_facts_and_places_and_nobody_elses_sentences() -> None:
    assert provider_document(spec(), ["acme.md"]) == {
        "openapi": "3.1.0",
        "info": {"title": "Acme", "version": "1"},
        "servers": [{"url": "https://a/kling"}],
        "paths": {
            "/v1/things/{id}": {
                "post": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {
                            "name": "page",
                            "in": "query",
                            "required": True,
                            "schema": {
                                "minimum": 1,
                                "x-evidence": {"minimum": "acme.md:7 prose", "required": "acme.md:7 prose"},
                            },
                        },
                    ],
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "model": {
                                            "type": "string",
                                            "x-alias-of": "model_name",
                                            "x-confidence": 0.8,
                                            "x-evidence": {
                                                "required": "acme.md:7 prose",
                                                "type": "acme.md:7 prose",
                                            },
                                        },
                                        "list": {
                                            "type": "array",
                                            "x-evidence": {"type": "acme.md:7 prose"},
                                            "items": {
                                                "x-image": {"min_side": 300},
                                                "x-evidence": {"x-image": "acme.md:7 prose"},
                                            },
                                        },
                                    },
                                    "required": ["model"],
                                }
                            }
                        }
                    },
                    "responses": {
                        "200": {"description": ""},
                        "default": {
                            "description": "",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "properties": {
                                            "code": {"const": 0, "x-evidence": {"const": "acme.md:7 prose"}}
                                        },
                                    }
                                }
                            },
                        },
                    },
                }
            }
        },
        "x-documents": ["acme.md"],
        "x-conventions": {"success": {"code": "0"}},
        "x-notes": [
            {
                "kind": "alias",
                "at": "acme.md:7:0",
                "field": "model_name",
                "text": "model is taken for model_name",
            },
            {"kind": "not-understood", "at": "acme.md:9:3"},
        ],
    }


def test_every_parameter_of_a_path_is_declared_though_a_query_has_one_of_the_name() -> None:
    parameters = (Parameter("query", Field(("id",), (Keyword("type", "string", EVIDENCE),))),)
    operation = Operation("GET", "/v1/x/{id}", parameters=parameters)
    spec = ProviderSpec("acme", "Acme", MappingProxyType({"GET /v1/x/{id}": operation}))
    document = provider_document(spec, [])
    validate(document)
    written = document["paths"]["/v1/x/{id}"]["get"]["parameters"]
    assert [(one["in"], one["name"]) for one in written] == [("path", "id"), ("query", "id")]
    assert provider_from(document, "acme").operations["GET /v1/x/{id}"].parameters == parameters


def test_a_provider_document_gives_its_spec_again() -> None:
    written = spec()
    read = provider_from(provider_document(written, ["acme.md"]), "acme")
    (one,), (other,) = read.operations.values(), written.operations.values()
    assert (one.request, one.responses) == (other.request, other.responses)
    assert one.parameters == other.parameters[:1]
    assert (read.aliases, read.conventions, read.servers) == (
        written.aliases,
        written.conventions,
        written.servers,
    )
    assert read.notes[0] == written.notes[0]
    assert (read.notes[1].line, read.notes[1].text) == (9, "")


# ---- the law: what a spec says is all in its document ----

PLACES = list(map(path_parts, ["a", "a.b", "list", "list[]", "list[].image", "deep", "deep[]", "n"]))
kinds = st.sampled_from(["declared", "prose", "example", "vendor"])
evidences = st.builds(
    Evidence, st.sampled_from(["a.md", "b/c:d.txt", "页面.md"]), st.integers(0, 9999), kinds
)
names = st.sampled_from(["type", "enum", "default", "required", "maxLength", "x-image", "const", "pattern"])


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Field, ...]:
    """Fields at some places with all that they stand in, parents first."""
    chosen = {place[:i] for place in draw(st.sets(st.sampled_from(PLACES))) for i in range(1, len(place) + 1)}
    fields = []
    for place in sorted(chosen, key=PLACES.index):
        words = []
        for name in sorted(draw(st.sets(names))):
            if name == "required" and place[-1] == "[]":
                continue
            value = draw(st.booleans() if name == "required" else values)
            words.append(Keyword(name, value, draw(evidences)))
        fields.append(Field(place, tuple(words), draw(st.sampled_from([1.0, 0.75]))))
    return tuple(fields)


@settings(max_examples=30)  # the YAML emitter is slow, and one body is many fields
@given(bodies(), bodies(), st.sampled_from([{}, {("n",): "count"}, {("list",): "images", ("a", "b"): "c"}]))
def test_a_spec_is_what_its_document_says(request: tuple, answer: tuple, aliases: dict) -> None:
    present = {one.path for one in request}
    aliases = {path: name for path, name in aliases.items() if path in present}
    operation = Operation("POST", "/v1/x", request, MappingProxyType({"200": answer, "429": answer}))
    key = "POST /v1/x"
    told = MappingProxyType({key: aliases} if aliases else {})
    written = ProviderSpec("acme", "Acme", MappingProxyType({key: operation}), aliases=told)
    read = provider_from(yaml.load(dump_yaml(provider_document(written, [])), yaml.CSafeLoader), "acme")
    assert read.aliases == written.aliases
    assert listed(read.operations[key].request) == listed(request)
    assert [listed(fields) for fields in read.operations[key].responses.values()] == [listed(answer)] * 2


def listed(fields: tuple[Field, ...]) -> list:
    """Fields as values that compare exactly, in an order of their own."""
    return sorted(
        (one.path, one.confidence, sorted((w.name, repr(w.value), w.evidence) for w in one.keywords))
        for one in fields
    )
