"""What a reader misses is told: facts are dropped from the reading of a page, and the net must find them all.

The pages are those of `test_rendered_specs`, in every format. The readers read them whole; what is dropped
between the reader and the net stands for what a reader does not know of a page that nobody prepared.
"""

# ruff: noqa: E501 - one page a line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.specs.readers.test_rendered_specs import PAGES, Stated, fields

from understudy.specs import readers
from understudy.specs.documents import Document
from understudy.specs.readers.told.share import share_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from understudy.specs.model import Reading

BOUNDS = ("maxLength", "maxItems", "minimum", "maximum")
SORTS = ("field", "type", "required", "enum", "bounds")
TOLD = ("untold", "not-understood", "unnamed", "problem", "contradiction")
# What a page does not say in words: that a member without a question mark is required, the type of a value.
NO_MARK = ("typescript_file", "go_file", "java_file", "kotlin_file", "pydantic", "apidoc", "starred")
UNSAID = {**dict.fromkeys(NO_MARK, "required"), "comments_above": "type"}
# So far above its name does a page state a field.
ABOVE = {"comments_above": 1, "java_file": 3}


def dropped(reading: Reading, drop: dict[str, str]) -> Reading:
    """The reading without what `drop` says of its fields: the whole field, or a sort of keywords of it."""

    def left(one: Any) -> Any:
        sort = drop.get(next((step for step in one.path if step in drop), ""))
        gone = BOUNDS if sort == "bounds" else (sort,)
        kept = tuple(word for word in one.keywords if word.name not in gone)
        return None if sort == "field" else replace(one, keywords=kept)

    operations = tuple(
        replace(one, request=tuple(kept for field in one.request if (kept := left(field)) is not None))
        for one in reading.operations
    )
    return replace(reading, operations=operations)


def read_without(document: Document, drop: dict[str, str]) -> tuple[Reading, Reading]:
    """The reading of a document whose reader missed something, and the one before the net."""
    whole: list[Reading] = []

    def net(reading: Reading, *arguments: Any) -> Reading:
        whole.append(reading)
        return with_untold(dropped(reading, drop), *arguments)

    with_untold = readers.with_untold
    with mock.patch.object(readers, "with_untold", net):
        return readers.read(document), whole[-1]


def told_of(reading: Reading, document: Document) -> list[tuple[int, str]]:
    """The lines that are told, each with what is shown of it."""
    lines = document.lines
    notes = [(note.line, note.text) for note in reading.notes if note.kind in TOLD]
    return notes + [(number, lines[number - 1]) for number in share_read(reading, document).unread]


def blocks_of(spec: list[Stated], lines: list[str], above: int) -> dict[str, range]:
    """The lines that state each field: from its name, or so many above it, to the next one's."""
    at = {}
    for one in spec:
        name = re.compile(rf"(?<![\w/#.]){one.name}(?=\W|string|integer|array|required|optional|\Z)")
        numbered = [(number, line) for number, line in enumerate(lines, 1) if name.search(line)]
        whole = [number for number, line in numbered if one.english in line or one.chinese in line]
        at[one.name] = [*whole, *(number for number, _ in numbered)][0]
    starts = sorted(at.values())
    ends = dict(zip(starts, [*starts[1:], starts[-1] + 12], strict=True))
    return {name: range(start - above, ends[start]) for name, start in at.items()}


def is_told(field: Stated, sort: str, told: Iterable[tuple[int, str]], block: range) -> bool:
    """Whether a line that states the fact, or a note that names the field, tells it."""
    for number, text in told:
        if number in block and sort in ("enum", "bounds", "field"):
            return True
        if re.search(rf"(?<![\w-]){field.name}(?![\w-])|^{field.name}|\s{field.name}", text):
            return True
    return False


@pytest.mark.parametrize("page", PAGES, ids=[page.__name__ for page in PAGES])
@settings(max_examples=12)
@given(spec=fields(), data=st.data())
def test_what_a_reader_missed_is_told(
    page: Callable[[list[Stated]], str], spec: list[Stated], data: st.DataObject
) -> None:
    document = Document("page", page(spec))
    unsaid = UNSAID.get(page.__name__)
    sorts = [one for one in SORTS if one != unsaid]
    drop = {field.name: data.draw(st.sampled_from(["", *sorts])) for field in spec}

    reading, whole = read_without(document, drop)

    told = told_of(reading, document)
    blocks = blocks_of(spec, list(document.lines), ABOVE.get(page.__name__, 0))
    for field in spec:
        sort = drop[field.name]
        had = [one for one in whole.fields() if one.name == field.name]
        gone = BOUNDS if sort == "bounds" else (sort,)
        is_gone = sort and any(sort == "field" or word.name in gone for one in had for word in one.keywords)
        is_silent = is_gone and not is_told(field, sort, told, blocks[field.name])
        assert not is_silent, (field, sort, told, document.text)


@pytest.mark.parametrize("missed", ["mode", "look"])
def test_values_of_a_member_account_for_none_in_the_comment_of_the_next(missed: str) -> None:
    page = 'POST /v1/clips\n\n```json\n{\n  // Optional. Enum values: std, pro\n  "mode": "x",\n  // Optional. Enum values: std, pro\n  "look": "x"\n}\n```\n'
    document = Document("page", page)

    reading, _ = read_without(document, {missed: "enum"})

    assert told_of(reading, document) == [
        (
            {"mode": 5, "look": 7}[missed],
            f"'Enum values' is in no fact: \"{missed}\": Optional. Enum values: std, pro",
        )
    ]
