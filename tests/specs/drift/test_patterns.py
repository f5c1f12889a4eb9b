"""Patterns as sets of texts, held against Python's own engine on every short text of a small alphabet."""

from __future__ import annotations

import itertools
import re

import pytest

from understudy.specs.diff.language import same, texts

LONGEST = 4
EVERY = ["".join(letters) for n in range(LONGEST + 1) for letters in itertools.product("abc -", repeat=n)]
PATTERNS = [
    r"^(?<!a)b+$",
    r"^[a-c]*(?<=c)$",
    r"\bab\b",
    r"\Ba\B",
    r"a(?=b)",
    r"a(?!b)c?$",
    r"(?<=a)b(?=c)",
    r"(?<!a)b",
    r"(?<=^a)b",
    r"c(?=$)",
    r"^(?:(?!ab)[abc])*$",
    r"^a(?!.*cc)[abc]*$",
    r"^(?=a)(?=[abc]*b$)[abc]*$",
    r"^(a|b(?!c))+$",
    r"(?!a)\w(?<!b)$",
    r"^\w{2}(?: \w)?$",
    r"^(?:a|ab)(?:c|bc)?$",
]


@pytest.mark.parametrize(("wanted", "refused"), list(itertools.permutations(PATTERNS, 2)))
def test_the_texts_between_two_patterns_are_those_that_python_tells_apart(wanted: str, refused: str) -> None:
    one, other = (re.compile(pattern, re.ASCII) for pattern in (wanted, refused))
    apart = {text for text in EVERY if one.search(text) and not other.search(text)}
    found = texts((wanted,), (refused,), high=LONGEST, most=3)
    assert found is not None
    assert found or not apart
    # Of characters outside the alphabet nothing is known here.
    assert {text for text in found if set(text) <= set("abc -")} <= apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"^(?<!a)b+$", r"^b+$"),
        (r"^[a-z]*(?<=z)$", r"^[a-z]*z$"),
        (r"^(?:(?!--).)*$", r"^(?!.*--).*$"),
        (r"^\bword\b$", r"^word$"),
        (r"(?<=a|bb)c", r"ac|bbc"),
        (r"^(?!x)[a-z]+$", r"^[a-wyz][a-z]*$"),
    ],
)
def test_what_looks_around_is_the_same_as_what_says_it_plainly(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"^\p{L}+$", r"^\p{Letter}+$"),
        (r"^\p{L}+$", r"^\p{gc=L}+$"),
        (r"^\p{Lu}$", r"^\p{General_Category=Uppercase_Letter}$"),
        (r"^\p{LC}$", r"^[\p{Lu}\p{Ll}\p{Lt}]$"),
        (r"^\P{Cc}*$", r"^[^\p{Control}]*$"),
        (r"^[^\P{L}]$", r"^\p{L}$"),
        (r"^[\[\]\p{L}]$", r"^[\p{L}\]\[]$"),
        (r"^\p{ASCII}+$", r"^[\x00-\x7f]+$"),
        (r"^\p{Sc}?\d+$", r"^\p{Currency_Symbol}?[0-9]+$"),
        (r"^\P{Any}a]$", r"^(?!)a]$"),
    ],
)
def test_properties_of_characters_have_several_names(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("wanted", "refused", "found"),
    [
        (r"^\p{L}$", r"^[A-Za-z]$", ("é",)),
        (r"^\p{N}$", r"^\p{Nd}$", ("²",)),
        (r"^\p{Lu}\p{L}$", r"^\p{Lu}\p{Ll}$", ("AA",)),
        (r"^\p{Nd}$", r"^\p{N}$", ()),
    ],
)
def test_a_text_is_told_between_two_properties(wanted: str, refused: str, found: tuple[str, ...]) -> None:
    assert texts((wanted,), (refused,), most=1) == found


@pytest.mark.parametrize("pattern", [r"^\p{Script=Greek}$", r"^\p{Alphabetic}$", r"^\p{}$", r"\p{L}" * 41])
def test_of_a_property_without_a_table_nothing_is_said(pattern: str) -> None:
    assert texts((pattern,), ("^a$",), most=1) is None


@pytest.mark.parametrize("pattern", [r"^(a|b)\1$", r"(?i)a", r"(?<=(?=a)b)c", r"\Aa"])
def test_what_is_not_understood_is_not_answered(pattern: str) -> None:
    assert texts((pattern,), ("a",)) is None
