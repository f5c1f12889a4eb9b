"""Whatever the readers make of a damaged document, it becomes a spec, a valid document and an exact overlay.

UNDERSTUDY_LONG=1 damages three thousand copies instead of thirty, and of pages instead of ninety.
"""

from __future__ import annotations

import json
import os
import random
from datetime import date
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate
from tests.specs.readers.test_kinds_of_pages import CASES

from understudy.specs import library, overlay
from understudy.specs.build import known_fields, package_vendor, usual_names
from understudy.specs.cli.imported import proposal_data
from understudy.specs.documents import Document
from understudy.specs.effective import effective
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing import ImportOptions, ProposedApi, import_documents
from understudy.specs.normalise import provider_spec
from understudy.specs.profile import Profile, Source
from understudy.specs.readers import read
from understudy.specs.render import dump_yaml, provider_document, provider_from
from understudy.specs.tree import same

ROOT = Path(__file__).parents[2]
FILES = [
    *sorted((ROOT / "fixtures" / "docs").glob("*.*")),
    ROOT / "specs" / "providers" / "kling" / "promise.yaml",
]
# Of the pages of all kinds.
PAGES = 3000 if os.environ.get("UNDERSTUDY_LONG") else 90
ROUNDS = 3000 if os.environ.get("UNDERSTUDY_LONG") else 30
BATCHES = 3
WORDS = (
    b"string integer object array required enum null 5 -1 $ref items properties true [] {} default".split()
)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A copy with a few lines or bytes lost, doubled, swapped, indented otherwise, or replaced."""
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 8)):
        here, there = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(6)
        if kind == 0:
            lines = lines[: max(1, here)]
        elif kind == 1:
            lines[here], lines[there] = lines[there], lines[here]
        elif kind == 2:
            lines.insert(there, lines[here])
        elif kind == 3:
            lines[here] = b"  " + lines[here] if rng.random() < 0.5 else lines[here][2:]
        elif kind == 4:
            lines[here] = lines[here].replace(rng.choice(WORDS), rng.choice(WORDS))
        elif lines[here]:
            at = rng.randrange(len(lines[here]))
            lines[here] = lines[here][:at] + bytes([rng.randrange(256)]) + lines[here][at + 1 :]
    return b"\n".join(lines)


def facts(spec) -> dict:
    return {
        (key, body, one.path): sorted((word.name, repr(word.value), word.evidence) for word in one.keywords)
        for key, body, one in spec.fields()
    }


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_damaged_document_becomes_a_spec_or_one_clear_error(batch: int) -> None:
    known, usual = known_fields(package_vendor()), usual_names()
    rng = random.Random(batch)
    specs = 0
    for number in range(ROUNDS // BATCHES):
        path = rng.choice(FILES)
        data = damaged(path.read_bytes(), rng)
        try:
            reading = read(Document.from_bytes(path.name, data))
        except UnderstudyError:
            continue
        spec = provider_spec(Profile("acme", "Acme", documents=(Source(path.name),)), [reading], known, usual)
        made = effective(library.canonical(), spec)
        change = overlay.between(library.canonical(), made, {"title": "Acme", "version": "1"})
        assert same(overlay.apply(library.canonical(), change), made), (batch, number)
        document = provider_document(spec, [path.name])
        assert facts(provider_from(document, "acme")) == facts(spec), (batch, number)
        if number % 5 == 0:
            assert same(yaml.load(dump_yaml(document), yaml.CSafeLoader), document), (batch, number)
            validate(document)
            validate(made)
        specs += 1
    assert specs > ROUNDS // BATCHES // 2


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_damaged_page_becomes_a_first_description_of_an_api_or_one_clear_error(
    batch: int, tmp_path: Path
) -> None:
    rng = random.Random(batch)
    described = 0
    for number in range(PAGES // BATCHES):
        _, name, text, _ = rng.choice(CASES)
        data = damaged(text.encode(), rng) if rng.random() < 0.5 else text.encode()
        root = tmp_path / f"{number}"
        root.mkdir()
        (root / name).write_bytes(data)
        try:
            made = import_documents(
                root, [str(root / name)], "acme", date(2026, 12, 1), ImportOptions(new_api=True)
            )
        except UnderstudyError:
            continue
        assert isinstance(made, ProposedApi)
        assert json.loads(json.dumps(proposal_data(made)))["name"] == "acme"
        described += 1
    assert described > PAGES // BATCHES // 4
