"""Refusals and states that a page lists under a heading of their own, where no table of Markdown is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

if TYPE_CHECKING:
    from understudy.specs.model import Reading

PAGE = """# Make a clip

POST /v1/clips

| Field | Type | Required | Description |
|---|---|---|---|
| text | string | Yes | What is seen |

## Response

| Field | Type | Description |
|---|---|---|
| id | string | The task |
| {name} | string | How far it is |

"""


def page(below: str, name: str = "task_status") -> Reading:
    return read(Document("page.md", PAGE.replace("{name}", name) + below))


@pytest.mark.parametrize(
    ("below", "wanted"),
    [
        ("## Errors\n\n- `400`: a field is wrong\n- `429` — too often\n", [(400, "", ""), (429, "", "")]),
        ("## 错误码\n\n400 参数错误\n402 余额不足\n", [(400, "", ""), (402, "", "")]),
        (
            "Error codes\n\nHTTP\tCode\tMessage\n400\t1201\twrong\n429\t1302\toften\n",
            [(400, "1201", "wrong"), (429, "1302", "often")],
        ),
        ("## Pricing\n\n- `400`: credits for a clip\n- `500`: credits for two\n", []),
        ("## Errors\n\nAsk us.\n\n## Sizes\n\n- `400`: small\n- `500`: large\n", []),
        ("## Errors\n\n```\n400 wrong\n500 broken\n```\n", []),
        ("## Errors\n\n- 500 characters are allowed\n- 429 too often\n", [(429, "", "")]),
        ("## 错误码\n\n500 个字符以内\n", []),
        ("## Error codes\n\n450 clips a day\n500 loops/month\n429 too often\n", [(429, "", "")]),
        (
            (
                "It says why. The status codes include:\n\n"
                "* `400` for a body that\n  is none.\n* ``404`` when it is gone.\n"
            ),
            [(400, "", ""), (404, "", "")],
        ),
        ("可能返回以下错误码：\n\n- 401: 没有密钥\n- 429: 太快\n", [(401, "", ""), (429, "", "")]),
        (
            (
                "业务错误码\n\nHttpCode错误码错误消息描述\n20010000无请求成功\n"
                "40050411Not allowed审核未通过\n42950429Too many超限\n"
            ),
            [(400, "50411", ""), (429, "50429", "")],
        ),
        ("错误码\n\n错误码描述\n4005041审核未通过\n4295042超限\n", []),
        (
            "- **状态码**：200（成功）/ 400（参数错误）/ 500（坏了）\n",
            [(400, "", ""), (500, "", "")],
        ),
        ("Status codes: 202 (taken), 404 (gone)\n", [(404, "", "")]),
        (
            "| Type | Message |\n|---|---|\n| 400 | bad words |\n| 429 | too much |\n",
            [(400, "", "bad words"), (429, "", "too much")],
        ),
        ("| Type | Cost |\n|---|---|\n| 480 | 5 |\n| 540 | 8 |\n", []),
        ("Sizes: 400 (small), 500 (large)\n", []),
        ("The numbers are these:\n\n- `400`: small\n- `500`: large\n", []),
    ],
)
def test_refusals_stand_in_lines(below: str, wanted: list[tuple[int, str, str]]) -> None:
    assert [(one.status, one.code, one.message) for one in page(below).refusals] == wanted


@pytest.mark.parametrize("name", ["status", "task_status", "taskStatus", "state"])
@pytest.mark.parametrize(
    "below",
    [
        "### Task status\n\n- `submitted`: it waits\n- `succeed`: it is done\n",
        "### 任务状态\n\n状态\t说明\nsubmitted\t排队\nsucceed\t成功\n",
        "### Status values\n\nsubmitted - it waits\nsucceed - it is done\n",
        "| Status | Meaning |\n|---|---|\n| `submitted` | waits |\n| `succeed` | done |\n",
    ],
)
def test_states_are_the_values_of_the_answers_status(below: str, name: str) -> None:
    (operation,) = page(below, name).operations

    assert [one.get("enum") for one in operation.responses["200"]] == [None, ["submitted", "succeed"]]


def test_a_list_of_other_things_under_status_has_no_states() -> None:
    (operation,) = page("## Status\n\n- Beta: may change\n- Stable: will not change\n").operations

    assert [one.get("enum") for one in operation.responses["200"]] == [None, None]


def test_states_that_no_field_takes_are_told() -> None:
    found = page("### Task status\n\n- `submitted`: it waits\n- `succeed`: it is done\n", "note")

    assert [(one.line, one.text) for one in found.notes] == [
        (18, "states that no field takes: submitted, succeed")
    ]


@pytest.mark.parametrize(
    ("sentence", "notes"),
    [
        ("States are waiting, drawing, shown and broken.", "waiting, drawing, shown, broken"),
        ("状态包括：waiting、drawing、shown、broken。", "waiting, drawing, shown, broken"),
        ("States are Ohio, Utah, Iowa and Texas.", ""),  # no word that tasks' states have
        ("Delivery states are waiting, packed, sent and lost.", ""),
    ],
)
def test_states_in_a_sentence_by_other_words_are_told(sentence: str, notes: str) -> None:
    found = page(f"{sentence}\n")
    (operation,) = found.operations

    assert [one.get("enum") for one in operation.responses["200"]] == [None, None]
    said = [one.text for one in found.notes if one.text.startswith("states that")]
    assert said == [f"states that no field takes: {notes}"] * bool(notes)


def test_two_lists_of_states_are_given_to_no_field() -> None:
    below = (
        "### Task status\n\n- `a-b`: waits\n- `done`: is done\n\n### States\n\n- `done`: is\n- `off`: off\n"
    )
    (operation,) = page(below).operations

    assert [one.get("enum") for one in operation.responses["200"]] == [None, None]
