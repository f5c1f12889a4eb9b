"""What stands in a document and ended up neither in its facts nor in a note: each such line becomes a note.

Looked for are numbers that limit something ("at most 4 images", "[1, 9]"), lists of alternatives (`` `a`, `b` ``),
and words such as *required*, *optional* and *default*. A number or a value counts as read when a keyword with
its value has this line as its evidence, or is of a field that the line names; a line counts as told when a note
names it. Beside a field's name its type, mark and default are looked for (`untold_columns`), in blocks and
programs the names of the body that they show (`untold_names`), in types in code their members. Code and examples limit
nothing and are passed over; so is OpenAPI, whose descriptions list what is left of them by themselves.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.prose.records import one_spelling
from understudy.specs.readers.text.page_text import NOISE
from understudy.specs.readers.told.excerpts import told_as
from understudy.specs.readers.told.facts_by_line import FactsByLine
from understudy.specs.readers.told.told_lines import ToldLine, texts_of, told_lines, words_of
from understudy.specs.readers.told.untold_columns import untold_columns
from understudy.specs.readers.told.untold_fields import (
    FIELD,
    untold_fields,
    untold_operations,
    untold_refusals,
)
from understudy.specs.readers.told.untold_glued import untold_glued_rows
from understudy.specs.readers.told.untold_lines import (
    MAX_CHARACTERS,
    MAX_PROSE,
    first_lines,
    prose_lines,
    unread_cues,
    unread_numbers,
    unread_tags,
    unread_words,
)
from understudy.specs.readers.told.untold_lists import LIST, table_values, unread_lists
from understudy.specs.readers.told.untold_members import untold_members
from understudy.specs.readers.told.untold_names import untold_names
from understudy.specs.readers.told.untold_states import untold_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Reading

MAX_NOTES = 300
MAX_WORDS = 5_000
MAX_WORD_CHARACTERS = 1_000_000
MAX_LINE = 2_000
MAX_LINES = 30_000
NUMBER, WORD, EXAMPLES_ONLY = "untold-number", "untold-word", "examples-only"

# So many lines may a field's name, type and default take where each stands on its own.
_OF_A_HEAD = 8
# So many lines from the words before them may values stand, or what a source is said of.
_OF_A_CUE = 1
# So many words of a line must a note have to speak of it.
_QUOTED = 6
# How many lines behind the name of a header that every request has still belong to it, on a rendered page.
_OF_A_HEADER = 6
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_IDENTIFIERS = re.compile(r"[A-Za-z_][\w-]{1,79}")
_NAMES = re.compile(
    r"(?<![\w/.{-])([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w/-])|[`\"']([A-Za-z_]\w{0,79})[`\"']|(?:^|[|\t])[ \t*`]{0,4}([A-Za-z_]\w{0,79})[ \t*`]{0,4}(?=$|[|\t])"
)
CLASSES = "Python classes"
OF_CODE = ("types in code", "YAML with comments", "apiDoc")


def with_untold(reading: Reading, document: Document, heads: Iterable[tuple[int, int]] = ()) -> Reading:
    """The reading with a note for every line of the document that says something which nothing kept.

    `heads` are the first and last line of each field that its name and type show, wherever it stands.
    """
    reading = replace(reading, words=MappingProxyType(_words(document)))
    told = told_lines(reading)
    facts = FactsByLine(reading)
    notes = list(_from_examples(reading, document))
    if "OpenAPI file" not in reading.format and "Postman" not in reading.format:
        is_code = any(one in reading.format for one in OF_CODE)
        lines, further = first_lines(prose_lines(document, is_code=is_code, members=facts.members()))
        # One more than is listed, so that there being more is known; further lines need no look.
        notes += islice(_untold(lines, document, reading, told, facts), MAX_NOTES + 1)
        if further:
            what = (
                f"{MAX_PROSE:,} lines or {MAX_CHARACTERS:,} characters are held against what was read; of those "
                "from here on nothing is told"
            )
            notes.append(Note("untold", what, document.name, further))
        if "OpenAPI" not in reading.format:
            notes += untold_columns(document, facts, {note.line for note in notes}, _noted(reading))
        if not is_code and "OpenAPI" not in reading.format:
            notes += _from_parts(reading, document, notes, heads)
        if is_code or CLASSES in reading.format:
            noted_lines = {note.line for note in (*reading.notes, *notes)}
            notes += untold_members(document, facts, noted_lines)
        if "OpenAPI" not in reading.format:
            with_notes = replace(reading, notes=(*reading.notes, *notes))
            notes += untold_names(with_notes, document, is_code=is_code)
    if not notes:
        return reading
    known = {(note.line, note.text) for note in reading.notes}
    new = [note for note in notes[:MAX_NOTES] if (note.line, note.text) not in known]
    if len(notes) > MAX_NOTES:
        new.append(
            Note(
                "untold",
                f"more than {MAX_NOTES} such lines; the rest is not listed",
                document.name,
                notes[MAX_NOTES].line,
            )
        )
    return replace(
        reading,
        notes=tuple(
            sorted((*reading.notes, *new), key=lambda n: (n.line, n.column, n.kind, n.field, n.text))
        ),
    )


def _from_parts(
    reading: Reading, document: Document, notes: Sequence[Note], heads: Iterable[tuple[int, int]]
) -> Iterator[Note]:
    """A note for each operation, refusal, field and table of values of which nothing is read, nor told in `notes`."""
    told = told_lines(reading)
    values = {text for one in told.values() for text in one.values}
    found = [
        *untold_operations(reading, document),
        *untold_refusals(reading, document, told, values),
    ]
    yield from found
    values |= {text for one in reading.refusals for text in (str(one.status), one.code)}
    holders = {step for one in reading.fields() for step in one.path[:-1]}
    allowed = {text for one in reading.fields() for text in texts_of(one.get("enum") or ())}
    yield from untold_states(document, allowed)
    noted = {note.line: note.text for note in (*reading.notes, *notes, *found) if note.kind != "mend"}
    of_facts = told_lines(replace(reading, notes=()))
    read = {line: one.values for line, one in of_facts.items()}
    fields = list(untold_fields(document, read, noted, holders | allowed, heads))
    yield from fields
    keywords = {line: one.keywords for line, one in of_facts.items()}
    yield from untold_glued_rows(document, keywords, {*noted, *(note.line for note in fields)})
    named = {word for note in fields for word in re.findall(r"[\w.:+-]+", note.text)}
    yield from table_values(document, told, values | named)


def _words(document: Document) -> dict[str, int]:
    """The words of the text that are names: with an underscore, in code or quotes, or alone in a cell or line."""
    found: dict[str, int] = {}
    looked_at = 0
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        for match in _NAMES.finditer(line[:MAX_LINE]):
            name = next(group for group in match.groups() if group)
            found.setdefault(name, number)
        looked_at += len(line[:MAX_LINE])
        if len(found) > MAX_WORDS or looked_at > MAX_WORD_CHARACTERS:
            break
    return found


def _from_examples(reading: Reading, document: Document) -> Iterator[Note]:
    kinds = {word.evidence.kind for one in reading.fields() for word in one.keywords}
    if reading.format.endswith("examples") and kinds == {"example"}:
        text = "no table and no list of fields was recognised: what is read is what the examples show"
        yield Note("untold", text, document.name, 1, code=EXAMPLES_ONLY)


def _untold(
    lines: Iterable[tuple[int, str]],
    document: Document,
    reading: Reading,
    told: dict[int, ToldLine],
    facts: FactsByLine,
) -> Iterator[Note]:
    near = int(any(word in reading.format for word in ("page text", "lists", "MDX", "torn tables")))
    silent = ToldLine()
    is_code = any(one in reading.format for one in OF_CODE)
    owners = {one.line: one.name for one in reading.fields() if near and one.name != "[]"}
    by_name: dict[str, set[str]] = {}
    said_of: dict[str, set[str]] = {}
    for one in reading.fields():
        said_of.setdefault(one.name, set()).update(word.name for word in one.keywords)
        by_name.setdefault(one.name, set()).update(
            text for word in one.keywords for text in texts_of(word.value)
        )
    header = -_OF_A_HEADER
    for number, long_line in lines:
        line = long_line.strip()
        header = number if line.lower() in NOISE else header
        if number - header < _OF_A_HEADER:
            continue
        around = [told.get(n, silent) for n in facts.beside(number, near)]
        if told.get(number, silent).is_noted:
            continue
        if any(one.quoted for one in around):
            begins = words_of(line[: _QUOTED * 60])[:_QUOTED]
            if any(one.quotes(begins) for one in around):
                continue
        text = one_spelling(_TAG.sub(" ", line) if "<" in line else line)
        # A limit that is said twice has its evidence where it is said first: the field's name leads there.
        values = facts.values(number, line, near)
        owner = facts.owner(number, is_code=is_code)
        its_name = owners.get(owner)
        values |= by_name[its_name] if its_name is not None else set()
        keywords = set[str]().union(*(one.keywords for one in around))
        if its_name is not None and number - owner <= _OF_A_HEAD:
            keywords |= said_of[its_name]  # what is said of a field a word a line
        is_comment = line.startswith('"')  # of a key of an example: it speaks of that alone
        if is_comment:
            keywords |= said_of.get(line[1 : line.find('"', 1)], set())
        beside = facts.beside(number, 0 if is_comment else _OF_A_CUE)
        near_keywords = keywords.union(*(told[n].keywords for n in beside if n in told))
        found = [
            *((FIELD, one) for one in unread_tags(text, {one.name for one in facts.fields_at(number)})),
            *((NUMBER, one) for one in unread_numbers(text, values)),
            *((LIST, one) for one in unread_lists(text, values, by_name.keys())),
            *((WORD, one) for one in unread_cues(text, values, near_keywords)),
            *((WORD, one) for one in unread_words(text, keywords)),
        ]
        if found:
            what = told_as(text, [one for _, one in found])
            yield Note("untold", what, document.name, number, code=found[0][0])


def _noted(reading: Reading) -> dict[int, str]:
    """What the notes of a reading say of each line."""
    found: dict[int, str] = {}
    for note in reading.notes:
        found[note.line] = f"{found.get(note.line, '')} {note.text}"
    return found
