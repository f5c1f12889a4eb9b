"""Documents made by chance, with one known change each: none goes unseen; what means the same never breaks.

Some pairs here. UNDERSTUDY_LONG=1 takes 20,000, and UNDERSTUDY_PAIRS=FROM:TO a part of them.
"""

from __future__ import annotations

import json
import os
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest
from tests.specs.drift.generator import Maker, changed, reworded

from understudy.specs.diff.api import read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.diff.document import ApiDocument
from understudy.specs.diff.http import find_media, find_status
from understudy.specs.drift import Drift, compare
from understudy.specs.source import parse

LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
BATCH = 250


def batches(few: int) -> list[Any]:
    """Seeds in ranges; `few` of them where nobody asks for more."""
    asked = os.environ.get("UNDERSTUDY_PAIRS", "0:10000" if LONG else f"0:{few}")
    first, last = map(int, asked.split(":"))
    return [range(start, min(start + BATCH, last)) for start in range(first, last, BATCH)]


QUIET = ("no effect", "compatible")


def document(data: dict[str, Any]) -> ApiDocument:
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def witnesses_hold(found: Drift, sides: dict[str, dict[str, Any]]) -> list[Any]:
    """The breaks of JSON bodies whose witness python-jsonschema, which shares no code with ours, sees
    otherwise."""
    wrong = []
    for finding in found.findings:
        witness = finding.witness
        if not finding.verdict.startswith("breaks") or witness is None or witness.kind != "payload":
            continue
        content = _schemas_at(witness.surface, sides)
        if content is None:
            continue
        takes = {}
        for side, (api, media) in content.items():
            role = "strict" if side == witness.taken_by else "taker"
            schema = Bundler(api.document, finding.direction).bundle(media.schema, role)
            takes[side] = jsonschema.Draft202012Validator(schema).is_valid(witness.payload)
        if takes != {witness.taken_by: True, witness.refused_by: False}:
            wrong.append((finding.title, witness, takes))
    return wrong


def _schemas_at(surface: str, sides: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """What each side says of a JSON body; None for what else is sent, and for what the provider calls."""
    method, path, *rest = surface.split(" ")
    texts = ("parameter", "header", "webhook", "callback", "form", "urlencoded", "text/")
    if any(word in surface for word in texts) or not path.startswith("/") or "/" not in rest[-1]:
        return None
    found = {}
    for side, data in sides.items():
        api = read(document(data))
        operation = api.operations[f"{method} {path}"]
        content = operation.body.content if len(rest) == 1 else {}
        if len(rest) == 2:
            status = rest[0].replace("XX", "98").replace("default", "598")
            response = operation.responses.get(rest[0]) or find_status(operation.responses, status)
            content = response.content
        media = find_media(content, rest[-1].replace("*", "x-other")) if "*" in rest[-1] else None
        found[side] = api, content.get(rest[-1]) or media or find_media(content, rest[-1])
    return found


@pytest.mark.parametrize("seed", range(12))
def test_what_is_made_is_openapi(seed: int) -> None:
    data = Maker(seed).document()
    if data["openapi"] < "3.2":
        openapi_spec_validator.validate(data)


@pytest.mark.parametrize("seeds", batches(50), ids=str)
def test_no_known_change_goes_unseen_and_each_witness_holds(seeds: range) -> None:
    for seed in seeds:
        data = Maker(seed).document()
        kind, other = changed(data, seed)
        verdicts: set[str] = set()
        for base, revision in ((data, other), (other, data)):
            found = compare(document(base), document(revision))
            assert [f for f in found.findings if f.verdict != "no effect"], (seed, kind)
            assert [f.title for f in found.findings if f.verdict == "undecided"] == [], (seed, kind)
            assert [f.title for f in found.findings if f.rule == "unexplained-difference"] == [], (seed, kind)
            assert witnesses_hold(found, {"base": base, "revision": revision}) == [], (seed, kind)
            verdicts |= {f.verdict for f in found.findings}
        assert verdicts.difference(QUIET), (seed, kind)  # in one of both directions it counts


# The same in other words costs six times as much: every surface is searched to its end.
@pytest.mark.parametrize("seeds", batches(12), ids=str)
def test_what_means_the_same_is_never_called_breaking(seeds: range) -> None:
    for seed in seeds:
        data = Maker(seed).document()
        other = reworded(data, seed)
        for base, revision in ((data, other), (other, data)):
            found = compare(document(base), document(revision)).findings
            loud = [(f.rule, f.verdict, f.title) for f in found if f.verdict not in QUIET]
            assert loud == [], seed
