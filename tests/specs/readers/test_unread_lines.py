"""Lines that may say something and gave neither a fact nor a note are known by their number."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read
from understudy.specs.readers.told.share import share_read

PAGE = """# Clip

POST /v1/videos/multi-image2video

| Field | Type | Required | Description |
|---|---|---|---|
| prompt | string | Yes | Words, at most 500 characters |
| mode | string | No | One of `std`, `pro` |

{line}
"""


def unread(line: str) -> list[str]:
    document = Document("clip.md", PAGE.format(line=line))
    return [document.lines[number - 1] for number in share_read(read(document), document).unread]


@pytest.mark.parametrize(
    "line",
    [
        "Use it only together with a first frame.",
        "The mode cannot change while a task is running.",
        "A task is either paid or free of charge.",
        "Sleepy, dozing and wakeful tasks are told apart.",
        "Thirty is the rule, 45 the exception.",
        "It goes with `lens`.",
        "尾帧仅在专业模式下有效",
        "任务不可重复提交",
        "白天、黄昏、夜晚",
        "There are 500 of them.",  # 500 is a limit of another field
        '- "waiting" - not begun',
        "waiting任务排队中",
        "It goes: waiting → made → lost",
        "Some default stands behind `mode`.",
    ],
)
def test_a_line_with_a_condition_a_figure_or_a_name_that_is_in_no_fact_is_unread(line: str) -> None:
    assert unread(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "A clip is made of pictures and words.",
        "The `mode` may be `std`.",  # known
        "Never more than 500 of them in a `prompt`.",  # known of the field that is named
        "made",
        "- `std`: cheap",
        "const a = b => c(d)",
        "Step 3: wait",
        "Last changed on 2024-05-06",
        "1. Ask for a clip",
        "Allowed values:",  # says nothing without the line below
        "200: fine",
        "Send your API key only in the header.",
        "Method: `POST`",
        "Five seconds of film cost $0.35 only.",
        "每次扣除 20 积分，仅此而已",
        "42",
        '```json\n{"n": 17, "only": "x"}\n```',
    ],
)
def test_a_line_that_says_nothing_new_is_not(line: str) -> None:
    assert unread(line) == []


def test_values_a_line_each_are_unread_where_two_of_them_stand_together() -> None:
    page = Document("clip.md", PAGE.format(line="Tones:\n\n    warm\n    cold\n    std\n"))

    assert share_read(read(page), page).unread == (12, 13)


def test_openapi_lists_what_is_left_of_its_descriptions_by_itself() -> None:
    text = (
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /v1/x:\n    post:\n"
        "      description: Use it only 17 times a day\n      responses: {'200': {description: fine}}\n"
    )
    document = Document("api.yaml", text)

    assert share_read(read(document), document).unread == ()
