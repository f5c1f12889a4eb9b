"""Fields in columns that blanks set apart, as manuals, terminals and comments show them, without headings."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

PAGE = """POST /v1/dub

Parameters:
  video_url    string   required   The source, mp4 or mov;
                                   at most 300 characters
  speakers     integer  optional   0-9. Default: 0

  voice        enum     optional   one of: clone | male_1 | female_1
  options      object
    speed      number   optional   0.5 to 2
    tags       array    no         words to keep
  takes        array
    begin      integer  yes

Response 201:
  id           string
  state        string   pending | working | finished | errored
"""
REQUEST = {
    "video_url": {"required": True, "type": "string", "maxLength": 300},
    "speakers": {"required": False, "type": "integer", "default": 0, "minimum": 0, "maximum": 9},
    "voice": {"required": False, "type": "string", "enum": ["clone", "male_1", "female_1"]},
    "options": {"type": "object"},
    "options.speed": {"required": False, "type": "number", "minimum": 0.5, "maximum": 2},
    "options.tags": {"required": False, "type": "array"},
    "takes": {"type": "array"},
    "takes.[].begin": {"required": True, "type": "integer"},
}
ANSWER = {
    "id": {"type": "string"},
    "state": {"type": "string", "enum": ["pending", "working", "finished", "errored"]},
}


def facts_of(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is read of the fields of the request, and of those of the one answer."""
    (operation,) = read(Document("x.md", text)).operations
    (answer,) = operation.responses.values() or ((),)
    return tuple(  # type: ignore[return-value]
        {".".join(one.path): {word.name: word.value for word in one.keywords} for one in fields}
        for fields in (operation.request, answer)
    )


CHINESE = {"Parameters:": "请求参数：", "Response 201:": "返回参数：", "required": "必填", "optional": "选填"}


def in_chinese(text: str) -> str:
    for english, chinese in CHINESE.items():
        text = text.replace(english, chinese)
    return text


@pytest.mark.parametrize(
    "text",
    [PAGE, in_chinese(PAGE), PAGE.replace("\n  ", "\n      "), PAGE.replace("video_url  ", "`video_url`")],
    ids=["English", "Chinese", "deeper", "a name in code"],
)
def test_fields_in_columns_are_read_with_what_goes_on_below_and_what_is_inside(text: str) -> None:
    assert facts_of(text) == (REQUEST, ANSWER)


TABLE = "POST /v1/dub\n\n| Field | Type | Description |\n|---|---|---|\n| a | string | x |\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "  name   string\n",  # one row alone is no table
        "The name  string is short.\nThe other  string is long.\n",
        "  read   never\n  write  always\n",
        "```c\n  name   string\n  other  string\n```\n",
    ],
)
def test_what_only_looks_alike_is_no_table(text: str) -> None:
    assert facts_of(f"{TABLE}{text}") == facts_of(TABLE)
