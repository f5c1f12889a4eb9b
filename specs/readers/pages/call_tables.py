"""Small tables that say of a call what it is, a row each: its address, its method, perhaps with words.

| Item        | Description                    | Value                                   |
| API address | where a task is asked for      | https://api.example.com/v1/clips/task_id |
| Method      |                                | GET                                     |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.pages.said_addresses import NAMES_ADDRESS, NAMES_METHOD
from understudy.specs.readers.text.page_text import METHODS

if TYPE_CHECKING:
    from understudy.specs.readers.fields.table_rows import Table

MAX_ROWS = 12
_ADDRESS = re.compile(r"(?:https?://[\w.:-]{3,200})?/[\w{][\w.~/{}:-]{0,300}(?:\?\S{0,300})?\Z")
# A name as fields have: of what stands beside it the table says something else.
_FIELD = re.compile(r"[a-z]\w{1,60}", re.ASCII)


def said_in_rows(table: Table) -> list[tuple[str, int]]:
    """What the rows of such a table say, "API address: https://…", each with its line; [] of another table.

    Tables of two columns are read as lines are.
    """
    if (
        not 2 < len(table.headings) <= 4
        or len(table.rows) > MAX_ROWS
        or {"type", "example"} & set(table.roles)
    ):
        return []
    said: list[tuple[str, int]] = []
    has_address = False
    for row in table.rows:
        heads, *others = (cell.strip("`* ") for cell in row.cells or ("",))
        if NAMES_ADDRESS.fullmatch(heads) and (found := next(filter(_ADDRESS.match, others), "")):
            said.append((f"{heads}: {found}", row.line))
            has_address = True
        elif NAMES_METHOD.fullmatch(heads):
            said += [(f"{heads}: {one}", row.line) for one in others if one.lower() in METHODS][:1]
        elif _FIELD.fullmatch(heads):
            return []
    return said if has_address else []
