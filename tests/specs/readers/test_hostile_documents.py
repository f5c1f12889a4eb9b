"""No text makes a reader fail otherwise than with one clear error, nor take long, nor take much memory.

The short form runs always, on small sizes; `UNDERSTUDY_LONG=1` runs 10,000 mutations and the hostile documents at 20
MB, and holds each to a second and 500 MB.
"""

# ruff: noqa: E501 - fragments read better on few lines
from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from understudy.specs.documents import MAX_BYTES, Document
from understudy.specs.errors import UnderstudyError
from understudy.specs.readers import FORMATS, read

HERE = Path(__file__).parent
DOCUMENTS = sorted(p for p in (HERE.parents[2] / "fixtures" / "docs").rglob("*") if p.is_file())
LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
long_only = pytest.mark.skipif(not LONG, reason="long: set UNDERSTUDY_LONG=1")

SECONDS = 1.0
BYTES = 500 * 1024 * 1024
BATCH = 100
BATCHES = 100 if LONG else 2
# The bytes of a hostile document in the short form.
SHORT = "10000"

FRAGMENTS = [
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\t", b"\r", b": ", b" #", b"- ", b"'", b'"', b"{", b"}", b"[", b"]", b"|", b"`" * 4,
    b"~~~\n", b"&a ", b"*a", b"!!python/object:os.system ", b"<<: *a\n", b"\n---\n", b"...\n", b"%YAML 9\n", b"? ", b"$ref: '#'\n",
    b"$ref: '#/paths'\n", b"allOf: []\n", b"oneOf: [{}, 1, null]\n", b"properties: 1\n", b"required: {a: b}\n", b"type: [1, {}]\n",
    b"enum: {}\n", b"items: []\n", b"parameters: {}\n", b"content: []\n", b"paths: []\n", b"responses: 5\n", b"1e999", b"9" * 400,
    "，最多".encode(), "枚举值：".encode(), b"Enum values: ", b"Required\n", b"Available options:\n", b"// x\n", b"/* ", b"\\ud800",
]  # fmt: skip


def mutated(rng: random.Random) -> bytes:
    """One of our documents, broken in one to four ways."""
    data = rng.choice(DOCUMENTS).read_bytes()
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(MUTATIONS)(data, rng)
    return data


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 20) if out else 0):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def shuffle(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    start = rng.randrange(len(lines))
    part = lines[start : start + rng.randint(2, 40)]
    rng.shuffle(part)
    return b"\n".join([*lines[:start], *part, *lines[start + len(part) :]])


def drop(data: bytes, rng: random.Random) -> bytes:
    return b"\n".join(line for line in data.split(b"\n") if rng.random() > 0.1)


def indent(data: bytes, rng: random.Random) -> bytes:
    shift = rng.choice(
        [lambda line: line.lstrip(), lambda line: b" " + line, lambda line: line.replace(b"  ", b"\t")]
    )
    return b"\n".join(shift(line) if rng.random() < 0.2 else line for line in data.split(b"\n"))


def insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(FRAGMENTS) * rng.choice([1, 1, 1, 50]) + data[at:]


def splice(data: bytes, rng: random.Random) -> bytes:
    other = rng.choice(DOCUMENTS).read_bytes()
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def repeat(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    part = data[start : start + rng.randint(1, 200)]
    return data[:start] + part * rng.randint(2, 30) + data[start:]


MUTATIONS = [cut, flip, shuffle, drop, indent, insert, splice, repeat]


def outcome(data: bytes, name: str = "mutant") -> str:
    """What reading gives: a format, or "refused". Any exception but the one clear error comes through."""
    try:
        reading = read(Document.from_bytes(name, data))
    except UnderstudyError as error:
        message = str(error)
    else:
        message = ""
    if message:
        assert message.startswith(name)
        assert "\n" not in message
        return "refused"
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert all(0 <= note.line <= lines for note in reading.notes)
    return reading.format


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutated_document_is_read_or_refused(batch: int) -> None:
    rng = random.Random(f"mutations {batch}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slow = []
    for number in range(BATCH):
        data = mutated(rng)
        started = time.process_time()
        result = outcome(data)
        seconds = time.process_time() - started
        assert {*result.split(", ")} <= {*FORMATS, "refused"}
        if seconds > SECONDS:
            slow.append((batch, number, round(seconds, 2)))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < BYTES
    if LONG:
        assert slow == []


def hostile_names() -> list[str]:
    listing = subprocess.run(
        [sys.executable, HERE / "hostile.py"], capture_output=True, text=True, check=True
    )
    return listing.stdout.splitlines()


def measured(*arguments: str, memory: int) -> list[dict[str, object]]:
    """Run hostile documents in a process of their own that may have `memory` bytes; one result each."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    command = [sys.executable, HERE / "hostile.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limited)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_hostile_documents_are_read_or_refused_within_500_mb() -> None:
    results = measured("all", SHORT, memory=BYTES)

    assert [result["name"] for result in results] == hostile_names()
    assert {result["result"] for result in results} == {"read", "refused"}


@long_only
@pytest.mark.parametrize("name", hostile_names() if LONG else [])
def test_hostile_document_of_20_mb_takes_less_than_a_second(name: str) -> None:
    (result,) = measured(name, str(MAX_BYTES - 100_000), memory=4 * BYTES)

    assert float(str(result["seconds"])) < SECONDS
    assert int(str(result["bytes"])) < BYTES


def test_document_over_20_mb_is_refused() -> None:
    with pytest.raises(
        UnderstudyError, match=r"big: the document has 20,971,521 bytes; the limit is 20,971,520"
    ):
        Document.from_bytes("big", b" " * (MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x: the document is in no known format (known formats: "),
        (b"openapi: [", "x:1:1: nothing could be read: not YAML: did not find expected node content"),
        (b"openapi: 3.0.1\nx: &a [*a]\n", "x:2:4: an alias refers back to its own value"),
        (b'{"openapi": "3.0.1", "x": ' + b"[" * 200, "x:1:126: nested more than 100 levels deep"),
        (b"openapi: '4.0'\n", "x:1: this OpenAPI document states version '4.0' (known: 3.0, 3.1, 3.2)"),
        (b"- openapi: 3.0.1\nopenapi: 3.0.1\n", "x: the document is in no known format"),
        (b"\n" * 200_000, "x:120001: the document has more than 120,000 lines"),
    ],
)
def test_error_says_where_and_what(data: bytes, message: str) -> None:
    with pytest.raises(UnderstudyError) as raised:
        read(Document.from_bytes("x", data))

    assert str(raised.value).startswith(message)
