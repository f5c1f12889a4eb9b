"""Pages saved by a browser: what it was given beside the page does not count, and ends may be left out."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.rewritten import html_page

ROWS = [
    "| Field | Type |",
    "| --- | --- |",
    "| a | string |",
    "| b |  |",
]


def made_of(body: str) -> tuple[list[str], list[str]]:
    """The lines of Markdown that `body` becomes, without empty ones, and the notes about it."""
    document = Document("x", f"<!doctype html><html>{body}</html>")
    log = FactLog(document)
    made = html_page.rewritten(document, log)
    return [line for line in made.document.text.split("\n") if line], [note.text for note in log.notes]


@pytest.mark.parametrize(
    "table",
    [
        "<tr><th>Field</th><th>Type</th></tr>\n<tr><td>a</td><td>string</td></tr><tr><td>b</td><td></td></tr>",
        "<tr>\n<th>Field</th>\n<th>Type</th></tr>\n<tr><td>a</td> <td>string</td>\n</tr><tr><td>b</td><td> ",
        "<tr><th>Field<th>Type\n<tr><td>a<td>string\n<tr><td>b<td>",
        "<thead><tr><th>Field<th>Type<tbody><tr><td>a</td><td>string<tr><td>b<td></tbody>",
    ],
    ids=["ends written", "blanks between", "ends left out", "some left out"],
)
def test_a_table_is_the_same_whether_the_ends_of_its_cells_are_written(table: str) -> None:
    assert made_of(f"<table>{table}</table>") == (ROWS, [])


LONG = "x" * html_page.MAX_CHARACTERS


@pytest.mark.parametrize(
    "before",
    [
        f"<head><style>.a{{b:c}} {LONG}</style></head>",
        f"<STYLE>{LONG}</STYLE >",
        f"<script>if (a<b) {{ c = '<div>' }} {LONG}</script>",
        f"<svg><path d='{LONG}'/></svg>",
        f"<img src='data:image/png;base64,{LONG}'>",
        f"<!-- {LONG} -->",
        f"<head><script>{LONG}</script><style>{LONG}</style></head>",
        f"<svg><text>{LONG}</text></svg>",
    ],
)
def test_what_a_browser_does_not_show_does_not_count(before: str) -> None:
    assert made_of(f"{before}<p>POST /a/b</p>") == (["POST /a/b"], [])


@pytest.mark.parametrize(
    ("before", "shown"),
    [("<p>", []), ("<p>a</p>", ["a"]), ("<b>" * (html_page.MAX_CHARACTERS // 3), [])],
)
def test_what_is_beyond_the_limit_is_told(before: str, shown: list[str]) -> None:
    room = html_page.MAX_CHARACTERS - len(f"<!doctype html><html>{before}")
    lines, notes = made_of(f"{before}{LONG}<p>lost</p>")

    assert lines == [*shown, *([LONG[:room]] if room > 0 else [])]
    assert notes == ["reading stopped here: an HTML page is read up to 600,000 characters"]


def test_lines_beyond_the_limit_are_told() -> None:
    lines, notes = made_of("\n".join(f"<p>{number}</p>" for number in range(10_002)))

    assert (len(lines), lines[-1]) == (4_000, "3999")
    assert notes == ["reading stopped here: 4,000 lines of an HTML page are read"]


def test_a_style_without_an_end_hides_the_rest() -> None:
    assert made_of("<p>a</p><style>" * 3 + "b") == (["a"], [])


ROW = "| a | string | yes | up to 5 characters |\n"
ROWED = f"POST /a/b\n\n| Field | Type | Required | Description |\n|---|---|---|---|\n{ROW}"


@pytest.mark.parametrize(
    ("page", "line"),
    [
        (ROWED + ("w" * 199 + "\n") * 2_500, 2_005),
        (ROWED + "w\n" * 4_000, 4_001),
        (ROWED + "w\n" * 3_900, 0),
    ],
)
def test_of_a_page_400_000_characters_and_4_000_lines_are_read(page: str, line: int) -> None:
    what = "reading stopped here: a page is read up to 400,000 characters and 4,000 lines"

    assert [note.line for note in read(Document("x", page)).notes if note.text == what] == [line] * (line > 0)


def test_a_document_for_machines_is_read_whole() -> None:
    schema = 'openapi: 3.0.1\npaths: {/a/b: {post: {description: "' + "w" * 2_000_000 + '"}}}\n'

    assert [one.path for one in read(Document("x", schema)).operations] == ["/a/b"]
