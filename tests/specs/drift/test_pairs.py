"""Pairs of documents, and the rules and verdicts that each order gives (fixtures/specs)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from understudy.specs.diff.api import read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import Drift, compare
from understudy.specs.library import load_yaml
from understudy.specs.rules import RULES
from understudy.specs.source import parse

FIXTURES = Path(__file__).parents[3] / "fixtures" / "specs"
SHORT = {"clients": "breaks clients", "providers": "breaks providers"}
MEDIA = "application/json"


@cache
def fixture(name: str) -> Any:
    return load_yaml(FIXTURES / name)


def document(data: dict) -> ApiDocument:
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def body(schema: Any) -> dict:
    return {"content": {MEDIA: {"schema": {"type": "object", "properties": {"v": schema}}}}}


def with_schema(schema: Any, openapi: str) -> dict:
    answer = {"description": "ok", **body(schema)}
    operation = {"requestBody": {"required": True, **body(schema)}, "responses": {"200": answer}}
    return {"openapi": openapi, "info": {"title": "t", "version": "1"}, "paths": {"/t": {"post": operation}}}


def merged(one: Any, other: Any) -> Any:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    out = dict(one)
    for key, value in other.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out[key], value) if key in out and key not in ("responses", "schema") else value
    return out


def rules(drift: Drift) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in drift.findings:
        found.setdefault(finding.rule, []).append(finding.verdict)
    return {rule: sorted(verdicts) for rule, verdicts in found.items()}


def expected_of_schemas(actions: dict[str, list[str]]) -> dict[str, list[str]]:
    expected = {}
    for action, verdicts in actions.items():
        full = [SHORT.get(verdict, verdict) for verdict in verdicts]
        if action == "unexplained-difference":
            expected[action] = sorted(full)
            continue
        pairs = zip(("request", "response"), full, strict=True)
        expected |= {f"{direction}-{action}": [v] for direction, v in pairs if v != "-"}
    return expected


def schema_pairs() -> list:
    return [
        pytest.param(pair, order, id=f"{pair['name']} {order}")
        for pair in fixture("schemas.yaml")
        for order in ("forth", "back")
    ]


def message_pairs() -> list:
    return [
        pytest.param(pair, order, id=f"{pair['name']} {order}")
        for pair in fixture("messages.yaml")["pairs"]
        for order in ("forth", "back")
    ]


def sides(pair: dict, order: str) -> tuple[Any, Any]:
    return (pair["old"], pair["new"]) if order == "forth" else (pair["new"], pair["old"])


def schema_documents(pair: dict, order: str) -> tuple[dict, dict]:
    openapi = pair.get("openapi", "3.1.0")
    base, revision = sides(pair, order)
    return with_schema(base, openapi), with_schema(revision, openapi)


def message_documents(pair: dict, order: str) -> tuple[dict, dict]:
    template = fixture("messages.yaml")["template"]
    base, revision = sides(pair, order)
    return merged(template, base), merged(template, revision)


@cache
def compared(base: str, revision: str) -> Drift:
    return compare(document(json.loads(base)), document(json.loads(revision)))


def drift(documents: tuple[dict, dict]) -> Drift:
    return compared(json.dumps(documents[0]), json.dumps(documents[1]))


@pytest.mark.parametrize(("pair", "order"), schema_pairs())
def test_a_pair_of_schemas_gives_its_rules_and_verdicts(pair: dict, order: str) -> None:
    assert rules(drift(schema_documents(pair, order))) == expected_of_schemas(pair[order])


@pytest.mark.parametrize(("pair", "order"), message_pairs())
def test_a_pair_of_messages_gives_its_rules_and_verdicts(pair: dict, order: str) -> None:
    expected = {rule: [v] if isinstance(v, str) else v for rule, v in pair[order].items()}
    assert rules(drift(message_documents(pair, order))) == expected


@pytest.mark.parametrize(("pair", "order"), schema_pairs())
def test_each_break_of_a_schema_is_proven_before_another_validator(pair: dict, order: str) -> None:
    """python-jsonschema shares no code with the validator that found the witness."""
    documents = dict(zip(("base", "revision"), schema_documents(pair, order), strict=True))
    for finding in drift(schema_documents(pair, order)).findings:
        if finding.verdict.startswith("breaks"):
            assert finding.witness is not None
            takes = {}
            for side, data in documents.items():
                api = read(document(data))
                operation = api.operations["POST /t"]
                content = (
                    operation.body if finding.direction == "request" else operation.responses["200"]
                ).content
                role = "strict" if side == finding.witness.taken_by else "taker"
                schema = Bundler(api.document, finding.direction).bundle(content[MEDIA].schema, role)
                takes[side] = jsonschema.Draft202012Validator(schema).is_valid(finding.witness.payload)
            assert takes == {finding.witness.taken_by: True, finding.witness.refused_by: False}, finding


@pytest.mark.parametrize(("pair", "order"), message_pairs())
def test_each_break_of_a_message_carries_a_witness(pair: dict, order: str) -> None:
    findings = drift(message_documents(pair, order)).findings
    assert [f for f in findings if f.verdict.startswith("breaks") and f.witness is None] == []


def test_there_are_enough_pairs() -> None:
    assert len(schema_pairs()) + len(message_pairs()) >= 300


def test_every_rule_is_met_by_some_pair() -> None:
    # Those about waivers and recordings have tests of their own.
    met = {rule.id for rule in RULES.values() if rule.area in ("waiver", "live")}
    for pair in fixture("schemas.yaml"):
        met |= {rule for order in ("forth", "back") for rule in expected_of_schemas(pair[order])}
    for pair in fixture("messages.yaml")["pairs"]:
        met |= {rule for order in ("forth", "back") for rule in pair[order]}
    assert sorted(set(RULES) - met) == []
