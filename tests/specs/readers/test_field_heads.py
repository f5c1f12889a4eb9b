"""Where a field begins: a name and what is said of it in single words, however the page sets them apart."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.specs.readers.stated.field_heads import head_at

ONE_FIELD: list[tuple[str, tuple[Any, ...]]] = [
    ("prompt string (Required)", ("prompt", "string", True)),
    ("prompt string 必填", ("prompt", "string", True)),
    ("seed integer", ("seed", "integer", None)),
    ("- `seed` (integer, optional): words", ("seed", "integer", False)),
    ("**seed** — integer — optional. Words", ("seed", "integer", False)),
    ("prompt* (string) Up to 20 characters", ("prompt", "string", True)),
    ("frame_url (optional) Words", ("frame_url", "", False)),
    ("n?integer", ("n", "integer", False)),
    ("model*string", ("model", "string", True)),
    ("promptstring · max: 2500Required", ("prompt", "string", True)),
    ("image_urlstring · uriOptional", ("image_url", "string", False)),
    ("durationinteger · enumOptionalPossible values: 5, 10", ("duration", "integer", False)),
    ("promptrequired\nstring", ("prompt", "string", True)),
    ("prompt\nstring\nrequired", ("prompt", "string", True)),
    ("prompt\nstringrequired", ("prompt", "string", True)),
    ("### prompt\n\n**类型**: `string`  \n**必需**: `是`", ("prompt", "string", True)),
    ("prompt\n- Type: string\n- Required: no", ("prompt", "string", False)),
    ("img_prompt\n(required, string): words", ("img_prompt", "string", True)),
    ("negative_prompt\nchaîne\nfacultatif", None),
    ("negative_prompt\nstring\nfacultatif", ("negative_prompt", "string", False)),
    ("image_urls\narray of strings\noptional", ("image_urls", "array of strings", False)),
    ("options.mode enum<string> optional", ("options.mode", "enum<string>", False)),
]  # fmt: skip
NONE = [
    "The array holds what was made",
    "An object that is sent",
    "Picture object",
    "this string must not be empty",
    "Authorization required",
    "Response body",
    "status code integer and more words",
    "POST /v1/videos",
    '"prompt": "string",',
    "OK\nobject",
    "string\nrequired",
    "required-field string-like",
]


@pytest.mark.parametrize(("text", "wanted"), ONE_FIELD)
def test_head_says_what_stands_beside_the_name(text: str, wanted: tuple[Any, ...] | None) -> None:
    head = head_at(text.split("\n"), 0)

    assert (None if head is None else (head.name, head.type, head.required)) == wanted


@pytest.mark.parametrize("text", NONE)
def test_no_field_begins_where_a_sentence_speaks_of_types(text: str) -> None:
    assert head_at(text.split("\n"), 0) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("- duration: 5 or 10 seconds", "5 or 10 seconds"),
        ("- duration 5 or 10 seconds", "5 or 10 seconds"),
        ("`duration`：时长", "时长"),
    ],
)
def test_entry_without_a_type_is_a_field_where_an_example_has_its_name(text: str, rest: str) -> None:
    known = head_at([text], 0, {"duration"})

    assert head_at([text], 0) is None
    assert known is not None
    assert (known.name, known.rest) == ("duration", rest)


@pytest.mark.parametrize("gap", ["x", " "])
@pytest.mark.parametrize("head", ["prompt (string, required): ", "prompt\n(string, required): "])
def test_end_of_a_long_line_describes_the_field(head: str, gap: str) -> None:
    """Of a line 600 characters are looked at for what is said of a field; the rest is not lost."""
    start = head.rpartition("\n")[2]
    words = "x" * (599 - len(start)) + gap + "y" * 200 + ". At most 500 characters"

    found = head_at(f"{head}{words}\nseed (integer)".split("\n"), 0)

    assert found is not None
    assert found.rest == words


def test_words_beside_the_name_are_kept_with_their_values() -> None:
    head = head_at(["seed (integer, max: 9, in query, default `3`) words"], 0)

    assert head is not None
    assert (head.limits, head.place, head.default, head.rest) == (["max: 9"], "query", "`3`", "words")
