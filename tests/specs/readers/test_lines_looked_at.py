"""Each line of a page is looked at a few times, however often what stands on it begins anew."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.rewritten import html_page
from understudy.specs.readers.text.page_text import Line, without_code
from understudy.specs.readers.torn import torn_tables
from understudy.specs.readers.torn.spaced_columns import torn_rows
from understudy.specs.readers.trees import json_holders

TIMES = 300


class Counted(list[Any]):
    """A list that counts how often one of its items is looked at."""

    looks = 0

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return super().__getitem__(at)


@pytest.mark.parametrize(
    "text", ["curl -X POST \\", "curl -d '", "curl https://a.test"], ids=["goes on", "in a quote", "whole"]
)
def test_commands_that_never_end_are_followed_once(text: str) -> None:
    lines = Counted(Line(number, text) for number in range(TIMES))

    without_code(lines)

    assert lines.looks <= 5 * TIMES


def test_tables_are_not_looked_through_with_the_heads_of_those_below() -> None:
    lines = Counted(["| a | b | c |", "|---|---|---|"] * TIMES)

    for index in range(len(lines)):
        torn_rows(lines, index)

    assert lines.looks <= 10 * len(lines)


def test_names_of_examples_are_looked_for_once_in_a_page_of_many_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = "ParameterDescriptionValues\n" + "".join(f"f{n}How wide it is.\n" for n in range(3)) + "\n"
    calls: list[int] = []
    monkeypatch.setattr(
        torn_tables, "holders_of", lambda lines: calls.append(1) or json_holders.holders_of(lines)
    )
    document = Document("page.txt", table * 3)

    made = torn_tables.rewritten(document, FactLog(document, "declared"))

    assert (calls, made.document.text.count("| f2 |")) == ([1], 3)


def test_tables_of_html_are_read_without_the_lines_above_them(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    own = html_page.rewritten
    monkeypatch.setattr(
        html_page,
        "rewritten",
        lambda part, *more, **at: lengths.append(len(part.text)) or own(part, *more, **at),
    )
    table = "<table>\n<tr><td>Name</td></tr>\n<tr><td>a</td></tr>\n</table>"
    document = Document("page.md", f"{table}\n\n{table}")

    made = torn_tables.rewritten(document, FactLog(document, "declared"))

    assert lengths == [len(table), len(table)]
    assert [n for n, text in zip(made.lines, made.document.lines, strict=True) if text == "| a |"] == [3, 8]


def test_ends_of_tables_of_html_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    real = torn_tables._END_OF_TABLE
    monkeypatch.setattr(
        torn_tables,
        "_END_OF_TABLE",
        SimpleNamespace(search=lambda line: looks.append(line) or real.search(line)),
    )
    document = Document("page.md", "<table>\n" * TIMES)

    torn_tables.rewritten(document, FactLog(document, "declared"))

    assert len(looks) <= TIMES + 1
