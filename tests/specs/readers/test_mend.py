"""Broken YAML is mended where there is one reading, and said where there are two; lines stay where they
are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.readers.machine.mend import read_yaml
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import Node, plain_value
from understudy.specs.readers.trees.places import line_finder
from understudy.specs.readers.trees.yaml_nodes import parse_yaml


def value(root: Node | None) -> Any:
    return None if root is None else plain_value(root)


@pytest.mark.parametrize(
    ("text", "expected", "remarks"),
    [
        ("description: Model; values: a, b", {"description": "Model; values: a, b"}, [("mend", 1, 14)]),
        ("description: one\n  values: a", {"description": "one values: a"}, [("mend", 1, 14)]),
        ("description: ends with:", {"description": "ends with:"}, [("mend", 1, 14)]),
        ('description: "old" name', {"description": '"old" name'}, [("mend", 1, 14)]),
        ("description: say: \"hi\" \\ bye", {"description": 'say: "hi" \\ bye'}, [("mend", 1, 14)]),
        ("description: *fast* or not", {"description": "*fast* or not"}, [("mend", 1, 14)]),
        ("description: [new] style", {"description": "[new] style"}, [("mend", 1, 14)]),
        ("description: `x` is @home", {"description": "`x` is @home"}, [("mend", 1, 14)]),
        ("example: {{KEY}}: x", {"example": "{{KEY}}: x"}, [("mend", 1, 10)]),
        ("description: > 5 pictures", {"description": "> 5 pictures"}, [("mend", 1, 14)]),
        ("description: size #1", {"description": "size #1"}, [("mend", 1, 19)]),
        ("description: size # the size", {"description": "size"}, [("problem", 1, 19)]),
        ("example: # none", {"example": None}, [("mend", 1, 10)]),
        ("n: 1", {"n": 1}, [("mend", 1, 1)]),
        ("enum: [on, 16:9, 2026-01-01]", {"enum": ["on", "16:9", "2026-01-01"]}, [("mend", 1, 8)]),
        ("required: yes", {"required": True}, [("mend", 1, 11)]),
        ("a:\n\tb: 1\n\tc:\n\t\td: 2", {"a": {"b": 1, "c": {"d": 2}}}, [("mend", 2, 1)]),
        ("a:\n    b: 1\n\tc: 2\n    d: 3", {"a": {"b": 1, "c": 2, "d": 3}}, [("mend", 3, 1)]),
        ("a:\t1", {"a": 1}, []),
        ("type: type: string\nb: 1", {"type": None, "b": 1}, [("problem", 1, 7)]),
        ("a: 1\nb: 'open\nc: 2", {"a": 1}, None),
        ("a: 1\na: 2", {"a": 2}, [("problem", 2, 1)]),
        ("a: \x07b", {"a": "\ufffdb"}, [("mend", 1, 4)]),
        ("a: fine\nb: [1, 2]\nc: |\n  x: y: z\n", {"a": "fine", "b": [1, 2], "c": "x: y: z\n"}, []),
    ],
)  # fmt: skip
def test_yaml_is_mended(text: str, expected: Any, remarks: list[tuple[str, int, int]] | None) -> None:
    mended = read_yaml(text)

    assert value(mended.root) == expected
    if remarks is not None:
        assert [(kind, line, column) for kind, _, line, column in mended.remarks] == remarks


def test_tabs_with_two_readings_are_said() -> None:
    mended = read_yaml("a:\n  b:\n\tc: 1\n")

    assert ("problem", 3) in [(kind, line) for kind, _, line, _ in mended.remarks]


def test_what_cannot_be_mended_is_left_out_and_the_rest_is_read() -> None:
    mended = read_yaml("a: 1\nb:\n  c: [1, }\n  d: 2\ne: 3\n")

    assert value(mended.root) == {"a": 1, "b": {"d": 2}, "e": 3}
    assert [(kind, line) for kind, _, line, _ in mended.remarks] == [("problem", 3)]


WORDS = st.text(alphabet="abc é模 ,.;()", min_size=1, max_size=20).map(str.strip).filter(
    lambda text: bool(text) and text[0] not in ",.;()"
)  # fmt: skip


@given(st.lists(WORDS, min_size=2, max_size=4))
def test_text_with_bare_colons_is_read_whole(parts: list[str]) -> None:
    text = ": ".join(parts)

    assert value(read_yaml(f"before: 1\ndescription: {text}\nafter: 2\n").root) == {
        "before": 1,
        "description": text,
        "after": 2,
    }


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), JSON_VALUES, max_size=4), st.sampled_from([None, 1, "\t"]))
def test_valid_json_is_read_as_it_is(document: dict[str, Any], indent: int | str | None) -> None:
    found = parse_json(json.dumps(document, indent=indent))

    assert plain_value(found.root) == document
    assert found.remarks == []


@pytest.mark.parametrize(
    ("text", "expected", "mends"),
    [
        ('{"a": // none\n}', {"a": None}, 2),
        ('{"a": 1, /* x */ "b": 2,}', {"a": 1, "b": 2}, 2),
        ('{"a": 1 "b" 2}', {"a": 1, "b": 2}, 2),
        ("{'a': True, b: None}", {"a": True, "b": None}, 4),
        ('{"a": [1, 2, ...]}', {"a": [1, 2]}, 2),
        ('{\n"a"\n:\n"x"\n,\n"b"\n:\n[\n1\n]\n}rest', {"a": "x", "b": [1]}, 0),
        ('{"a": {"b": 1', {"a": {"b": 1}}, 1),
        ('{"a": "one\n"b": "two",\n"c": 3}', {"a": "one", "b": "two", "c": 3}, 2),
        ('{"a": "一\n"乙": "二"}', {"a": "一", "乙": "二"}, 2),
        ('{"a": "one\ntwo", "b": 1}', {"a": "one\ntwo", "b": 1}, 0),
    ],
)
def test_json_is_mended(text: str, expected: Any, mends: int) -> None:
    found = parse_json(text)

    assert plain_value(found.root) == expected
    assert len(found.remarks) == mends


SCALARS = [
    ("a: |-\n  one\n  two\n  three", ["one", "two", "three"], [2, 3, 4]),
    ("a: >-\n  one\n  two\n\n  three", ["one", "two", "three"], [2, 3, 5]),
    ("a: one\n  two\n  three", ["one", "two", "three"], [1, 2, 3]),
    ('a: "one\n  two\\n\\"q\\" \\u4e2d\n  three"', ["one", "two", "three"], [1, 2, 3]),
    ("a: 'one ''x''\n  two\n  three'", ["one", "two", "three"], [1, 2, 3]),
]


@pytest.mark.parametrize(("text", "words", "lines"), SCALARS)
def test_word_of_a_text_is_found_on_its_line(text: str, words: list[str], lines: list[int]) -> None:
    root = parse_yaml(text)
    assert root is not None
    scalar = root.pairs[0][1]
    line_of = line_finder(scalar, text.split("\n"))

    assert [line_of(scalar.text.index(word)) for word in words] == lines
