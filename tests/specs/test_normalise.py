"""Each pass of the normaliser, alone: one small reading in, one exact spec out."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from understudy.specs.model import Evidence, Field, Keyword, Note, Operation, Parameter, ProviderSpec
from understudy.specs.normalise import PASSES, gather, names, provider_spec, values
from understudy.specs.normalise.draft import SpecDraft
from understudy.specs.normalise.shown_requests import shown_requests
from understudy.specs.profile import Fact, Profile, Source

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "POST /v1/things"
USUAL = {"model": "model_name"}


@pytest.fixture
def draft(reading, field) -> Callable[..., SpecDraft]:
    """draft(fields…, known=…): a draft with one operation that has these request fields."""

    def make(
        *fields: Field, known: tuple[Field, ...] = (), profile: Profile | None = None, **more: Any
    ) -> SpecDraft:
        profile = profile or Profile("acme", "Acme", documents=(Source("acme.md"),))
        spec = gather.gathered(profile, [reading(request=fields, **more)])
        return SpecDraft(spec, profile, {KEY: known} if known else {}, USUAL)

    return make


def test_the_passes_stand_in_this_order() -> None:
    assert [one.__name__ for one in PASSES] == [
        "canonical_paths",
        "own_paths",
        "usable_operations",
        "usable_keywords",
        "named_fields",
        "trimmed_values",
        "typed_values",
        "fitting_keywords",
        "one_statement_a_keyword",
        "fitting_defaults",
        "vendors_names",
        "stated_facts",
        "shown_requests",
        "with_parents",
        "names_in_the_text",
        "in_the_vendors_order",
        "without_wording",
    ]


def test_gathered_joins_what_two_documents_say_of_one_operation(reading, field, says) -> None:
    profile = Profile("acme", "Acme", servers=("https://a",))
    spec = gather.gathered(
        profile,
        [
            reading(request=(field("n", type="integer"),), servers=("https://b",)),
            reading(request=(field("n", minimum=1), field("mode", type="string")), servers=("https://b",)),
        ],
    )
    assert says(spec) == {"n": {"type": "integer", "minimum": 1}, "mode": {"type": "string"}}
    assert spec.servers == ("https://a", "https://b")


@pytest.mark.parametrize(
    ("path", "known", "prefix", "canonical"),
    [
        ("/kling/v1/images/x", [], "/kling", "/v1/images/x"),
        ("/v1/images/x", [], "", "/v1/images/x"),
        ("/kling/v1beta2/x", [], "/kling", "/v1beta2/x"),
        ("/kling/v1/x/{task_id}", ["/v1/x/{id}"], "/kling", "/v1/x/{id}"),
        ("/kling/v1/x/:task_id", ["/v1/x/{id}"], "/kling", "/v1/x/{id}"),
        ("/api/v3/kling/v1/x/", ["/v1/x", "/x"], "/api/v3/kling", "/v1/x"),
    ],
)
def test_a_path_is_split_into_the_providers_prefix_and_the_canonical_path(
    path: str, known: list[str], prefix: str, canonical: str
) -> None:
    assert gather.split_path(path, known) == (prefix, canonical)


def test_a_path_that_tells_nothing_is_not_split() -> None:
    assert gather.split_path("/tasks", ["/v1/x"]) is None


@pytest.mark.parametrize(
    ("server", "path", "address", "key"),
    [
        ("https://a", "/kling/v1/things", "https://a/kling", "POST /v1/things"),
        ("https://a/", "/v1/things", "https://a", "POST /v1/things"),
        ("https://a/kling", "/v1/things", "https://a/kling", "POST /v1/things"),
        ("https://a/kling", "/kling/v1/things", "https://a/kling", "POST /v1/things"),
        ("https://a/kling/v1", "/things", "https://a/kling", "POST /v1/things"),
        ("https://a/api", "/tasks", "https://a/api", "POST /tasks"),
        ("/kling", "/v1/things", "/kling", "POST /v1/things"),
    ],
)
def test_a_servers_address_and_the_paths_share_what_stands_before_the_version(
    draft, server: str, path: str, address: str, key: str
) -> None:
    spec = gather.canonical_paths(draft(path=path, servers=(server,))).spec
    assert (list(spec.operations), spec.servers) == ([key], (address,))


def test_canonical_paths_moves_the_prefix_to_the_servers(draft) -> None:
    spec = gather.canonical_paths(
        draft(path="/kling/v1/things", servers=("https://a/", "https://b/kling"))
    ).spec
    assert (list(spec.operations), spec.servers) == ([KEY], ("https://a/kling", "https://b/kling"))


def test_canonical_paths_knows_a_prefix_without_a_server(draft) -> None:
    assert gather.canonical_paths(draft(path="/kling/v1/things")).spec.servers == ("/kling",)


def test_usable_operations_leaves_out_what_openapi_cannot_hold(draft, field) -> None:
    parameters = tuple(
        Parameter(place, Field((name,))) for place, name in [("path", "id"), ("path", "x"), ("query", "x")]
    )
    made = draft(
        path="/v1/things/{id}", responses={"200": (), "2XX": (), "default": (), "teapot": (), "99": ()}
    )
    (key,) = made.spec.operations
    made = made.with_(
        operations={
            key: replace(made.spec.operations[key], parameters=parameters),
            "GET things": Operation("GET", "things", line=3),
            "FETCH /v1/things": Operation("FETCH", "/v1/things", line=4),
        }
    )
    done = gather.usable_operations(made).spec
    assert list(done.operations) == [key]
    assert list(done.operations[key].responses) == ["200", "2XX", "default"]
    assert [(one.place, one.field.name) for one in done.operations[key].parameters] == [
        ("path", "id"),
        ("query", "x"),
    ]
    assert [note.text for note in done.notes] == [
        f"{key}: 'teapot' is not an HTTP status; left out",
        f"{key}: '99' is not an HTTP status; left out",
        "'GET things' is not an operation; left out",
        "'FETCH /v1/things' is not an operation; left out",
    ]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("type", ["string", ["string", "null"]], ["strng", [], ["string", "string"], 3, None, {"a": 1}]),
        ("enum", [["a"], [None]], [[], "a", {}]),
        ("maxLength", [0, 5], [-1, "many", 1.5, True]),
        ("minimum", [-1, 0.5], ["1", None, True]),
        ("multipleOf", [0.1], [0, -1]),
        ("pattern", ["^a$"], ["(", 3]),
        ("format", ["uri"], [3]),
        ("required", [True, False], ["yes", [], None]),
        ("default", [None, "x", []], []),
        ("x-image", [{}], ["big"]),
    ],
)
def test_usable_keywords_keeps_what_json_schema_allows(draft, name: str, good: list, bad: list) -> None:
    for value in [*good, *bad]:
        word = Keyword(name, value, Evidence("acme.md", 3, "declared"))
        done = values.usable_keywords(draft(Field(("x",), (word,)))).spec
        assert (done.operations[KEY].request[0].keywords == (word,)) is (value in good), value
        assert [(note.kind, note.line) for note in done.notes] == ([] if value in good else [("problem", 3)])


def test_parameters_go_through_the_same_passes(draft, field) -> None:
    made = draft()
    parameter = Parameter("query", field("page", type="intger", maximum=9))
    made = made.with_(operations={KEY: replace(made.spec.operations[KEY], parameters=(parameter,))})
    done = values.usable_keywords(made).spec
    assert done.operations[KEY].parameters == (Parameter("query", field("page", maximum=9)),)
    assert [note.text for note in done.notes] == ["type cannot be 'intger'; left out"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ({"default": "a", "enum": ["a", "b"]}, True),
        ({"default": "c", "enum": ["a", "b"]}, False),
        ({"default": 5, "type": "integer", "maximum": 9}, True),
        ({"default": 10, "type": "integer", "maximum": 9}, False),
        ({"default": 5, "type": "string"}, False),
        ({"default": True, "type": "integer"}, False),
        ({"default": 1.0, "type": "integer"}, True),
        ({"default": None, "type": ["string", "null"]}, True),
        ({"default": "abc", "maxLength": 2}, False),
        ({"default": [], "minItems": 1}, False),
        ({"default": "abc", "pattern": "^b"}, False),
        ({"default": "abc", "pattern": "b"}, True),
    ],
)
def test_fitting_defaults_drops_a_default_that_its_document_does_not_allow(
    draft, field, says, words, kept
) -> None:
    done = values.fitting_defaults(draft(field("x", **words))).spec
    assert ("default" in says(done)["x"]) is kept
    assert [note.kind for note in done.notes] == ([] if kept else ["contradiction"])


def test_trimmed_values_takes_blanks_and_repeated_names_out_of_an_enum(draft, field, says) -> None:
    done = values.trimmed_values(draft(field("ratio", enum=[" 2:3", "2:3", "1:1 "])))
    assert says(done.spec) == {"ratio": {"enum": ["2:3", "1:1"]}}


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("string", [5, 10], ["5", "10"]),
        ("integer", ["1", "9"], [1, 9]),
        ("boolean", ["true", "false"], [True, False]),
        ("string", [True], [True]),
        ("integer", ["many"], ["many"]),
        (None, [5], [5]),
    ],
)
def test_typed_values_gives_values_the_declared_type(draft, field, says, kind, before, after) -> None:
    done = values.typed_values(
        draft(field("x", enum=before, default=before[0], **({"type": kind} if kind else {})))
    )
    assert says(done.spec)["x"] | {"type": kind} == {"type": kind, "enum": after, "default": after[0]}


def test_fitting_keywords_drops_a_limit_of_another_type_with_a_note(draft, field, says) -> None:
    done = values.fitting_keywords(draft(field("list", line=7, type="array", maxLength=4, maxItems=4)))
    assert says(done.spec) == {"list": {"type": "array", "maxItems": 4}}
    text = "maxLength 4 says nothing about a value of type array"
    assert done.spec.notes == (Note("not-understood", text, "acme.md", 7, field=("list",)),)


def test_fitting_keywords_keeps_limits_of_every_listed_type(draft, field, says) -> None:
    done = values.fitting_keywords(draft(field("x", type=["string", "null"], maxLength=4)))
    assert says(done.spec) == {"x": {"type": ["string", "null"], "maxLength": 4}}


def test_fitting_keywords_takes_no_picture_limits_for_a_field_of_names(draft, field, says) -> None:
    done = values.fitting_keywords(draft(field("ratio", enum=["1:1"], x_image={"min_side": 300})))
    assert says(done.spec) == {"ratio": {"enum": ["1:1"]}}
    assert [note.kind for note in done.spec.notes] == ["not-understood"]


def test_one_statement_a_keyword_prefers_what_is_declared_and_notes_a_contradiction(draft) -> None:
    words = (
        Keyword("maxLength", 500, Evidence("acme.md", 9, "prose")),
        Keyword("maxLength", 5000, Evidence("acme.md", 3, "declared")),
        Keyword("minLength", 1, Evidence("acme.md", 9, "prose")),
        Keyword("minLength", 1, Evidence("acme.md", 3, "declared")),
    )
    heard = (
        Note(
            "contradiction", "maxLength is 5000 on line 3 and 500 on line 9", "acme.md", 9, field=("prompt",)
        ),
        Note("contradiction", "default is 1 on line 3 and 2 on line 9", "acme.md", 9, field=("prompt",)),
    )
    done = values.one_statement_a_keyword(draft(Field(("prompt",), words)).with_(notes=heard))
    assert done.spec.operations[KEY].request[0].keywords == (words[1], words[3])
    text = "maxLength is 5000 in line 3 and 500 in line 9; 5000 is kept"
    assert done.spec.notes == (heard[1], Note("contradiction", text, "acme.md", 9, field=("prompt",)))


def test_one_statement_a_keyword_does_not_mind_the_order_of_an_enum(draft) -> None:
    words = tuple(
        Keyword("enum", names, Evidence("acme.md", line, "declared"))
        for line, names in enumerate((["a", "b"], ["b", "a"]))
    )
    assert values.one_statement_a_keyword(draft(Field(("x",), words))).spec.notes == ()


KNOWN = ("model_name", "prompt", "n", "watermark_info", "watermark_info.enabled", "scene_image")


@pytest.fixture
def known(field) -> tuple[Field, ...]:
    """The vendor's fields."""
    types = {"n": "integer", "watermark_info": "object", "watermark_info.enabled": "boolean"}
    return tuple(field(name, type=types.get(name, "string")) for name in KNOWN)


def test_named_fields_finds_names_by_wording_and_lists_the_rest(draft, field, known) -> None:
    done = names.named_fields(
        draft(
            Field(("",), (), wording="Number of pictures to make", line=4),
            Field(
                ("",),
                (Keyword("type", "boolean", Evidence("acme.md", 5, "declared")),),
                wording="Whether to add a watermark",
                line=5,
            ),
            Field(("",), (), wording="Colour of the sky", line=6),
            known=known,
        )
    )
    assert [one.path for one in done.spec.operations[KEY].request] == [("n",), ("watermark_info", "enabled")]
    assert all(0.6 <= one.confidence < 1 for one in done.spec.operations[KEY].request)
    assert [(note.kind, note.line) for note in done.spec.notes] == [("unnamed", 6)]


def test_vendors_names_moves_a_misspelt_field_and_says_so(draft, field, known) -> None:
    done = names.vendors_names(draft(field("scence_image", line=28, type="string"), known=known))
    assert [one.path for one in done.spec.operations[KEY].request] == [("scene_image",)]
    assert done.spec.aliases == {KEY: {("scene_image",): "scence_image"}}
    text = "scence_image is taken for the vendor's scene_image"
    assert done.spec.notes == (Note("alias", text, "acme.md", 28, field=("scence_image",)),)


@pytest.mark.parametrize(
    ("fields", "aliases", "found"),
    [
        # a name that the vocabulary knows
        ({"model": "string"}, {}, {("model_name",): "model"}),
        # a name that only the profile knows
        ({"words": "string"}, {"words": "prompt"}, {("prompt",): "words"}),
        # both names are there: they are two fields
        ({"model": "string", "model_name": "string"}, {}, {}),
        # spelt alike, but of another type
        ({"scene_imag": "array"}, {}, {}),
        # too short to judge
        ({"m": "integer"}, {}, {}),
        # unlike anything
        ({"seed": "integer"}, {}, {}),
    ],
)
def test_vendors_names_takes_a_name_only_when_it_is_sure(
    draft, field, known, fields: dict, aliases: dict, found: dict
) -> None:
    profile = Profile("acme", "Acme", aliases=aliases)
    done = names.vendors_names(
        draft(*(field(n, type=t) for n, t in fields.items()), known=known, profile=profile)
    )
    assert done.spec.aliases.get(KEY, {}) == found


def test_stated_facts_speak_where_the_documents_are_silent(draft, field, says) -> None:
    evidence = Evidence("acme/provider.toml", 4, "declared")
    facts = (
        Fact(KEY, ("n",), Keyword("required", True, evidence)),
        Fact(KEY, ("n",), Keyword("maximum", 4, evidence)),
        Fact("GET /v1/things", ("page",), Keyword("type", "integer", evidence)),
    )
    done = gather.stated_facts(draft(field("n", maximum=9), profile=Profile("acme", "Acme", facts=facts)))
    assert says(done.spec) == {"n": {"maximum": 9, "required": True}}
    assert says(done.spec, "GET /v1/things") == {"page": {"type": "integer"}}


def test_with_parents_adds_the_object_that_a_field_stands_in(draft, field, says) -> None:
    done = gather.with_parents(draft(field("list[].image", type="string"), field("(body)")))
    assert says(done.spec) == {"list[].image": {"type": "string"}, "list": {}, "list[]": {}}


def test_in_the_vendors_order_puts_own_fields_last(draft, field, says, known) -> None:
    done = gather.in_the_vendors_order(
        draft(field("zeta"), field("n"), field("alpha"), field("prompt"), known=known)
    )
    assert list(says(done.spec)) == ["prompt", "n", "alpha", "zeta"]


def test_without_wording_nothing_of_the_documents_text_is_left(draft, field) -> None:
    done = gather.without_wording(draft(Field(("n",), wording="Somebody's sentence")))
    assert done.spec.operations[KEY].request == (Field(("n",)),)


def test_all_passes_together(reading, field, says, known) -> None:
    profile = Profile("acme", "Acme", documents=(Source("acme.md"),))
    spec = provider_spec(
        profile,
        [
            reading(
                "/acme/v1/things",
                (
                    field("model", type="string", required=True),
                    field("scence_image", type="string"),
                    field("duration", type="string", enum=[5, 10]),
                ),
                servers=("https://acme.example",),
            )
        ],
        {KEY: known},
        USUAL,
    )
    assert says(spec) == {
        "model_name": {"type": "string", "required": True},
        "scene_image": {"type": "string"},
        "duration": {"type": "string", "enum": ["5", "10"]},
    }
    assert spec.servers == ("https://acme.example/acme",)


def test_a_reading_of_nothing_is_a_spec_of_nothing() -> None:
    spec = provider_spec(Profile("acme", "Acme"), [], {}, USUAL)
    assert spec == ProviderSpec("acme", "Acme", MappingProxyType({}))


VENDORS = {
    "model": {"type": "string", "enum": ["m-1", "m-2"]},
    "words": {"type": "string", "required": True, "maxLength": 5},
    "seconds": {"type": "string", "enum": ["5", "10"]},
    "shots": {"type": "array", "maxItems": 2},
    "face": {"type": "string", "pattern": "[0-9]+"},
    "shots[].n": {"type": "integer", "required": True, "minimum": 1},
}


@pytest.mark.parametrize(
    ("example", "stated", "shown"),
    [
        ({"model": "m-1", "words": "a boat"[:5]}, {}, {}),
        ({"model": "own-3", "words": "boat"}, {}, {"model": {"enum": ["m-1", "m-2", "own-3"]}}),
        ({"model": " m-1 ", "words": "boat"}, {}, {}),  # a slip of the page
        ({"model": "<MODEL>", "words": "boat"}, {}, {}),
        ({"model": "string", "words": "boat on a lake"}, {}, {}),  # a sketch with types for values
        ({"model": "own-3", "words": "boat"}, {"model": {"enum": ["m-9"]}}, {}),  # the page's own word
        ({"words": "a boat"}, {}, {"words": {"maxLength": 6}}),
        ({"words": "boat", "face": "left"}, {}, {"face": {"pattern": ".*"}}),
        ({"model": "m-1"}, {}, {"words": {"required": False}}),
        ({"model": "own-3"}, {"words": {"required": True}}, {}),  # part of a request
        (
            {"words": "boat", "seconds": 5},
            {},
            {"seconds": {"type": ["string", "integer"], "enum": ["5", "10", 5]}},
        ),
        (
            {"words": "boat", "shots": [{"n": 1}, {"n": 0}, {}]},
            {},
            {"shots": {"maxItems": 3}, "shots[].n": {"required": False, "minimum": 0}},
        ),
    ],
)
def test_what_an_own_example_shows_the_provider_takes_though_the_vendor_would_not(
    draft, field, says, example, stated, shown
) -> None:
    known = tuple(field(path, **words) for path, words in VENDORS.items())
    fields = tuple(field(path, **words) for path, words in stated.items())
    spec = shown_requests(draft(*fields, known=known, examples=(example,))).spec
    said = {path: words for path, words in says(spec).items() if path not in stated}
    assert said == shown


def test_of_a_long_list_in_an_own_example_a_hundred_values_are_taken(draft, field, says) -> None:
    known = (field("shots[].mode", type="string", enum=["std"]),)
    example = {"shots": [{"mode": f"own-{n}"} for n in range(10_000)]}

    spec = shown_requests(draft(known=known, examples=(example,))).spec

    assert says(spec) == {"shots[].mode": {"enum": ["std", *(f"own-{n}" for n in range(100))]}}


def test_an_own_example_is_read_by_the_names_of_the_provider(draft, field, says) -> None:
    known = (field("model_name", type="string", enum=["m-1"]),)
    made = draft(field("model", type="string"), known=known, examples=({"model": "own-3"},))
    spec = shown_requests(names.vendors_names(made)).spec
    assert says(spec) == {"model_name": {"type": "string", "enum": ["m-1", "own-3"]}}
    (operation,) = spec.operations.values()
    (enum,) = [word for word in operation.request[0].keywords if word.name == "enum"]
    assert str(enum.evidence) == "acme.md:1 example"
