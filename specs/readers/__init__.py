"""Readers: one module a document format, never one a provider. `read(document)` picks the format and reads.

Every reader returns facts with evidence and notes about what was mended, contradicts itself, or was not
understood.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from understudy.specs.documents import saved_pages
from understudy.specs.errors import UnderstudyError
from understudy.specs.model import Operation, Reading
from understudy.specs.readers.code import bare_types, code_page, pydantic_models
from understudy.specs.readers.derived import Derived, moved, moved_notes
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.machine import openapi_file, openapi_markdown, postman
from understudy.specs.readers.pages import example_page, markdown_tables
from understudy.specs.readers.pages.called_answers import with_answers
from understudy.specs.readers.pages.called_paths import with_path
from understudy.specs.readers.pages.hosts import with_hosts
from understudy.specs.readers.pages.listed_apart import with_listed
from understudy.specs.readers.pages.listed_choices import with_choices
from understudy.specs.readers.pages.numbered_states import with_numbered
from understudy.specs.readers.pages.other_subjects import with_subjects
from understudy.specs.readers.pages.said_presence import with_presence
from understudy.specs.readers.pages.section_states import with_section_states
from understudy.specs.readers.pages.sent_forms import with_forms
from understudy.specs.readers.pages.taken_answers import with_taken
from understudy.specs.readers.rendered import apifox_page, mdx_page, mintlify_page, text_page
from understudy.specs.readers.rewritten import (
    announced_fields,
    apidoc_comments,
    braced_shapes,
    calls_stated_last,
    client_calls,
    commented_yaml,
    described_fields,
    gitbook_page,
    headed_paths,
    html_page,
    http_messages,
    labelled_calls,
    labelled_entries,
    labels_left_out,
    linked_schemas,
    outlined_calls,
    page_labels,
    react_page,
    recorded_exchange,
    redoc_page,
    restructured_text,
)
from understudy.specs.readers.stated import page_heads, stated_fields
from understudy.specs.readers.stated.compared import loses_an_answer, lost_by, missed_by, not_sent
from understudy.specs.readers.text.base_clients import with_base_clients
from understudy.specs.readers.text.header_actions import by_header, with_actions
from understudy.specs.readers.text.page_text import braced, visible_lines
from understudy.specs.readers.text.traditional_pages import as_written, in_simplified
from understudy.specs.readers.told.untold import with_untold
from understudy.specs.readers.torn import copied_text, page_mends, torn_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Kind, Note
    from understudy.specs.readers.stated.said_words import Head

# In this order: the formats that say most come first.
READERS: tuple[Any, ...] = (
    postman,
    openapi_markdown,
    openapi_file,
    mdx_page,
    markdown_tables,
    apifox_page,
    mintlify_page,
    example_page,
)
# What is rewritten first, and then read as one of those.
REWRITERS: tuple[Any, ...] = (
    linked_schemas,
    calls_stated_last,
    react_page,
    html_page,
    gitbook_page,
    apidoc_comments,
    bare_types,
    code_page,
    pydantic_models,
    restructured_text,
    commented_yaml,
    recorded_exchange,
    braced_shapes,
    described_fields,
    announced_fields,
    outlined_calls,
    labelled_calls,
    labelled_entries,
    copied_text,
    torn_tables,
    redoc_page,
    labels_left_out,
    page_labels,
)
# What is tried where nothing else is read.
LAST: tuple[Any, ...] = (http_messages, client_calls, headed_paths)
# Texts of rendered pages, which may hold several operations.
TEXT_PAGES: tuple[Any, ...] = (apifox_page, mintlify_page)
# Formats that say all that they say in their own grammar.
WHOLE = ("OpenAPI", "Postman", "Python classes", "types in code", "apiDoc", "YAML with comments")
# The format of a page of which one line alone is understood.
NAMED_ALONE = "a method and a path"
# So many fields must be missing before a page is read once more.
MIN_MISSED = 2
FORMATS = (
    *dict.fromkeys(one.FORMAT for one in (*READERS, *REWRITERS, *LAST)),
    markdown_tables.LISTS,
    stated_fields.FORMAT,
    NAMED_ALONE,
)

MAX_LINES = 120_000
# Of a page; what is written for machines, and HTML with what it does not show, is read whole.
MAX_PAGE_CHARACTERS, MAX_PAGE_LINES = 400_000, 4_000
_MACHINE: tuple[Any, ...] = (postman, openapi_markdown, openapi_file)
_READ_WHOLE: tuple[Any, ...] = (*_MACHINE, html_page)

# The only line of a page that is understood, and the words by which a page is one of an operation.
_CALL_LINE = re.compile(
    r"(?P<method>POST|GET|PUT|PATCH|DELETE)[\s:]{1,4}(?:https?://[\w.:-]{1,200})?(?P<path>/[\w.~/{}:-]{2,300})"
)
_SAYS_FIELDS = re.compile(r"(?:request\s)?body\b|parameters?\b|请求体|参数", re.IGNORECASE)

# Known, but not read: what it is, and what to do instead.
FOREIGN = (
    (
        re.compile(r'"apifoxProject"\s*:'),
        "an Apifox project",
        "export it from Apifox as OpenAPI 3.0 or 3.1, or as Markdown",
    ),
    (
        re.compile(r'"(?:_type|__export_format)"\s*:\s*(?:"export"|\d)'),
        "an Insomnia export",
        "export the design document as OpenAPI",
    ),
    (
        re.compile(r'\A\W*"?log"?\s*:\s*\{\s*"(?:version|creator)"'),
        "a recording (HAR), not a document",
        "`understudy record` keeps and judges conversations",
    ),
    (
        re.compile(
            r'"item"\s*:\s*\[.{0,4000}?"request"\s*:|"requests"\s*:\s*\[.{0,4000}?"collectionId"\s*:',
            re.DOTALL,
        ),
        "a Postman collection of an old or unknown version",
        "export it again as Collection v2.1",
    ),
    (
        re.compile(r"\A\s*(?:FORMAT:\s*1A|#%RAML)"),
        "API Blueprint or RAML",
        "convert it to OpenAPI first",
    ),
    (
        re.compile(r"<div id=\"(?:root|app|__next)\">\s*</div>|You need to enable JavaScript"),
        "a page whose text is made by scripts; the file does not hold it",
        "save it as a single file (.mhtml) from the browser that shows it, or give the page's .md address",
    ),
)

__all__ = ["FORMATS", "READERS", "read"]


def read(document: Document, kind: Kind = "declared") -> Reading:
    """Everything that `document` states.

    `kind` is the evidence of what is declared; give `vendor` for the vendor's own promise, and all evidence
    is of that kind. Of a page, what lies beyond 400,000 characters or 4,000 lines is noted as not read.
    Raises UnderstudyError, with the place, when the document is in no known format or cannot be read at all.
    """
    if document.text.count("\n") > MAX_LINES:
        raise UnderstudyError(
            f"the document has more than {MAX_LINES:,} lines",
            where=f"{document.url or document.name}:{MAX_LINES + 1}",
            advice="use the page of one operation, or the part of the OpenAPI file that matters",
        )
    own = FactLog(document, kind)
    written = document = _bounded(document, own)
    if not any(one.recognises(document) for one in _MACHINE):
        document = with_base_clients(in_simplified(document))
    document, actions = with_actions(document)
    if len(document.text) <= MAX_PAGE_CHARACTERS and page_mends.recognises(document):
        made = page_mends.rewritten(document, own)
        found = moved(_read_page(made.document, kind), made.line)
    else:
        found = _read_page(document, kind)
    if document is not written:
        found = as_written(found, written)
    return replace(by_header(found, actions), notes=(*own.sorted_notes(), *found.notes))


def _bounded(document: Document, log: FactLog) -> Document:
    """The document, or the lines of a page that are within what is read of one."""
    is_short = len(document.text) <= MAX_PAGE_CHARACTERS and document.text.count("\n") < MAX_PAGE_LINES
    if is_short or any(one.recognises(document) for one in _READ_WHOLE):
        return document
    end = document.text.rfind("\n", 0, MAX_PAGE_CHARACTERS) + 1 or MAX_PAGE_CHARACTERS
    if document.line_at(end) > MAX_PAGE_LINES:
        end = document.offset_of(MAX_PAGE_LINES + 1)
    what = f"a page is read up to {MAX_PAGE_CHARACTERS:,} characters and {MAX_PAGE_LINES:,} lines"
    log.cut(what, document.line_at(end))
    return replace(document, text=document.text[:end])


def _read_page(document: Document, kind: Kind) -> Reading:
    log = FactLog(document, kind)
    if document.encoding in saved_pages.FORMATS:
        log.note("mend", f"the HTML of an archive ({document.encoding}) is read: lines count in it", 1)
    elif document.encoding not in ("", "utf-8", "utf-8-sig"):
        log.note("mend", f"not UTF-8, read as {document.encoding}", 1)
    again = partial(_afresh, log, log.sorted_notes())
    found = _read(document, log, REWRITERS) or _read(document, log, LAST)
    looked = FactLog(document)
    is_whole = found is not None and any(one in found.format for one in WHOLE)
    heads = [] if is_whole else page_heads.heads_of(document, looked)
    found = _with_call(document, found, again)
    if not is_whole:
        found = _by_names(document, found, heads, again) or _with_unlooked(document, found, looked)
    found = found or _named_alone(document, log)
    if found is not None:
        operations = tuple(replace(one, path=braced(one.path)) for one in found.operations)
        found = replace(found, operations=operations)
        if not any(one in found.format for one in WHOLE):
            found = with_forms(_with_further(found, document), document)
        return with_untold(
            with_subjects(found), document, [(one.start + 1, one.end) for one in not_sent(heads, found)]
        )
    for pattern, what, advice in FOREIGN:
        if pattern.search(document.text[:20_000]):
            raise UnderstudyError(f"this is {what}", where=document.url or document.name, advice=advice)
    raise UnderstudyError(
        "the document is in no known format",
        where=document.url or document.name,
        advice=f"known formats: {', '.join(FORMATS)}",
    )


def _with_further(found: Reading, document: Document) -> Reading:
    """The reading of a page with what stands on it apart from the fields: refusals, states, hosts."""
    found = with_taken(with_answers(with_path(found, document), document), document)
    found = with_section_states(with_listed(with_numbered(found, document), document), document)
    return with_hosts(with_presence(with_choices(found, document), document), document)


def _named_alone(document: Document, log: FactLog) -> Reading | None:
    """A page that says its operation on a line of its own, and of which nothing else is understood."""
    lines = visible_lines(document)
    if not any(_SAYS_FIELDS.search(line.text) for line in lines):
        return None
    for line in lines:
        if call := _CALL_LINE.fullmatch(line.text[:400]):
            log.note("problem", "of the page only its method and path are understood", line.number)
            operation = Operation(call["method"].lower(), call["path"], line=line.number)
            return Reading(document.name, NAMED_ALONE, (operation,), log.sorted_notes())
    return None


def _afresh(log: FactLog, notes: Iterable[Note]) -> FactLog:
    """A log for one more reading of the page: of the notes it has those that were there before the first."""
    kept = dict.fromkeys(notes)
    return FactLog(
        log.document, log.kind, kept, prose_read=log.prose_read, values_read=log.values_read, said=log.said
    )


def _with_call(document: Document, found: Reading | None, again: Callable[[], FactLog]) -> Reading | None:
    """The reading, or, where it has fields but no path, one of the page with the calls of its code as
    request lines."""
    if found is None or any(one.path for one in found.operations) or not client_calls.recognises(document):
        return found
    own = again()
    made = client_calls.rewritten(document, own)
    # Notes of the rewriting have the document's own lines already.
    before, own.notes, own.document = own.notes, {}, made.document
    other = _read(made.document, own, REWRITERS)
    if other is None or not any(one.path for one in other.operations):
        return found
    other = moved(other, made.line)
    format_ = f"{client_calls.FORMAT}, {other.format}"
    return replace(other, document=document.name, format=format_, notes=(*before, *other.notes))


def _by_names(
    document: Document, found: Reading | None, heads: Sequence[Head], again: Callable[[], FactLog]
) -> Reading | None:
    """A reading of the fields that begin at `heads`, if it has more of them than the one that was found."""
    missed = missed_by(heads, found)
    is_shown = found is not None and all(
        word.evidence.kind == "example" for one in found.fields() for word in one.keywords
    )
    if missed < (1 if is_shown else MIN_MISSED):
        return None
    own = again()
    made = _by_stated_fields(document, own)
    if not markdown_tables.recognises(made.document):
        return None
    before, own.notes, own.document = own.notes, {}, made.document
    other = moved(markdown_tables.read(made.document, own), made.line)
    if missed_by(heads, other) + lost_by(found, other) >= missed or loses_an_answer(found, other):
        return None
    what = (
        f"the page states {missed} fields that its format's reader leaves out; read by their names and types"
    )
    own.notes, own.document = before, document
    own.note("mend", what, heads[0].start + 1)
    format_ = f"{stated_fields.FORMAT}, {other.format}"
    return replace(other, document=document.name, format=format_, notes=(*own.sorted_notes(), *other.notes))


def _by_stated_fields(document: Document, log: FactLog) -> Derived:
    """The page rewritten by the names and types of its fields; what is noted of it has its own lines."""
    if not copied_text.recognises(document):
        return stated_fields.rewritten(document, log)
    torn = copied_text.rewritten(document, log)
    before, log.notes = log.notes, {}
    made = stated_fields.rewritten(torn.document, log)
    log.notes = before | dict.fromkeys(moved_notes(log.notes, torn.line))
    return Derived(made.document, [torn.line(number) for number in made.lines])


def _with_unlooked(document: Document, found: Reading | None, looked: FactLog) -> Reading | None:
    """The reading, and where the search for fields ended, if some seem to follow that it does not have."""
    if found is None or not looked.notes:
        return found
    near = {line for one in found.fields() for line in range(one.line - 3, one.line + 4)}
    ends = [one for one in looked.notes if page_heads.begin_behind(document, one.line, near)]
    return replace(found, notes=(*found.notes, *ends))


def _read(document: Document, log: FactLog, rewriters: tuple[Any, ...]) -> Reading | None:
    for count, rewriter in enumerate(rewriters, 1):
        if rewriter.recognises(document):
            made: Derived = rewriter.rewritten(document, log)
            # Notes of the rewriting have the document's own lines already.
            before, log.notes, log.document = log.notes, {}, made.document
            reading = _read(made.document, log, rewriters[count:])
            log.notes, log.document = before, document
            if reading is None:
                return None
            found = moved(reading, made.line)
            notes = (*before, *found.notes)
            return replace(found, format=f"{rewriter.FORMAT}, {found.format}", notes=notes)
    for reader in READERS:
        if reader.recognises(document):
            if reader in TEXT_PAGES:
                return text_page.read(reader, document, log)
            reading_: Reading = reader.read(document, log)
            return reading_
    return None
