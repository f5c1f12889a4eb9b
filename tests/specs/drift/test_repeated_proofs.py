"""One difference in many operations is proven once, and told at each of them as if it stood alone."""

from __future__ import annotations

import copy
import itertools
import json
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.recalled import Recalled
from understudy.specs.source import parse
from understudy.specs.witness.schemas import SchemaProver

if TYPE_CHECKING:
    import pytest

    from understudy.specs.drift.engine import Drift

ANSWER = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "minLength": 3}}}
OTHER = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "n": {"const": 7}}}
# Operation -> its answer; the first three are written out alike.
ANSWERS = {"/a": ANSWER, "/b": ANSWER, "/c": ANSWER, "/d": OTHER}


def document(answers: dict[str, Any], *, numbers: bool) -> ApiDocument:
    """One GET for each answer; with `numbers` its ids are numbers."""
    paths = {}
    for path, schema in copy.deepcopy(answers).items():
        if numbers:
            schema["properties"]["id"] = {"type": "integer"}
        content = {"application/json": {"schema": schema}}
        paths[path] = {"get": {"responses": {"200": {"description": "", "content": content}}}}
    text = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    return ApiDocument("t", parse(json.dumps(text), "t.json"))


def told(answers: dict[str, Any]) -> Drift:
    return compare(document(answers, numbers=False), document(answers, numbers=True), whole=False)


def test_each_finding_is_the_one_of_its_operation_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    search = SchemaProver._search

    def counted(self: SchemaProver, fact: Any, *rest: Any) -> Any:
        searched.append(fact.subject)
        return search(self, fact, *rest)

    monkeypatch.setattr(SchemaProver, "_search", counted)
    together = told(ANSWERS).findings
    once = len(searched)
    alone = [f for path, schema in ANSWERS.items() for f in told({path: schema}).findings]

    def shown(findings: Any) -> list[Any]:
        return sorted((f.surface, f.where, f.rule, f.verdict, repr(f.witness)) for f in findings)

    assert shown(together) == shown(alone)
    assert {f.surface for f in together} == {f"GET {path} 200 application/json" for path in ANSWERS}
    # Of the four operations three are alike.
    assert once * 2 == len(searched) - once


def test_values_are_searched_for_only_as_far_as_they_are_asked_for() -> None:
    source = itertools.count()
    found = Recalled(source)
    assert bool(found)
    assert list(itertools.islice(found, 3)) == [0, 1, 2]
    assert next(source) == 3
    assert list(itertools.islice(found, 4)) == [0, 1, 2, 4]


def test_nothing_found_is_nothing() -> None:
    assert (bool(Recalled[int](iter(()))), list(Recalled[int](iter(())))) == (False, [])
