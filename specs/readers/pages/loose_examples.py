"""Examples that stand apart from the calls of an overview: parts of a request, one a feature.

POST /v1/videos/text2video  - Make a clip            ### The camera
GET  /v1/videos/text2video/{id}  - Ask for it        { "camera": { "zoom": 0 } }   // -10 to 10

Each is of the one call whose request has its outer names, or is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import BODILESS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.pages.page_operations import Operations

# So many calls of which nothing is said make an overview.
MIN_SILENT = 3
MAX_LOOSE = 50


def is_loose(operations: Operations) -> bool:
    """Whether a higher heading stands between what is here and an overview's last call, which only asks."""
    if not (operations.is_apart and operations.is_far) or operations.current.method not in BODILESS:
        return False
    return sum(one.says_nothing for one in operations.drafts[: MIN_SILENT * 4]) >= MIN_SILENT


def settle(loose: Sequence[list[Field]], drafts: Sequence[OperationDraft], log: FactLog) -> None:
    """Give the fields of each example to the one request that has them; tell of the others."""
    senders = [one for one in drafts if one.method not in (*BODILESS, "") and one.sent_names]
    for fields in loose:
        names = {one.path[0] for one in fields}
        fitting = [one for one in senders if names <= one.sent_names]
        if len(fitting) == 1:
            add_shown(fitting[0], fields)
            continue
        for outer in dict.fromkeys(one.path[0] for one in fields):
            own = [one for one in fields if one.path[0] == outer and one.name != "[]"]
            what = f"a field of an example that is of no call: {', '.join(map(_said, own))}"
            log.note("untold", what[:300], own[0].line, path=(outer,))


def _said(field: Field) -> str:
    """The name of a field, and what is said of it beside its type: "zoom (minimum -10, maximum 10)"."""
    words = [f"{word.name} {word.value}" for word in field.keywords if word.name != "type"]
    return f"{field.name} ({', '.join(words)})" if words else field.name


def add_shown(draft: OperationDraft, fields: Sequence[Field]) -> None:
    """What an example says beyond what the request's own examples show."""
    shown = draft.shown.setdefault("body", [])
    at = {one.path: index for index, one in enumerate(shown)}
    for one in fields:
        if one.path not in at:
            shown.append(one)
            continue
        known = shown[at[one.path]]
        more = tuple(word for word in one.keywords if known.get(word.name) is None)
        shown[at[one.path]] = replace(known, keywords=(*known.keywords, *more))
