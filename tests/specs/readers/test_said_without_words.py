"""What a page says by how it is set: a default of several words, a method."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

RENDERED = """POST
/v1/loops

Body

application/json
title
string
default:Loop of the day - number

What it is called

seconds
integer
required

How long it is
"""

ASKED = """# Ask for a loop

## Path parameters

| Name | Type | Required | Description |
|---|---|---|---|
| id | string | Yes | Which one |

## Response

| Name | Type | Description |
|---|---|---|
| state | string | How far it is |
"""


def test_default_of_several_words_is_read_whole() -> None:
    (operation,) = read(Document("page.txt", RENDERED)).operations

    assert [(one.name, one.get("default")) for one in operation.request] == [
        ("title", "Loop of the day - number"),
        ("seconds", None),
    ]


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (ASKED, "get"),
        (ASKED.replace("Path parameters", "Request parameters"), "post"),
        (ASKED.replace("Path parameters", "路径参数"), "get"),
    ],
)
def test_method_that_nothing_says_is_get_where_the_address_alone_is_filled_in(text: str, method: str) -> None:
    (operation,) = read(Document("page.md", text)).operations

    assert operation.method == method


def test_default_in_another_script_is_told_and_not_taken() -> None:
    rows = ["| 参数 | 类型 | 默认值 | 说明 |", "|---|---|---|---|", "| voice | string | 最近用过的 | 声音 |"]

    reading = read(Document("page.md", "\n".join(["POST /v1/loops", "", *rows])))

    assert reading.operations[0].request[0].get("default") is None
    assert [note.text for note in reading.notes] == ["default: 最近用过的"]
