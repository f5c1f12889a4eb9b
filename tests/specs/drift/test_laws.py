"""Laws: what is refused is found, what is found is real, and the net below the rules holds."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.specs.diff import keywords
from understudy.specs.diff.api import read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.library import load_yaml
from understudy.specs.rules import RULES
from understudy.specs.source import ParsedSource
from understudy.specs.witness import schemas, surfaces
from understudy.specs.witness.generate import values

PAIRS = load_yaml(Path(__file__).parents[3] / "fixtures" / "specs" / "schemas.yaml")
POOL = [
    pair[side]
    for pair in PAIRS
    if "openapi" not in pair
    for side in ("old", "new")
    if isinstance(pair[side], dict)
]
EXAMPLES = 150 if os.environ.get("UNDERSTUDY_LONG") else 60
FLIPPED = {"clients": "providers", "providers": "clients"}


def document(schema: Any) -> ApiDocument:
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"v": schema}}}}}
    data = {"openapi": "3.1.0", "info": {}, "paths": {"/t": {"post": {"requestBody": body}}}}
    return ApiDocument("t", ParsedSource("t.yaml", data, {}))


def bundle(schema: Any, role: Any) -> Any:
    made = document(schema)
    media = read(made).operations["POST /t"].body.content["application/json"]
    return Bundler(made, "request").bundle(media.schema, role)


def takes(schema: Any, value: Any) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(value)


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(POOL), st.sampled_from(POOL))
def test_what_one_side_takes_and_the_other_refuses_is_never_called_compatible(old: Any, new: Any) -> None:
    """An oracle of its own: values made for either side, judged by python-jsonschema."""
    verdicts = {f.verdict for f in compare(document(old), document(new)).findings}
    sent, taken = bundle(old, "sender"), bundle(new, "taker")
    tried = [*islice(values(sent), 40), *islice(values(taken), 40)]
    if any(takes(sent, v) and takes(bundle(old, "strict"), v) and not takes(taken, v) for v in tried):
        assert verdicts & {"breaks clients", "undecided"}


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(POOL), st.sampled_from(POOL))
def test_what_is_called_a_break_is_one_before_another_validator(old: Any, new: Any) -> None:
    sides = {"base": old, "revision": new}
    for finding in compare(document(old), document(new)).findings:
        if finding.verdict.startswith("breaks"):
            witness = finding.witness
            assert takes(bundle(sides[witness.taken_by], "strict"), witness.payload)
            assert not takes(bundle(sides[witness.refused_by], "taker"), witness.payload)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: p["name"])
def test_the_way_back_is_the_mirror_image(pair: dict) -> None:
    """What breaks clients one way breaks providers the other way; `either` may break clients both ways."""
    for action, verdicts in pair["forth"].items():
        rule = RULES.get(f"request-{action}")
        if rule is None or rule.effect not in ("narrows", "widens"):
            continue
        back = pair["back"][rule.mirror]
        for forth_verdict, back_verdict in zip(verdicts, back, strict=True):
            if forth_verdict in FLIPPED and back_verdict in FLIPPED:
                assert back_verdict == FLIPPED[forth_verdict]


OLD, NEW = {"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 3}


def found(old: Any = OLD, new: Any = NEW) -> list[tuple[str, str]]:
    return [(f.rule, f.verdict) for f in compare(document(old), document(new)).findings]


def test_a_difference_that_no_rule_speaks_of_is_still_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the comparison of bounds is gone."""
    assert found() == [("request-max-length-decreased", "breaks clients")]
    kept = tuple(c for c in keywords.COMPARISONS if c.__name__ != "_bounds")
    monkeypatch.setattr(keywords, "COMPARISONS", kept)
    assert found() == [("unexplained-difference", "breaks clients")]


def test_a_generator_that_makes_nonsense_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: payloads that do not fit. The validators turn them down, so the finding is undecided."""
    for prover in (schemas, surfaces):
        monkeypatch.setattr(prover, "values", lambda *_, **__: iter([1, None, {"v": 5}, "x"]))
    assert found() == [("request-max-length-decreased", "undecided")]


def test_an_algebra_without_answers_is_settled_by_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: every question is UNKNOWN and no difference can be written."""
    for prover in (schemas, surfaces):
        monkeypatch.setattr(prover, "covers", lambda *_: schemas.Answer.UNKNOWN)
        monkeypatch.setattr(prover, "subtract", lambda *_: None)
    assert found() == [("request-max-length-decreased", "breaks clients")]
    assert found({"type": "string"}, {"type": "string", "maxLength": 10**9}) == [
        ("request-max-length-added", "undecided")
    ]
