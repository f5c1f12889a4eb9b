"""JSON Pointers: the examples of RFC 6901, section 5, and the laws of reading and writing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.pointers import at, path_of, put, text_of, with_member

DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, " ": 7, "m~n": 8}
RFC = {
    "": DOCUMENT,
    "/foo": ["bar", "baz"],
    "/foo/0": "bar",
    "/": 0,
    "/a~1b": 1,
    "/c%d": 2,
    "/e^f": 3,
    "/g|h": 4,
    "/i\\j": 5,
    "/ ": 7,
    "/m~0n": 8,
}


@pytest.mark.parametrize("pointer", RFC)
def test_pointer_finds_what_the_rfc_says(pointer: str) -> None:
    assert at(DOCUMENT, pointer) == RFC[pointer]


@pytest.mark.parametrize("pointer", ["/nothing", "/foo/2", "/foo/-", "/foo/bar", "/a~1b/c"])
def test_pointer_to_nothing_gives_the_default(pointer: str) -> None:
    assert at(DOCUMENT, pointer, "default") == "default"


@given(st.lists(st.text(), min_size=1).map(tuple))
def test_path_survives_being_written(path: tuple[str, ...]) -> None:
    assert path_of(text_of(path)) == path


@given(st.lists(st.text(), min_size=1).map(tuple), st.integers())
def test_what_is_put_is_found(path: tuple[str, ...], value: int) -> None:
    holder: dict[str, Any] = {}
    put(holder, path, value)
    assert at(holder, text_of(path)) == value


def test_a_copy_with_a_member_leaves_what_it_was_made_of() -> None:
    holder = {"a": {"b": 1, "c": {"d": 2}}, "e": {"f": 3}}
    put(expected := copy.deepcopy(holder), "/a/c/g", 4)
    made = with_member(holder, "/a/c/g", 4)
    assert (made, with_member(made, "/h/i", 5)) == (expected, {**expected, "h": {"i": 5}})
    assert holder == {"a": {"b": 1, "c": {"d": 2}}, "e": {"f": 3}}
    assert made["e"] is holder["e"]
