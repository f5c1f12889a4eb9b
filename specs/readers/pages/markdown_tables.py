"""Field tables in Markdown, English and Chinese headings, one operation or several on a page.

    | Parameter | Type | Required | Description |      | 参数 | 类型 | 必填 | 说明 |

Nesting is read from `a.b`, `a[].b`, from marks before a name (», -, └, >, wide blanks), as exporters write it, and
from a heading that names the field whose inner fields follow.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import UNSAID_PATH, Operation, Parameter, Reading
from understudy.specs.readers.facts import place_pictures
from understudy.specs.readers.fields import flattened
from understudy.specs.readers.fields.field_lists import FieldList
from understudy.specs.readers.fields.retyped import settled, with_type
from understudy.specs.readers.fields.shapes import (
    enveloped,
    inside_unstated,
    placed,
    tell_undescribed,
    undescribed,
)
from understudy.specs.readers.fields.shown_values import with_values
from understudy.specs.readers.fields.table_rows import Table, page_lines, parts
from understudy.specs.readers.pages import returned_ids, sent_forms
from understudy.specs.readers.pages.bracketed_holders import holders_of
from understudy.specs.readers.pages.called_queries import called_queries
from understudy.specs.readers.pages.listed_values import with_blocks
from understudy.specs.readers.pages.loose_examples import settle
from understudy.specs.readers.pages.page_lines import OPERATION, bare
from understudy.specs.readers.pages.page_operations import MAX_OPERATIONS
from understudy.specs.readers.pages.page_prose import Names, with_prose
from understudy.specs.readers.pages.page_reader import PageReader
from understudy.specs.readers.pages.page_shared import share_answers, share_requests
from understudy.specs.readers.text.page_text import BODILESS

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, FieldPath
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.text.page_text import Line

# Of a sentence about what is sent.
_OF_PARAMETERS = re.compile(r"\bparam(?:eter)?s?\b|参数", re.IGNORECASE)
FORMAT = "Markdown tables"
LISTS = "Markdown lists"
EXAMPLES = "examples"
MAX_TABLES = 1_000

__all__ = ["EXAMPLES", "FORMAT", "LISTS", "OPERATION", "bare", "read", "recognises"]


def recognises(document: Document) -> bool:
    """Whether the text has a table or a list whose rows are fields."""
    return any(
        isinstance(part, FieldList) or (isinstance(part, Table) and part.has_fields)
        for part in parts(page_lines(document))
    )


def read(
    document: Document,
    log: FactLog,
    *,
    is_page: bool = True,
    only_blocks: bool = False,
    about: tuple[str, str] | None = None,
) -> Reading:
    """The operations of the page. Each begins where its method and path stand, or at the first table.

    Of a text that is no page of its own nobody expects that it names the path. With `only_blocks` nothing but
    its examples is read, and which operation each is of. `about` is the method and path that it begins with.
    """
    page = list(parts(page_lines(document, log)))
    reader = _reader(document, page, log, about, is_page=is_page)
    tables = lists = False
    count = 0
    for part in page:
        if only_blocks and isinstance(part, (Table, FieldList)):
            continue
        if isinstance(part, Table):
            count += 1
            if count > MAX_TABLES:
                log.cut(f"{MAX_TABLES:,} tables of a page are read", part.line)
                break
        tables = tables or (isinstance(part, Table) and part.has_fields)
        lists = lists or isinstance(part, FieldList)
        reader.read(part)
        if len(reader.operations.drafts) > MAX_OPERATIONS:
            break
    drafts = _settled(document, reader, log)
    for draft in reader.operations.drafts if is_page else ():
        if draft.is_empty and draft.method and "{" in draft.path and draft.line:
            what = f"{draft.method.upper()} {draft.path} is named, and nothing is said of it"
            log.note("untold", what, draft.line)
    for draft in drafts if is_page else ():
        if not draft.path:
            log.note(
                "problem",
                "the page does not say the path of this operation",
                draft.line or 1,
                code=UNSAID_PATH,
            )
    for draft in drafts if reader.listed else ():
        draft.request = with_blocks(draft.request, reader.listed, log)
    operations = [
        _operation(draft, [(line, about) for line, about, owner in reader.prose if owner is draft], log)
        for draft in drafts
    ]
    format_ = FORMAT if tables else LISTS if lists else EXAMPLES
    return Reading(
        document.name, format_, tuple(operations), log.sorted_notes(), refusals=tuple(log.refusals)
    )


def _settled(document: Document, reader: PageReader, log: FactLog) -> list[OperationDraft]:
    """The operations of which something is said, with what the page says of them apart from their own parts."""
    everyone = reader.operations.drafts
    share_requests(everyone)
    settle(reader.loose, everyone, log)
    returned_ids.settle(everyone, reader.operations.givers, log)
    drafts = reader.operations.finished()
    share_answers(drafts, document.text)
    return drafts


def _reader(
    document: Document,
    page: Sequence[Table | FieldList | Line | list[Line]],
    log: FactLog,
    about: tuple[str, str] | None,
    *,
    is_page: bool,
) -> PageReader:
    """What reads a page, with the operations that are known before: what it is about, and a query in a program."""
    reader = PageReader(log, holders_of(page))
    if about is not None:
        reader.operations.begin(*about, "", 0)
    for one in called_queries(document) if about is None and is_page else ():
        reader.operations.called(one.host, one.path, one.line, one.parameter)
    return reader


def _operation(draft: OperationDraft, prose: list[tuple[Line, str]], log: FactLog) -> Operation:
    for place, shown in draft.shown.items():
        tell_undescribed(draft.request if place == "body" else draft.responses.get(place, []), shown, log)
    for place, tables in draft.flat.items():
        into = draft.request if place == "body" else draft.responses.get(place, [])
        into[:] = flattened.settled(into, tables, draft.shown.get(place, []), log)
    # What the address says already, `?Action=MakeClip`, is sent with it.
    draft.request = [one for one in draft.request if f"?{one.name}=" not in draft.path or len(one.path) > 1]
    request = _with_shown(draft.request, draft.shown.pop("body", []), draft.described)
    responses = {
        status: tuple(
            _with_shown(draft.responses.get(status, []), draft.shown.get(status, []), draft.described)
        )
        if status in draft.shown
        else tuple(enveloped(draft.responses[status]))
        for status in dict.fromkeys([*draft.responses, *draft.shown])
    }
    if prose and request:
        request = with_prose(request, prose, log)
    names = Names(request)
    # What is said of a field of the request says nothing of the answer's.
    own = [(line, about) for line, about in prose if names.about(line.text, about) is None]
    own = [(line, about) for line, about in own if not _OF_PARAMETERS.search(line.text)]
    for status, fields in responses.items() if prose else ():
        responses[status] = tuple(with_prose(fields, own, log))
    stated = {one.field.name for one in draft.parameters}
    if draft.method in BODILESS:
        stated |= {".".join(one.path) for one in request}  # "filter.state" in an address
    told = [one for one in draft.parameters if f"?{one.field.name}=" not in draft.path]
    parameters = [*told, *(one for name, one in draft.asked.items() if name not in stated)]
    # Where nothing says a method: what sends no body and has its address filled in is asked for.
    of_path = [one for one in request if one.path == (one.name,) and f"{{{one.name}}}" in draft.path]
    is_filled = draft.path.endswith("}") or any(one.place == "path" for one in parameters)
    asks = len(of_path) == len(request) and is_filled
    if (draft.method or ("get" if asks else "post")) in BODILESS:
        parameters += [Parameter("path", one) for one in of_path]
        request = [one for one in request if one not in of_path]
    bodies = [*draft.whole_examples, *(sent_forms.as_json(one, request) for one in draft.forms)]
    return Operation(
        draft.method or ("get" if asks else "post"), draft.path, tuple(place_pictures(request)), MappingProxyType(responses),
        tuple(bodies), tuple(draft.servers), line=draft.line, parameters=tuple(parameters),
    )  # fmt: skip


def _with_shown(stated: list[Field], shown: list[Field], described: Set[FieldPath]) -> list[Field]:
    """The fields that are stated; what an example shows counts where nothing is: of a body, or inside a field."""
    if not stated:
        return shown
    alone = {one.name for one in stated if len(one.path) == 1}
    if shown:
        # What the description of a field shows says nothing of where others stand.
        whole = [one for one in shown if one.path not in described]
        tops = {one.path[0] for one in whole if one.path}
        of_inner = not any(one.path[:1] and one.path[0] in tops for one in stated)
        stated = placed(inside_unstated(stated, whole), whole, outwards=False)
        if of_inner and any(one.path[0] in tops for one in stated if one.path):
            # The fields inside of one object are stated, and nothing of what stands beside it.
            beside = {one.path[0] for one in stated if one.path}
            stated = [*(one for one in whole if one.path and one.path[0] not in beside), *stated]
    holders = {one.path[:n] for one in stated for n in range(len(one.path))}
    silent = {
        one.path for one in stated if one.get("type") in ("array", "object", None) and one.path not in holders
    }
    silent |= undescribed(stated, shown)
    known = {one.path for one in stated}
    # Of an object that is left out between two that are stated, the example says what else there is.
    moved = alone - {one.name for one in stated if len(one.path) == 1}
    silent |= {one.path[:1] for one in stated if len(one.path) > 2 and one.name in moved} & known
    inner = [
        one
        for one in shown
        if one.path not in known and any(one.path[:n] in silent for n in range(1, len(one.path) + 1))
    ]
    return [*_typed(stated, shown), *inner]


def _typed(stated: list[Field], shown: list[Field]) -> list[Field]:
    """The fields that are stated; one of which no type is said has that of its example."""
    types = {one.path: word for one in shown for word in one.keywords if word.name == "type"}
    typed = [
        with_type(one, types[one.path]) if one.get("type") is None and one.path in types else settled(one)
        for one in stated
    ]
    return with_values(typed, shown)
