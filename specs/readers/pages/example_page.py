"""A page that has no tables or lists of fields, but names an operation and shows an example of its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.readers.fields.table_rows import Table, page_lines, parts
from understudy.specs.readers.pages.markdown_tables import EXAMPLES as FORMAT
from understudy.specs.readers.pages.markdown_tables import OPERATION, bare, read
from understudy.specs.readers.pages.page_lines import (
    ADDRESS_ALONE,
    MAX_BETWEEN,
    METHOD_ALONE,
)
from understudy.specs.readers.pages.page_operations import states_operation
from understudy.specs.readers.pages.said_addresses import half_of_operation
from understudy.specs.readers.text.page_text import Line
from understudy.specs.readers.trees.examples import is_curl

if TYPE_CHECKING:
    from understudy.specs.documents import Document

__all__ = ["FORMAT", "read", "recognises"]


MAX_ABOVE = 60  # lines of a script above its command


def recognises(document: Document) -> bool:
    """Whether the text has a `curl` command, or names an operation and shows a JSON object."""
    is_named = shows = False
    method_at = -MAX_BETWEEN  # the line of the last method that stands alone
    for part in parts(page_lines(document)):
        if isinstance(part, list) and part:
            sends = any(is_curl(line.text) for line in part[:MAX_ABOVE])
            shows = shows or sends or part[0].text.lstrip().startswith("{")
            is_named = is_named or sends or OPERATION.match(part[0].text.strip()[:500]) is not None
        elif isinstance(part, Table):
            is_named = is_named or any(
                states_operation(row.cells) or half_of_operation(": ".join(row.cells[:2]))[2]
                for row in part.rows[:20]
            )
        elif isinstance(part, Line):
            text = bare(part.text[:500])
            is_named = is_named or OPERATION.search(text) is not None or half_of_operation(text)[2] != ""
            if METHOD_ALONE.match(part.text[:500]):
                method_at = part.number
            elif part.number - method_at <= MAX_BETWEEN and ADDRESS_ALONE.match(part.text[:500]):
                is_named = True
    return is_named and shows
