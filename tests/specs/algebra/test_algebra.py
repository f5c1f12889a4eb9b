"""What a judge says of values and why: long enums, and refusals without the value that is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from understudy.specs.algebra import Judge, SchemaRefusal

LISTED = [{"a": n, "b": [n]} for n in range(200)] + [1, "1", None, [], {}, [True], 0, 2.5]


@pytest.mark.parametrize("value", [*LISTED[:2], *LISTED[200:], 1.0, {"b": [3.0], "a": 3}])
def test_a_long_enum_takes_what_it_lists(value: Any) -> None:
    assert Judge({"enum": LISTED}).takes(value)


@pytest.mark.parametrize(
    "value", [True, False, [1], [0], "2.5", {"a": 1}, {"a": True, "b": [1]}, [[]], [None]]
)
def test_a_long_enum_takes_nothing_that_only_looks_alike(value: Any) -> None:
    assert not Judge({"enum": LISTED}).takes(value)


def test_what_stands_beside_a_long_enum_counts() -> None:
    judge = Judge({"enum": LISTED, "type": "object", "required": ["a"]})
    assert [judge.takes(value) for value in (LISTED[5], {}, "1")] == [True, False, False]


def test_a_long_enum_is_looked_up_and_not_searched() -> None:
    listed = [{"a": n, "b": [n] * 3} for n in range(5_000)]
    judge = Judge({"enum": listed})
    started = time.process_time()
    assert all(map(judge.takes, listed))
    assert time.process_time() - started < 5  # 20 s, one after the other


REFUSED = [
    ({"maxItems": 2}, ["abcdefgh"] * 12, "a list of 12 items has more than 2 items"),
    ({"maxItems": 2}, [1, 2, 3], "[1,2,3] has more than 2 items"),
    ({"type": "string"}, {"a": "b" * 80}, 'an object of 1 property is not of type "string"'),
    ({"maxLength": 9}, "a" * 90, "a text of 90 characters is longer than 9 characters"),
    ({"maximum": 9}, 10**70, "10000000000000000000… is greater than the maximum of 9"),
]


@pytest.mark.parametrize(("schema", "value", "sentence"), REFUSED)
def test_a_refusal_does_not_quote_a_large_value(schema: Any, value: Any, sentence: str) -> None:
    [refusal] = Judge(schema).refusals(value)
    assert refusal == SchemaRefusal((), next(iter(schema)), sentence, "", value)
