"""Rules across fields: each has a request that breaks it, and a neighbour that does not."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from PIL import Image

from understudy.mockserver.play.checks import RequestCheck
from understudy.mockserver.play.request_schema import inline
from understudy.specs.behaviour import TaskFamily, read
from understudy.specs.behaviour.rule_kinds import FieldRule, without_empty
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import effective

CANONICAL = read(effective("canonical"), "canonical")
RULED = [family for family in CANONICAL.families if family.rules is not None]
EVERY = [(family, rule) for family in RULED for rule in (family.rules.rules if family.rules else ())]
SOURCES = {family.name: family for family in CANONICAL.families}
IDS = [f"{family.name}-{rule.id}" for family, rule in EVERY]


def picture(width: int, height: int) -> str:
    """A picture as Base64."""
    made = io.BytesIO()
    Image.new("L", (width, height)).save(made, "JPEG")
    return base64.b64encode(made.getvalue()).decode()


WIDE, LARGE, SQUARE = picture(400, 300), picture(800, 601), picture(400, 400)


def schema_of(family: TaskFamily) -> dict[str, Any]:
    content = family.operations.create.raw["requestBody"]["content"]["application/json"]
    schema: dict[str, Any] = inline(content["schema"], CANONICAL.document)
    return schema


def broken(family: TaskFamily, request: Any) -> list[str]:
    assert family.rules is not None
    return [breach.rule.id for breach in family.rules.breaches(request)]


@pytest.mark.parametrize(("family", "rule"), EVERY, ids=IDS)
def test_each_rule_is_broken_by_its_example_alone_and_kept_by_its_neighbour(
    family: TaskFamily, rule: FieldRule
) -> None:
    check = RequestCheck(schema_of(family))
    assert (check.is_valid(rule.breaks), check.is_valid(rule.passes)) == (True, True)
    assert (broken(family, rule.breaks), broken(family, rule.passes)) == ([rule.id], [])


@pytest.mark.parametrize("family", CANONICAL.families, ids=lambda family: family.name)
def test_every_example_of_the_catalogue_keeps_schema_and_rules(family: TaskFamily) -> None:
    schema = schema_of(family)
    check = RequestCheck(schema)
    for example in schema.get("examples", ()):
        assert check.is_valid(example), check.problem(example)
        assert family.rules is None or broken(family, example) == []


def rules(*listed: dict[str, Any], **more: Any) -> Any:
    return read_rules({"rules": list(listed), **more}, "family x")


@pytest.mark.parametrize(
    ("rule", "takes", "refuses"),
    [
        ({"must": {"required": ["a"]}}, {"a": 1}, {"a": ""}),
        ({"when": {"required": ["b"]}, "must": {"required": ["a"]}}, {}, {"b": 1}),
        ({"sum": {"of": "/a/[]/s", "equals": "/d"}}, {"a": [{"s": "2"}, {"s": 3}], "d": "5"}, {"a": [{"s": "2"}], "d": 3}),  # noqa: E501
        ({"sum": {"of": "/a/[]/s", "equals": "/d", "default": "5"}}, {"a": [{"s": "5"}]}, {"a": [{"s": "much"}]}),  # noqa: E501
        ({"together": {"of": ["/a", "/b"], "most": 2}}, {"a": [1], "b": "x"}, {"a": [1, 2], "b": "x"}),
        ({"together": {"of": ["/a", "/b"], "least": 1}}, {"b": "x"}, {"a": []}),
        ({"product": {"of": [["/u", "/d"], ["/l"]], "most": 3}}, {"u": 0.5, "d": 0.5, "l": 0.5}, {"u": 1, "l": 0.6}),  # noqa: E501
        ({"nonzero": {"of": "/c", "exactly": 1}}, {"c": {"x": 0, "y": 2}}, {"c": {"x": 1, "y": 2}}),
        ({"references": {"in": ["/p"], "lists": {"image": "/i"}}}, {"p": "<<<image_1>>>", "i": [1]}, {"p": "<<<image_2>>>", "i": [1]}),  # noqa: E501
        ({"references": {"in": ["/p"], "lists": {"image": "/i"}}}, {"p": "a << b"}, {"p": "<<<video_1>>>"}),
        ({"apart": {"of": ["/a/[]/s", "/a/[]/e"], "least": 2}}, {"a": [{"s": 1, "e": 3}]}, {"a": [{"s": 1, "e": 2.9}]}),  # noqa: E501
        ({"pictures": {"of": ["/a", "/b"], "same": "ratio"}}, {"a": WIDE, "b": LARGE}, {"a": WIDE, "b": SQUARE}),  # noqa: E501
        ({"pictures": {"of": ["/a", "/b"], "same": "size"}}, {"a": WIDE, "b": WIDE}, {"a": WIDE, "b": LARGE}),
        ({"pictures": {"of": ["/a", "/b"], "same": "size"}}, {"a": "https://a", "b": "?"}, {"a": WIDE, "b": SQUARE}),  # noqa: E501
        ({"distinct": "/a/[]/id"}, {"a": [{"id": 1}, {"id": 2}]}, {"a": [{"id": 1}, {"id": 1}]}),
    ],
)  # fmt: skip
def test_each_kind_of_rule(rule: dict[str, Any], takes: Any, refuses: Any) -> None:
    made = rules({"id": "X", **rule})
    assert (made.fits(takes), made.fits(refuses)) == (True, False)


TABLE = {
    "id": "T",
    "model": "/model",
    "default": "old",
    "values": {"mode": "std"},
    "texts": {"never": "{feature} is not for {model}", "not_so": "({values}) is not supported with {name}"},
    "features": {"end_frame": {"required": ["end_frame"]}},
    "unless": {"mode": {"required": ["video"]}},
    "models": {"old": {"mode": ["std"], "end_frame": False}, "new": {"end_frame": {"mode": ["pro"]}}},
}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({}, []),
        ({"model": "unheard-of", "end_frame": "x", "mode": "any"}, []),
        ({"mode": "pro", "video": "x"}, []),
        ({"mode": "pro"}, [(("mode",), "pro is none of old, supported values: std", "")]),
        ({"end_frame": "x"}, [(("end_frame",), "is not supported by old", "end frame is not for old")]),
        ({"model": "new", "end_frame": "x", "mode": "pro"}, []),
        (
            {"model": "new", "end_frame": "x"},
            [(("end_frame",), "is supported by new with mode pro only", "(new/std) is not supported with end_frame")],  # noqa: E501
        ),
    ],
)  # fmt: skip
def test_a_table_of_models_says_what_each_takes(request_: Any, said: list[Any]) -> None:
    made = rules(capabilities=TABLE)
    assert [(one.place, one.says, one.text) for one in made.breaches(request_)] == said


def test_what_fails_later_or_is_not_known_is_no_reason_to_refuse() -> None:
    must = {"must": {"required": ["a"]}}
    made = rules({"id": "F", "fails": "internal", **must}, {"id": "U", "unknown": True, **must})
    assert [one.rule.id for one in made.breaches({})] == ["F", "U"]
    assert made.refusal({}) is None
    assert (made.outcome({}), made.outcome({"a": 1}), made.lenient) == (next(made.breaches({})), None, True)


def test_a_refusal_goes_before_a_later_failure() -> None:
    made = rules({"id": "F", "fails": "internal", "must": {"required": ["a"]}}, {"id": "R", "must": False})
    told = made.outcome({})
    assert told is not None
    assert told.rule.id == "R"
    assert rules({"id": "R", "must": True}).lenient is False


# The rules that go across fields: each has a request that breaks it, but for two. What a picture shows no
# request tells (R25), and first and last frame go with shots by now (R12).
def test_every_rule_of_the_catalogue_is_in_the_data() -> None:
    told = {name for _, rule in EVERY for name in re.findall(r"^R\d+", rule.id)}
    told |= {"R20"} if SOURCES["video-extend"].source else set()  # of a result that the request names
    assert {f"R{n}" for n in range(1, 27)} - told == {"R12", "R25", "R26"}


def test_absent_values_are_taken_out_at_every_depth() -> None:
    assert without_empty({"a": None, "b": {"c": "", "d": {}}, "e": 0, "f": [], "g": [""]}) == {
        "e": 0,
        "g": [""],
    }


@pytest.mark.parametrize("rule", [{}, {"must": {}, "sum": {}}])
def test_a_rule_that_says_nothing_or_two_things_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(UnderstudyError, match="rule X says"):
        rules({"id": "X", **rule})
