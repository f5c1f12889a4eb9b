"""Pairs of documents whose acceptance an independent validator has settled: ../shared/drift-cases."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml

from understudy.specs.diff.api import read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.drift import Drift, compare, load

ROOT = Path(__file__).parents[3]
CASES = ROOT.parent / "shared" / "drift-cases"
DEVIATIONS = ROOT / "fixtures" / "specs" / "deviations.yaml"
VERDICTS = ROOT / "fixtures" / "specs" / "verdicts.yaml"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")


@cache
def cases() -> dict[str, dict]:
    listed = json.loads((CASES / "cases.json").read_text()) if CASES.is_dir() else []
    return {case["case"]: case for case in listed}


@cache
def drift(name: str) -> Drift:
    case = cases()[name]
    return compare(load(str(CASES / case["base"])), load(str(CASES / case["revision"])))


def surfaces(status: str) -> list:
    return [
        pytest.param(name, surface, id=f"{name}-{n}")
        for name, case in sorted(cases().items())
        for n, surface in enumerate(case["acceptance"]["surfaces"])
        if surface["status"] == status
    ]


def touches(surface: dict, text: str) -> bool:
    """Whether one of our surfaces ("POST /x 200 application/json") is the listed one."""
    where = [str(w) for w in surface["where"]]
    if surface["surface"] == "param":
        location, name = (part.strip("()' ") for part in where[0].split(","))
        return text.startswith(surface["operation"]) and text.endswith(f"parameter {location} {name}")
    return text == " ".join([surface["operation"], *where])


@pytest.mark.parametrize(("name", "surface"), surfaces("incompatible"))
def test_an_incompatible_surface_is_found_with_a_witness_of_ours(name: str, surface: dict) -> None:
    ours = [
        finding.witness
        for finding in drift(name).findings
        if finding.witness and finding.verdict in ("breaks clients", "strict", "warns")
        if any(touches(surface, place) for place in finding.reach)
    ]
    assert ours


@pytest.mark.parametrize(("name", "surface"), surfaces("compatible"))
def test_a_compatible_surface_is_never_called_breaking(name: str, surface: dict) -> None:
    found = drift(name)
    assert [
        a.proof.witness
        for a in found.acceptance
        if a.audience == "clients" and touches(surface, str(a.surface)) and a.proof.verdict == "proven"
    ] == []
    assert [
        (f.rule, f.witness)
        for f in found.findings
        if f.verdict == "breaks clients" and f.area == "schema" and touches(surface, f.surface)
    ] == []


@pytest.mark.parametrize("name", sorted(cases()))
def test_each_breaking_finding_carries_a_witness(name: str) -> None:
    without = [f.rule for f in drift(name).findings if f.verdict.startswith("breaks") and f.witness is None]
    assert without == []


@pytest.mark.parametrize("name", sorted(cases()))
def test_payloads_hold_before_another_validator(name: str) -> None:
    """python-jsonschema shares no code with the validator that made the verdicts."""
    case = cases()[name]
    apis = {side: read(load(str(CASES / case[side]))) for side in ("base", "revision")}
    for acceptance in drift(name).acceptance:
        witness, surface = acceptance.proof.witness, acceptance.surface
        if witness is None or surface.kind != "body":
            continue
        verdicts = {}
        for side in ("base", "revision"):
            operation = apis[side].operations[surface.operation]
            content = (
                operation.responses[surface.status].content if surface.status else operation.body.content
            )
            role = "strict" if side == witness.taken_by else "taker"
            schema = Bundler(apis[side].document, surface.direction).bundle(
                content[surface.name].schema, role
            )
            verdicts[side] = jsonschema.Draft202012Validator(schema).is_valid(witness.payload)
        assert verdicts == {witness.taken_by: True, witness.refused_by: False}


def test_every_deviation_from_the_listed_verdicts_is_written_down() -> None:
    written = [name for entry in yaml.safe_load(DEVIATIONS.read_text()) for name in entry["cases"]]
    deviating = []
    for name, case in cases().items():
        theirs = any(finding["level"] == "ERR" for finding in case["findings"])
        ours = any(finding.verdict == "breaks clients" for finding in drift(name).findings)
        if theirs != ours:
            deviating.append(name)
    assert sorted(written) == sorted(deviating)


# Verdicts that are not the ones written down, and why the old ones were wrong.
CHANGED = {
    "an optional property becomes readOnly: who sends it all the same is ignored or rejected (JSON Schema "
    "2020-12 Validation, 9.4), as with a property that is removed; so it warns": [
        ("od0357", "C1 W1 / P1 F1"),
        ("od0420", "W1 / F1"),
        ("od0421", "F1 / W1"),
    ],
    "an optional property becomes writeOnly: answers have it no more, as with one that is removed; so it "
    "warns (shared case 34)": [
        ("od0447", "W1 / F1"),
        ("od0448", "F1 / W1"),
    ],
    "a text in a path, and a list of texts there: each text is read as a list, each list is one text; it was "
    "undecided": [
        ("od0279", "N1 / N1"),
    ],
}
SHORT = {
    "breaks clients": "C",
    "breaks providers": "P",
    "undecided": "U",
    "warns": "W",
    "strict": "S",
    "compatible": "F",
    "no effect": "N",
}


def counted(findings: tuple) -> str:
    """ "C1 W2": one finding that breaks clients, two that warn."""
    count = Counter(SHORT[finding.verdict] for finding in findings)
    return " ".join(f"{letter}{count[letter]}" for letter in SHORT.values() if count[letter]) or "="


def test_the_verdicts_in_both_orders_are_those_written_down_but_for_named_changes() -> None:
    written = yaml.safe_load(VERDICTS.read_text())
    ours = {}
    for name, case in cases().items():
        sides = [load(str(CASES / case[side])) for side in ("revision", "base")]
        ours[name] = f"{counted(drift(name).findings)} / {counted(compare(*sides).findings)}"
    different = {name: found for name, found in ours.items() if found != written[name]}
    assert written.keys() == ours.keys()
    assert different == dict(change for changes in CHANGED.values() for change in changes)


def test_nothing_is_left_unexplained() -> None:
    found = [(n, f.surface) for n in cases() for f in drift(n).findings if f.rule == "unexplained-difference"]
    assert found == []
