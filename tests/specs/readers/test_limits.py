"""No limit cuts in silence: what lies beyond is listed as not understood, at the line where reading ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from understudy.specs.documents import MAX_LINKS, Document, follow_index, index_links
from understudy.specs.model import CUT
from understudy.specs.readers import read
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.fields.table_rows import page_lines
from understudy.specs.readers.text import page_text
from understudy.specs.readers.text.page_text import Line

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = "POST /v1/things\nBody\nname\nstring\nrequired\nMaximum string length: 9\n"
TABLE = "POST /v1/things\n\n| Field | Type | Description |\n|---|---|---|\n"
FENCED = "```yaml\nopenapi: 3.0.1\npaths:\n  /v1/things:\n    post:\n      responses: {}\n```\n"
PYTHON = "import pydantic\n\n# POST /v1/things\nclass Body(BaseModel):\n    prompt: str\n"


def schema(node: object) -> str:
    """An OpenAPI file whose one body has this schema, in line 2."""
    body = {"content": {"application/json": {"schema": node}}}
    paths = {"/v1/things": {"post": {"requestBody": body}}}
    return '{"openapi": "3.1.0", "paths":\n' + json.dumps(paths) + "}"


def described(text: str) -> str:
    return schema({"properties": {"a": {"type": "string", "description": text}}})


def chain(length: int) -> str:
    """A body behind a chain of references."""
    links = {f"s{n}": {"$ref": f"#/components/schemas/s{n + 1}"} for n in range(length)}
    head = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/s0"}}}}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "paths": {
                "/v1/things": {"post": {"requestBody": {"$ref": "#/components/schemas/s0"}, "x": head}}
            },
            "components": {"schemas": links},
        }
    )


CASES: dict[str, tuple[Callable[[], str], int, str]] = {
    "lines of a page": (
        lambda: PAGE + "\n" * 4_000 + "lost\nstring\n",
        4_001,
        "a page is read up to 400,000 characters and 4,000 lines",
    ),
    "a line of a page": (lambda: "x" * 20_001 + "\n" + PAGE, 1, "a line is read up to 20,000 characters"),
    "rows": (
        lambda: TABLE + "".join(f"| f{n} | string | x |\n" for n in range(1_001)),
        1_005,
        "1,000 rows of a page are read",
    ),
    "rows of values": (
        lambda: TABLE + "| a | string | x |\n\n| 名称 | 值 |\n|---|---|\n" + "| a | 1 |\n" * 1_000,
        7,
        "1,000 rows of a page are read",
    ),
    "lists behind rows": (
        lambda: TABLE + "| f | string | x |\n" * 1_000 + "\n- `a` (string)\n",
        1_006,
        "1,000 entries of lists are read",
    ),
    "lines with tables": (
        lambda: TABLE + "| a | string | x |\n" + "\n" * 3_995 + "lost\n",
        4_001,
        "a page is read up to 400,000 characters and 4,000 lines",
    ),
    "operations": (
        lambda: "".join(f"curl https://a.test/v1/x{n}x -d '{{}}'\n" for n in range(1_001)),
        1_001,
        "1,000 operations of a page are read",
    ),
    "values of examples": (
        lambda: ("POST /a/b\n```\n" + '{"a": [' + "1, " * 30_000 + "1]}\n```\n") * 2,
        7,
        "40,000 values of examples are read",
    ),
    "a row": (
        lambda: TABLE + "| a | string | x | " + "y" * 20_001 + " |\n",
        5,
        "a row is read up to 20,000 characters and 40 cells",
    ),
    "cells": (
        lambda: TABLE + "| a | string | x " + "| " * 40 + "\n",
        5,
        "a row is read up to 20,000 characters and 40 cells",
    ),
    "tags": (
        lambda: "POST /v1/things\n" + '<ParamField body="a" type="string" />\n' * 2_001,
        2_002,
        "2,000 tags of a page are read",
    ),
    "tags in tags": (
        lambda: "POST /v1/things\n" + '<ParamField body="a" type="object">\n' * 13 + "</ParamField>\n" * 13,
        14,
        "fields are read 12 levels deep",
    ),
    "blocks": (lambda: FENCED * 51, 7 * 50 + 2, "50 OpenAPI blocks of a page are read"),
    "lines beside blocks": (
        lambda: FENCED + "words\n" * 2_001,
        2_008,
        "2,000 lines beside the OpenAPI blocks are read",
    ),
    "a line beside blocks": (
        lambda: FENCED + "w" * 2_001,
        8,
        "a line beside the OpenAPI blocks is read up to 2,000 characters",
    ),
    "fields": (
        lambda: schema({"properties": {f"f{n}": {"type": "string"} for n in range(2_001)}}),
        2,
        "2,000 fields of a body, 12,000 in all, and 24 levels are read",
    ),
    "parts": (
        lambda: schema({"allOf": [{"title": str(n)} for n in range(65)]}),
        2,
        "64 parts of one schema are read",
    ),
    "alternatives": (
        lambda: schema({"oneOf": [{"const": n} for n in range(65)]}),
        2,
        "64 alternatives of one schema are read",
    ),
    "references": (lambda: chain(20), 1, "16 references, one leading to the next, are followed"),
    "a description": (
        lambda: described("It is a thing. " * 600),
        2,
        "a description is read up to 8,000 characters",
    ),
    "sentences": (
        lambda: described("".join(f"It must be thing {n} here.\n" for n in range(51))),
        2,
        "50 sentences of one description are listed",
    ),
    "a file of Python": (
        lambda: PYTHON + "".join(f"\n\nclass Other{n}:\n    a: str = {'x' * 7_000!r}\n" for n in range(9)),
        28,
        "40,000 characters of a block of Python are read",
    ),
    "descriptions": (
        lambda: schema(
            {"properties": {f"f{n}": {"type": "string", "description": "word " * 1_500} for n in range(21)}}
        ),
        2,
        "descriptions are read up to 100,000 characters in all",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_lies_beyond_a_limit_is_listed_with_the_line(name: str) -> None:
    text, line, what = CASES[name]

    notes = read(Document("x", text())).notes

    assert [(n.kind, n.line, n.text) for n in notes if n.text.startswith(CUT)] == [
        ("not-understood", line, CUT + what)
    ]


@pytest.mark.parametrize("name", ["chainhub.md", "page.txt"])
def test_a_document_within_the_limits_has_no_such_note(name: str) -> None:
    text = {"chainhub.md": FENCED + "words\n" * 2_000, "page.txt": PAGE + "\n" * 3_990}[name]

    assert [n for n in read(Document(name, text)).notes if n.text.startswith(CUT)] == []


def test_tags_beyond_the_depth_do_not_move_those_that_follow() -> None:
    deep = '<ParamField body="a" type="object">\n' * 14 + "</ParamField>\n" * 14
    page = f'POST /v1/things\n{deep}<ParamField body="b" type="string" />\n'

    (operation,) = read(Document("x", page)).operations

    assert [len(f.path) for f in operation.request] == [*range(1, 13), 1]
    assert operation.request[-1].path == ("b",)


def test_more_notes_than_are_kept_are_told() -> None:
    wrong = "".join(f"| {n} things | string | x |\n" for n in range(600))

    notes = read(Document("x", TABLE + "| a | string | x |\n" + wrong)).notes

    assert len(notes) == 501
    assert [n.text for n in notes if n.kind == "problem"] == [
        "more than 500 notes about this document; the rest is not listed"
    ]


def test_an_index_of_more_pages_than_are_fetched_says_so() -> None:
    # None of these has the index's host, so none is fetched.
    pages = "".join(f"- [p](https://b.example/{n}.md)\n" for n in range(MAX_LINKS + 5))
    index = Document("llms.txt", pages, url="https://a.example/llms.txt")

    documents, errors = follow_index(index)

    assert (len(index_links(index)), documents, len(errors)) == (MAX_LINKS + 1, [], MAX_LINKS + 1)
    assert str(errors[-1]) == (
        "https://b.example/500.md: the index lists more than 500 pages; from this one on none was fetched"
    )


def test_each_line_is_counted_once_however_many_brackets_are_never_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [Line(number, '{ "a') for number in range(2_500)]
    counted: list[str] = []

    def depth(text: str) -> int:
        counted.append(text)
        return 1

    monkeypatch.setattr(page_text, "_depth", depth)

    assert page_text.without_code(lines) == page_text.with_whole_fragments(lines) == lines
    assert len(counted) == 2 * len(lines)


def test_example_ends_behind_the_line_that_closes_it() -> None:
    shown = ["a", "{", '"b": [', "1", "]", "}", "c", "{", "d"]
    lines = [Line(number, text) for number, text in enumerate(shown, 1)]

    assert [line.text for line in page_text.without_code(lines)] == ["a", "c", "{", "d"]


@pytest.mark.parametrize(("text", "end"), [("w\n" * 30_001, 30_000), (("w" * 20_000 + "\n") * 31, 30)])
def test_what_was_written_anew_is_read_within_bounds_too(text: str, end: int) -> None:
    log = FactLog(Document("x", text))

    assert len(page_lines(log.document, log)) == end
    assert [(note.line, note.text) for note in log.notes] == [
        (end + 1, CUT + "a page is read up to 30,000 lines and 600,000 characters")
    ]
