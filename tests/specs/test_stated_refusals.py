"""Tables of refusals on providers' pages: what their rows are, and what is played of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from understudy.specs.documents import Document
from understudy.specs.effective import effective
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing.stated_refusals import situations
from understudy.specs.model import ProviderSpec, StatedRefusal
from understudy.specs.readers import read

ERRORS: dict[str, Any] = {
    "authorization_failed": {"status": 401, "code": 1000, "message": "Auth failed"},
    "account_in_arrears": {"status": 429, "code": 1101, "message": "In arrears"},
    "invalid_parameter": {
        "status": 400, "code": 1201, "message": "{field}: {reason}", "by_keyword": {"enum": "{options}"},
    },
    "unknown_task": {"status": 400, "code": 1203, "message": "Not found: {id}"},
    "too_many_tasks": {"status": 429, "code": 1303, "message": "Too many"},
    "too_many_requests": {"status": 429, "code": 1302, "message": "Too fast"},
}  # fmt: skip
PAGE = """POST /v1/x

| Field | Type | Required |
|---|---|---|
| prompt | string | Yes |

### Errors

"""


def rows(table: str) -> list[tuple[int | None, str, str, str]]:
    found = read(Document("page.md", PAGE + table)).refusals
    return [(one.status, one.code, one.message, one.meaning) for one in found]


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (
            (
                "| HTTP | code | Message | When |\n|---|---|---|---|\n| 200 | 0 | ok | fine |\n"
                "| 400 | 1201 | bad | a field |\n| 429 | 1302 | slow | often |\n"
            ),
            [(400, "1201", "bad", "a field"), (429, "1302", "slow", "often")],
        ),
        (
            (
                "| 错误码 | 错误信息 | 说明 |\n|---|---|---|\n| 40001 | 参数错误 | 检查参数 |\n"
                "| 40002 | 余额不足 | 充值 |\n"
            ),
            [(None, "40001", "参数错误", "检查参数"), (None, "40002", "余额不足", "充值")],
        ),
        (
            (
                "| Status Code | Meaning |\n|---|---|\n| 200 OK | fine |\n"
                "| 401 Unauthorized | no key |\n| 429 | slow |\n"
            ),
            [(401, "", "", "no key"), (429, "", "", "slow")],
        ),
        (
            (
                "| 错误码 | 描述 |\n|---|---|\n| FailedOperation.Decode | 解码失败 |\n"
                "| MissingParameter | 缺少参数 |\n"
            ),
            [(None, "FailedOperation.Decode", "", "解码失败"), (None, "MissingParameter", "", "缺少参数")],
        ),
        (
            "| Error code | Meaning |\n|---|---|\n| Success | fine |\n| invalid_file | no film |\n",
            [(None, "invalid_file", "", "no film")],
        ),
        ("| Status | Meaning |\n|---|---|\n| Queued | it waits |\n| Running | it runs |\n", []),
    ],
    ids=["four-columns", "chinese", "statuses-alone", "names", "names-and-a-success", "states"],
)
def test_rows_of_a_table_are_read(table: str, wanted: list[tuple[int | None, str, str, str]]) -> None:
    assert rows(table) == wanted


def row(status: int | None, code: str, message: str = "", meaning: str = "") -> StatedRefusal:
    return StatedRefusal(status, code, message, meaning, "page.md", 9)


@pytest.mark.parametrize(
    ("stated", "found", "words"),
    [
        # the vendor's own: nothing is otherwise
        ([row(400, "1201"), row(None, "1302")], {}, {}),
        # the vendor's code under another status
        ([row(422, "1201", "Bad field")], {"invalid_parameter": {"status": 422, "message": "Bad field"}}, {}),
        # by the status, and by words where a status has several
        ([row(401, "40100")], {"authorization_failed": {"code": 40100}}, {}),
        (
            [row(429, "7", meaning="并发过高"), row(429, "8", meaning="请求频率过快")],
            {"too_many_tasks": {"code": 7}, "too_many_requests": {"code": 8}},
            {},
        ),
        ([row(402, "", "No credits")], {"account_in_arrears": {"status": 402, "message": "No credits"}}, {}),
        # codes that are words
        ([row(400, "bad_request")], {}, {"invalid_parameter": "bad_request"}),
        (
            [row(None, "40002", "余额不足")],
            {"account_in_arrears": {"code": 40002, "message": "余额不足"}},
            {},
        ),
    ],
)
def test_row_is_the_situation_that_its_code_status_or_words_tell(
    stated: list[StatedRefusal], found: dict[str, Any], words: dict[str, str]
) -> None:
    assert situations(stated, ERRORS) == (found, words, [])


def test_row_that_nothing_tells_is_left() -> None:
    teapot = row(418, "41800", "Teapot")

    assert situations([teapot], ERRORS) == ({}, {}, [teapot])


def with_situations(said: dict[str, Any]) -> dict[str, Any]:
    canonical = {"info": {"title": "canonical"}, "paths": {}, "x-errors": ERRORS}
    spec = ProviderSpec("seller", "Seller", {}, conventions=MappingProxyType({"error": {"situations": said}}))
    return dict(effective(canonical, spec)["x-errors"])


def test_what_is_otherwise_is_in_the_document_that_is_played() -> None:
    said = {"invalid_parameter": {"status": 422, "message": "Bad field"}, "too_many_tasks": {"code": 7}}

    assert with_situations(said) == ERRORS | {
        "invalid_parameter": {"status": 422, "code": 1201, "message": "Bad field"},
        "too_many_tasks": {"status": 429, "code": 7, "message": "Too many"},
    }


def test_situation_that_is_none_is_an_error() -> None:
    with pytest.raises(UnderstudyError, match=r"unknown situation 'too_many_task'.*too_many_tasks"):
        with_situations({"too_many_task": {"code": 7}})
