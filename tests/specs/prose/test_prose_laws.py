"""Laws of prose: a constraint that is phrased and read back is the same, in any phrasing and any company."""
# ruff: noqa: E501 - phrasings read better on few lines

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from understudy.specs import prose

NUMBERS = st.integers(min_value=0, max_value=99_999)
PAIRS = st.tuples(NUMBERS, NUMBERS).map(sorted)
# Codes as providers write them; a list of them must not read as English.
CODES = st.from_regex(r"[a-z]{2,8}-v?[0-9](-[0-9])?", fullmatch=True)
CODE_LISTS = st.lists(CODES, min_size=2, max_size=6, unique=True)
RATIOS = st.lists(
    st.sampled_from(["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9"]), min_size=2, unique=True
)

LENGTH = ["at most {0} characters", "cannot exceed {0} characters", "Maximum {0} characters.", "up to {0:,} characters",
          "max length: {0}", "{0} characters max", "不能超过{0}个字符", "最多{0}字", "长度不超过{0}", "{0}字以内"]  # fmt: skip
COUNT = [
    "up to {0} images",
    "at most {0} items",
    "a maximum of {0} images",
    "最多{0}张",
    "不超过{0}个",
    "max {0}",
]
RANGE = ["[{0}, {1}]", "Range: {0}-{1}", "{0} <= x <= {1}", "between {0} and {1}", "from {0} to {1}", "Value range: [{0},{1}]",
         "取值范围：{0}-{1}", "取值范围：[{0}，{1}]", "范围{0}到{1}", "介于{0}~{1}之间", "minimum {0}, maximum {1}"]  # fmt: skip
ENUM = ["Enumerated values: {}", "Enum values: {}.", "Available options: {}", "one of {}", "Possible values are {}", "枚举值：{}",
        "可选值：{}", "Allowed values: {} "]  # fmt: skip
DEFAULT = ["Default: {}", "defaults to {}.", "The default is `{}`", "默认值：{}", "默认为{}"]
COMPANY = [
    "",
    "What to draw. ",
    "The model that draws; ",
    "画面内容。",
    "See the guide for more\n",
    "(width:height) of the result. ",
]


def keywords(text: str, type_: str) -> list[tuple[str, Any]]:
    return sorted((c.keyword, c.value) for c in prose.read(text, type_).constraints)


@given(st.sampled_from(COMPANY), st.sampled_from(LENGTH), NUMBERS)
def test_length_is_read_back(company: str, phrasing: str, number: int) -> None:
    assert keywords(company + phrasing.format(number), "string") == [("maxLength", number)]


@given(st.sampled_from(COMPANY), st.sampled_from(COUNT), NUMBERS)
def test_count_is_read_back(company: str, phrasing: str, number: int) -> None:
    assert keywords(company + phrasing.format(number), "array") == [("maxItems", number)]


@given(st.sampled_from(COMPANY), st.sampled_from(RANGE), PAIRS)
def test_range_is_read_back(company: str, phrasing: str, pair: list[int]) -> None:
    assert keywords(company + phrasing.format(*pair), "integer") == [
        ("maximum", pair[1]),
        ("minimum", pair[0]),
    ]


@given(
    st.sampled_from(COMPANY),
    st.sampled_from(ENUM),
    CODE_LISTS | RATIOS,
    st.sampled_from([", ", ",", "、", "/", " / ", " | ", " or "]),
    st.sampled_from(["{}", "`{}`", '"{}"', "{} (as it says)"]),
)
def test_enumeration_is_read_back(
    company: str, phrasing: str, values: list[str], comma: str, quoted: str
) -> None:
    text = company + phrasing.format(comma.join(quoted.format(value) for value in values))

    assert keywords(text, "string") == [("enum", values)]


@given(st.sampled_from(ENUM), st.permutations(["16:9", "9:16", "1:1", "4:3", "3:4"]), st.integers(2, 5))
def test_glued_ratios_are_taken_apart_or_left_over(phrasing: str, ratios: list[str], count: int) -> None:
    found = prose.read(phrasing.format("".join(ratios[:count])), "string")

    assert found.get("enum") == ratios[:count] or (found.get("enum") is None and found.leftovers)


@given(st.sampled_from(COMPANY), st.sampled_from(DEFAULT), CODES)
def test_default_is_read_back(company: str, phrasing: str, value: str) -> None:
    assert keywords(company + phrasing.format(value), "string") == [("default", value)]


@given(
    st.permutations(["length", "enum", "default"]),
    st.sampled_from(LENGTH),
    NUMBERS,
    st.sampled_from(ENUM),
    CODE_LISTS,
    st.sampled_from(DEFAULT),
    st.sampled_from(["\n", ". ", "。"]),
)
def test_order_of_the_sentences_changes_nothing(
    order: list[str], length: str, number: int, enum: str, values: list[str], default: str, end: str
) -> None:
    sentences = {
        "length": length.format(number),
        "enum": enum.format(", ".join(values)),
        "default": default.format(values[0]),
    }
    found = prose.read(end.join(sentences[name].rstrip(".") for name in order), "string")

    assert found.get("maxLength") == number
    assert found.get("enum") == values
    assert found.get("default") == values[0]
    assert found.leftovers == ()


@given(
    st.text(max_size=300),
    st.sampled_from([None, "string", "array", "integer", "number", "boolean", "object"]),
)
def test_any_text_gives_spans_inside_it_and_the_same_twice(text: str, type_: str | None) -> None:
    found = prose.read(text, type_)

    assert found == prose.read(text, type_)
    assert all(0 <= c.start <= c.end <= len(text) for c in found.constraints)
    assert all(0 <= leftover.start <= len(text) for leftover in found.leftovers)
