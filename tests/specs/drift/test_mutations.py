"""Documents with pieces replaced at random: a comparison or one clear error, never anything else."""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.errors import UnderstudyError
from understudy.specs.source import ParsedSource, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 2_500 if os.environ.get("UNDERSTUDY_LONG") else 15
SPEC = Path(__file__).parents[3] / "specs" / "providers" / "kling" / "promise.yaml"
JUNK: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 10**30, "", "x", "#/nope", [], {}, [1], {"a": 1}),
    *({"$ref": "#/components/schemas/Nope"}, {"$ref": 5}, {"$ref": "#"}, {"type": "string"}, ["string"]),
    *({"type": ["x"]}, {"pattern": "("}, {"enum": []}, [{}], {"oneOf": [{}]}, {"allOf": []}),
]


def places(node: Any, place: tuple = ()) -> Iterator[tuple]:
    if place:
        yield place
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from places(value, (*place, key))


@pytest.mark.parametrize("seed", range(4))
def test_a_mutated_document_is_compared_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    whole = parse(SPEC.read_text(encoding="utf-8"), "promise.yaml").root
    for _ in range(ROUNDS):
        mutated = copy.deepcopy(whole)
        for _ in range(chance.randint(1, 3)):
            *way, last = chance.choice(list(places(mutated)))
            node = mutated
            for key in way:
                node = node[key]
            node[last] = copy.deepcopy(chance.choice(JUNK))
        roots = [copy.deepcopy(whole), mutated]
        chance.shuffle(roots)
        try:
            sides = [ApiDocument("t", ParsedSource("t", root, {})) for root in roots]
            findings = compare(*sides).findings
        except UnderstudyError:
            continue
        assert [f for f in findings if f.verdict.startswith("breaks") and f.witness is None] == []
