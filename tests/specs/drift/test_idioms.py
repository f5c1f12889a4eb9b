"""Documents as they are written in the world: unions that expand, cycles, files that refer to files."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from understudy.specs.diff.api import read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import Drift, compare, load
from understudy.specs.library import load_yaml
from understudy.specs.source import parse

if TYPE_CHECKING:
    from understudy.specs.drift import Finding

PAIRS = load_yaml(Path(__file__).parents[3] / "fixtures/specs/idioms.yaml")

BODY = re.compile(r"[A-Z]+ /[^ ]*( [0-9]{3}| default)? [a-z]+/[^ ]+")


def document(data: Any) -> ApiDocument:
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def rules(drift: Drift) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for finding in drift.findings:
        found.setdefault(finding.rule, []).append(finding.verdict)
    return {rule: sorted(verdicts) if len(verdicts) > 1 else verdicts[0] for rule, verdicts in found.items()}


@pytest.mark.parametrize("order", ["forth", "back"])
@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_an_idiom_gives_its_rules_and_verdicts(pair: dict[str, Any], order: str) -> None:
    sides = {"base": pair["old"], "revision": pair["new"]}
    if order == "back":
        sides = {"base": pair["new"], "revision": pair["old"]}
    documents = {side: document(data) for side, data in sides.items()}
    found = compare(documents["base"], documents["revision"])
    assert rules(found) == pair[order]
    for finding in found.findings:
        if finding.verdict.startswith("breaks"):
            assert finding.witness is not None
            foreign = "\\\\p{" in json.dumps(pair)  # no pattern of Python's
            if finding.witness.kind == "payload" and BODY.fullmatch(finding.witness.surface) and not foreign:
                check(documents, finding)


def check(documents: dict[str, ApiDocument], finding: Finding) -> None:
    """The witness before python-jsonschema, which shares no code with the validator that found it."""
    witness = finding.witness
    assert witness is not None
    *key, last = witness.surface.split(" ")
    takes = {}
    for side, one in documents.items():
        api = read(one)
        operation = api.operations[" ".join(key[:2])]
        content = operation.responses[key[2]].content if len(key) > 2 else operation.body.content
        schema = Bundler(one, finding.direction).bundle(
            content[last].schema, "strict" if side == witness.taken_by else "taker"
        )
        takes[side] = jsonschema.Draft202012Validator(schema).is_valid(witness.payload)
    assert takes == {witness.taken_by: True, witness.refused_by: False}, finding


# --- files that refer to files

MAIN = """openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /users:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: 'schemas/user.yaml#/components/schemas/User'}}}
      responses: {'200': {$ref: 'common.json#/ok'}}
"""
USER = "components: {schemas: {User: {type: object, properties: {name: {$ref: '../types.yaml#name'}}}}}\n"


def files(folder: Path, limit: int) -> Drift | Any:
    (folder / "schemas").mkdir(parents=True)
    (folder / "openapi.yaml").write_text(MAIN)
    (folder / "schemas" / "user.yaml").write_text(USER)
    (folder / "types.yaml").write_text(
        f"texts:\n  - $anchor: name\n    type: string\n    maxLength: {limit}\n"
    )
    (folder / "common.json").write_text('{"ok": {"description": "ok"}}')
    return load(str(folder / "openapi.yaml"))


def test_a_change_in_a_file_that_is_referred_to_stands_there(tmp_path: Path) -> None:
    [finding] = compare(files(tmp_path / "old", 9), files(tmp_path / "new", 5)).findings
    assert (finding.rule, finding.where) == ("request-max-length-decreased", "name")
    assert finding.revision is not None
    assert finding.revision == (str(tmp_path / "new" / "types.yaml"), 4)


def problems(drift: Drift) -> set[str]:
    return {f"{f.base or f.revision}: {f.title}" for f in drift.findings if f.rule == "not-understood"}


def test_a_reference_out_of_the_folder_is_not_followed_and_said_with_its_line(tmp_path: Path) -> None:
    made = files(tmp_path / "old", 9)
    (tmp_path / "old" / "schemas" / "user.yaml").write_text(USER.replace("../types", "../../types"))
    found = compare(made, load(str(tmp_path / "old" / "openapi.yaml")))
    place = tmp_path / "old" / "schemas" / "user.yaml"
    assert problems(found) == {f"{place}:1: $ref to '../../types.yaml' leaves the document's folder"}


def test_an_anchor_that_is_not_there_is_said(tmp_path: Path) -> None:
    made = files(tmp_path / "old", 9)
    (tmp_path / "old" / "types.yaml").write_text("texts: []\n")
    place = tmp_path / "old" / "schemas" / "user.yaml"
    said = "$ref '../types.yaml#name' names nothing (no $anchor 'name' there)"
    assert problems(compare(made, made)) == {f"{place}:1: {said}"}


UNION = """openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /t:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                oneOf:
                - {type: object, required: [kind], properties: {kind: {const: a}}}
"""


def test_an_alternative_that_comes_stands_at_its_line() -> None:
    more = "                - {type: object, required: [kind], properties: {kind: {const: b}}}\n"
    documents = [ApiDocument(name, parse(text, name)) for name, text in (("a", UNION), ("b", UNION + more))]
    [finding] = compare(*documents).findings
    assert (finding.rule, finding.revision) == ("response-one-of-branch-added", ("b", 14))


# --- size


def mesh(size: int, extra: dict[str, Any]) -> dict[str, Any]:
    """Objects that all expand to ten others, in a circle: what a payment API looks like."""
    schemas: dict[str, Any] = {}
    for n in range(size):
        others = [f"#/components/schemas/S{(n * 7 + k * k + 1) % size}" for k in range(10)]
        expanded = {
            f"p{k}": {"nullable": True, "anyOf": [{"type": "string"}, {"$ref": other}]}
            for k, other in enumerate(others)
        }
        schemas[f"S{n}"] = {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string"}, **expanded},
        }
    schemas["S3"]["properties"] |= extra
    paths = {
        f"/s{n}": {"get": {"responses": {"200": {"description": "ok", "content": {
            "application/json": {"schema": {"$ref": f"#/components/schemas/S{n}"}}}}}}}
        for n in range(size)
    }  # fmt: skip
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def test_a_mesh_of_objects_that_expand_to_each_other_is_compared_in_seconds() -> None:
    """Written out, each object would hold all others in every order."""
    begun = time.process_time()
    found = compare(document(mesh(60, {})), document(mesh(60, {"age": {"type": "integer"}}))).findings
    assert time.process_time() - begun < 10
    assert [(f.rule, f.verdict, len(f.reach)) for f in found] == [("response-property-added", "strict", 60)]
