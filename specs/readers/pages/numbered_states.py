"""The states of a task that a table numbers: they are values of the one field that tells a state by a number.

    | Status code | Meaning                  |
    | 0           | Generating, please wait  |   →  data.status, an integer in the answers: 0, 1, 2
    | 1           | Done                     |
    | 2           | Failed                   |

No code of a refusal says that work goes on; by that such a table is told from one of errors.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import Evidence, Keyword, Note
from understudy.specs.readers.fields.table_rows import Table, page_lines, parts
from understudy.specs.readers.pages.listed_apart import is_state

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Operation, Reading

_ROW = re.compile(r"\s{0,8}\|\s{0,8}`?-?\d{1,2}`?\s{0,40}\|")
_SMALL = re.compile(r"-?\d{1,2}")
_UNDER_WAY = re.compile(
    r"\b(?:pending|queu(?:ed|eing|ing)|waiting|processing|generating|rendering|running|in\sprogress)\b|排队|等待|处理中|生成中|进行中|运行中",
    re.IGNORECASE,
)


def are_listed(table: Table) -> bool:
    """Whether each row is a small number with the state for which it stands, one of which is that of work."""
    cells = [row.cells for row in table.rows]
    return (
        len(cells) > 1
        and len(table.headings) > 1
        and not table.has_fields
        and all(row and _SMALL.fullmatch(row[0].strip("`* ")) for row in cells)
        and any(_UNDER_WAY.search(" ".join(row[1:])[:200]) for row in cells)
    )


def with_numbered(found: Reading, document: Document) -> Reading:
    """The reading, what tells a state by a number in its answers with those that one table lists."""
    if not any(map(_ROW.match, document.lines)):
        return found
    tables = [one for one in parts(page_lines(document)) if isinstance(one, Table) and are_listed(one)]
    numbers = [tuple(int(row.cells[0].strip("`* ")) for row in one.rows) for one in tables]
    if len(set(numbers)) == 1:
        enum = Keyword("enum", list(numbers[0]), Evidence(document.name, tables[0].rows[0].line, "declared"))
        heading = tables[0].headings[0].strip("`* ").lower()
        operations = tuple(_with_states(one, enum, heading) for one in found.operations)
        if operations != found.operations:
            return replace(found, operations=operations)
    notes = [
        Note(
            "untold",
            f"states that no field takes: {', '.join(map(str, values))}",
            document.name,
            one.rows[0].line,
        )
        for one, values in zip(tables, numbers, strict=True)
    ]
    return replace(found, notes=(*found.notes, *notes))


def _with_states(operation: Operation, enum: Keyword, heading: str) -> Operation:
    """The operation, the one field of an answer that waits for the states with them.

    It is called like a state, or as the table's first column is, and shows none but those.
    """
    responses = {}
    for status, fields in operation.responses.items():
        waiting = [
            one for one in fields if _waits(one, heading) and all(value in enum.value for value in one.shown)
        ]
        responses[status] = tuple(
            replace(one, keywords=(*one.keywords, enum)) if [one] == waiting else one for one in fields
        )
    is_same = all(responses[status] == tuple(fields) for status, fields in operation.responses.items())
    return operation if is_same else replace(operation, responses=MappingProxyType(responses))


def _waits(one: Field, heading: str) -> bool:
    is_called = is_state(one.name) or one.name.lower() == heading
    return is_called and one.get("enum") is None and one.get("type") in ("integer", "number")
