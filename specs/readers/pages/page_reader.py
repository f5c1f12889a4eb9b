"""A page read from top to bottom: tables, lists, blocks and the lines between them, by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.readers.fields.field_lists import FieldList
from understudy.specs.readers.fields.table_rows import Table
from understudy.specs.readers.pages.http_body import are_request_lines
from understudy.specs.readers.pages.named_fields import named_fields
from understudy.specs.readers.pages.operation_roles import role_of_answer
from understudy.specs.readers.pages.page_blocks import BlockReader
from understudy.specs.readers.pages.page_lines import LineReader
from understudy.specs.readers.pages.page_state import PageState
from understudy.specs.readers.pages.page_tables import TableReader
from understudy.specs.readers.pages.said_answers import SaidAnswers

if TYPE_CHECKING:
    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.pages.page_operations import Operations
    from understudy.specs.readers.text.page_text import Line


class PageReader:
    """Collects what the parts of a page say, in their order; `operations` holds the drafts."""

    def __init__(self, log: FactLog, holders: dict[int, str]) -> None:
        """`holders` are the objects that headings name in brackets, by their lines."""
        self._state = PageState(log)
        self._state.holders = holders
        self._lines = LineReader(self._state)
        self._blocks = BlockReader(self._state)
        self._tables = TableReader(self._state)
        self._said = SaidAnswers(self._state, self._blocks.placed)

    @property
    def operations(self) -> Operations:
        return self._state.operations

    @property
    def prose(self) -> list[tuple[Line, str, OperationDraft]]:
        """The lines that may say something of a field: each, the field it stands below, its operation."""
        return self._lines.prose

    @property
    def listed(self) -> dict[str, list[tuple[str, int]]]:
        """The values that blocks list under the name of a field, each with its line."""
        return self._state.listed

    @property
    def loose(self) -> list[list[Field]]:
        """The fields of each example that stands apart from the calls of an overview."""
        return self._state.loose

    def read(self, part: Table | FieldList | Line | list[Line]) -> None:
        """The next part of the page."""
        if isinstance(part, Table):
            self._tables.table(part)
        elif isinstance(part, FieldList):
            self._tables.fields(part)
        elif isinstance(part, list) and are_request_lines(part):
            for line in part:
                self._lines.read(line)
        elif isinstance(part, list):
            self._blocks.read(part)
        elif self._state.inside and (named := named_fields(part)):
            self._tables.fields(named)
        else:
            self._lines.read(part)
            self._said.take(part)
            if role := role_of_answer(part.text[:500]):
                self._state.answered = (role, part.number)
