"""What stands beside the name of a field, in its row or below it, is a fact of the field or is told."""
# ruff: noqa: E501 - a case reads better on one line

from __future__ import annotations

from dataclasses import replace

import pytest

from understudy.specs.documents import Document
from understudy.specs.model import Evidence, Field, Keyword, Operation, Reading
from understudy.specs.readers.told.share import share_read
from understudy.specs.readers.told.untold import with_untold

NAME = "clip.md"


def page(text: str, *fields: Field) -> Reading:
    """The notes of a page of which nothing but `fields` was read."""
    reading = Reading(NAME, "Markdown tables", (Operation("post", "/v1/clips", fields, line=1),))
    return with_untold(reading, Document(NAME, f"POST /v1/clips\n{text}"))


def field(name: str, line: int, **keywords: object) -> Field:
    evidence = Evidence(NAME, line, "declared")
    return Field((name,), tuple(Keyword(key, value, evidence) for key, value in keywords.items()), line=line)


def told(reading: Reading) -> list[tuple[int, str]]:
    return [(note.line, note.text) for note in reading.notes if note.kind == "untold"]


TABLE = "| Field | Type | Required | Default | What |\n|---|---|---|---|---|\n"


def test_a_column_that_was_not_read_is_told_in_one_note() -> None:
    text = TABLE + "| tone | string | yes | | How |\n| seed | integer | no | | Which |\n"

    reading = page(text, field("tone", 4, required=True), field("seed", 5, required=False))

    assert told(reading) == [
        (4, "the type that stands beside a name is in no fact: tone string, seed integer")
    ]


@pytest.mark.parametrize(
    ("row", "read", "said"),
    [
        ("| tone | string | yes | | How |", {"type": "string"}, "whether it is required is in no fact: tone yes"),
        ("| tone | string | no | warm | How |", {"type": "string", "required": False}, "the default that stands beside a name is in no fact: tone warm"),
        ("| tone | string | no | | A URL or Base64 |", {"type": "string", "required": False}, "the form in which a file is sent is in no fact: tone Base64"),
        ("- `tone` (string, optional): how", {"type": "string"}, "'optional' is in no fact: - `tone` (string, optional): how"),
        ("- `tone` (string, optional): how", {"required": False}, "the type that stands beside a name is in no fact: tone string"),
        ("tone\nstring\nHow it sounds", {}, "the type that stands beside a name is in no fact: tone string"),
        ("tonestringHow it sounds", {}, "the type that stands beside a name is in no fact: tone string"),
        ("tone*string\nHow it sounds", {"type": "string"}, "whether it is required is in no fact: tone *"),
        ("| tone | array of strings | no | | How |", {"required": False}, "the type that stands beside a name is in no fact: tone array"),
        ("| tone | 字符串 | 否 | | 音色 |", {"type": "string"}, "whether it is required is in no fact: tone 否"),
    ],
)  # fmt: skip
def test_what_one_field_lacks_is_told(row: str, read: dict[str, object], said: str) -> None:
    line = 4 if row.startswith("|") else 2
    reading = page(TABLE + row if line == 4 else row, field("tone", line, **read))

    assert told(reading) == [(line, said)]


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ("| tone | string | no | - | How |", {"type": "string", "required": False}),
        ("| tone | string | no | warm | How |", {"type": "string", "required": False, "default": "warm"}),
        ("| tone | string | no | | Words |", {"type": "string", "required": False}),
        ("| tone | kotlin.String | no | | Words |", {"type": "string", "required": False}),
        ("| tone | **kotlin.Int** | no | | Words |", {"type": "integer", "required": False}),
        ("| tone | | | | A number of words, not an object |", {}),
        ("- *tone*: how it sounds", {}),
    ],
)
def test_what_is_read_or_said_by_nothing_is_not_told(row: str, read: dict[str, object]) -> None:
    line = 4 if row.startswith("|") else 2

    assert told(page(TABLE + row if line == 4 else row, field("tone", line, **read))) == []


def test_what_is_said_of_all_fields_below_is_told_where_none_has_it() -> None:
    reading = page("### Optional fields\n\n- `tone`: how\n", field("tone", 4))

    assert told(reading) == [(2, "said of the fields below and in no fact: Optional fields")]
    assert told(page("### Optional fields\n\n- `tone`: how\n", field("tone", 4, required=False))) == []


def test_an_example_column_has_no_values() -> None:
    text = "| Field | Type | Example |\n|---|---|---|\n| tone | string | warm |\n"

    assert told(page(text, field("tone", 4, type="string"))) == []


@pytest.mark.parametrize(
    ("row", "is_listed"),
    [
        ("| tone | string | At night 8-60 of them |", True),
        ("| tone | string | `warm`, also `cold` |", True),
        ("| tone | string | 音色，枚举值：warm（暖）、cold（冷） |", True),
        ("| tone | string | 长度必须为2 |", True),
        ("| tone | string | e.g. `warm` |", False),
        ("| tone | string | Kept since 2024-05-06 |", False),
        ("| tone | string | One of `tone` |", False),
    ],
)
def test_a_line_that_gave_a_fact_is_listed_where_it_says_more(row: str, *, is_listed: bool) -> None:
    text = f"POST /v1/clips\n| Field | Type | What |\n|---|---|---|\n{row}\n"
    one = field("tone", 4, type="string")
    reading = Reading(NAME, "Markdown tables", (Operation("post", "/v1/clips", (one,), line=1),))
    document = Document(NAME, text)

    unread = share_read(reading, document).unread

    assert unread == ((4,) if is_listed else ())
    with_all = Keyword("enum", ["warm", "cold", "8", "60", "2"], Evidence(NAME, 4, "prose"))
    whole = replace(
        reading,
        operations=(
            replace(reading.operations[0], request=(replace(one, keywords=(*one.keywords, with_all)),)),
        ),
    )
    assert share_read(whole, document).unread == ()


def test_the_same_figure_elsewhere_accounts_for_nothing() -> None:
    text = "| tone | string | 7 of them |\n| seed | integer | From 7 |\n"
    fields = (field("tone", 2, type="string"), field("seed", 3, type="integer", minimum=7))
    reading = Reading(NAME, "Markdown tables", (Operation("post", "/v1/clips", fields, line=1),))

    assert share_read(reading, Document(NAME, f"POST /v1/clips\n{text}")).unread == (2,)
