"""Whether a table or a list that no heading says anything of is of a request, of an answer, or of a field."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.pages.page_operations import MAX_NAMED
from understudy.specs.readers.text.page_text import BODILESS

if TYPE_CHECKING:
    from understudy.specs.model import Field
    from understudy.specs.readers.fields.table_rows import Table
    from understudy.specs.readers.pages.page_state import PageState

# The heading of a column with the names of fields.
_FIELDS = re.compile(
    r"(?:response\s)?(?:fields?|propert(?:y|ies)|attributes?)(?:\sname)?|(?:返回|响应)?(?:字段|属性)(?:名称?)?",
    re.IGNORECASE,
)
# Names of fields of answers.
_OF_ANSWERS = re.compile(r"(?:(?:task|request|job)_?)?id|status|state|created_?at", re.IGNORECASE)
# Those that say how far a task is: whoever asks for one by its id does not send them.
_OF_TASKS = ("status", "state")
# So many fields of a record must an answer show.
MIN_SHOWN = 3


class SectionGuesses:
    """Guesses the section for the page; `is_inside` while the table at hand is taken for one inside of a field."""

    def __init__(self, page: PageState) -> None:
        self.page = page
        self.is_inside = False

    def record(self, names: set[str]) -> None:
        """Fields below a heading as high as that of an operation which its answer has no part in, and which
        another operation's answer shows, are of that: pages describe the record of a task behind all calls."""
        page = self.page
        may_be = page.is_past or (page.section == "body" and page.current.method in BODILESS)
        if not page.operations.is_apart or page.inside or not may_be:
            return
        shown = [
            (len(names & {one.path[0] for one in fields}), draft.role == "query", status, draft)
            for draft in page.operations.drafts[:MAX_NAMED]
            for status, fields in draft.shown.items()
            if status[:1] == "2"
        ]
        best = max(shown, key=lambda one: one[:2], default=None)
        if best is None or best[0] < max(MIN_SHOWN, len(names) / 2):
            return
        page.operations.current, page.operations.is_apart = best[3], False
        page.section, page.status, page.is_said = "response", best[2], True
        page.said_at = page.operations.part

    def table(self, table: Table) -> None:
        """A table under no heading of its own that has the fields of an envelope is an answer."""
        page = self.page
        if page.section == "body" and not page.inside and not {"required", "optional"} & set(table.roles):
            self._answered(table)
        if page.is_said or page.inside or page.presence or {"required", "optional"} & set(table.roles):
            return
        names = outer_names(table)
        asks = page.current.method in BODILESS and page.section == "body"
        tells = any(name.lower().endswith(_OF_TASKS) for name in names)
        is_answer = asks and _of_answers(table) and (tells or not self._in_path(names))
        if {"code", "data"} <= names or is_answer:
            page.section, page.status = "response", "200"
        elif page.section == "body":
            self._behind_request(names)

    def _in_path(self, names: set[str]) -> bool:
        """Whether the address of the operation at hand holds one of the names."""
        return any(f"{{{name}}}" in self.page.current.path for name in names)

    def _answered(self, table: Table) -> None:
        """A table all of whose names an answer shows, and the request none, is of that answer."""
        draft = self.page.current
        shown = {one.path[0] for place, fields in draft.shown.items() if place[:1] == "2" for one in fields}
        names = {part for name in outer_names(table) for part in re.split(r"\s?[/,、]\s?", name)}
        if len(names) > 1 and names <= shown and not names & self.page.operations.with_body().sent_names:
            self.page.section, self.page.status = "response", "200"

    def listed(self, names: set[str]) -> None:
        """A list below what asks for something, with names that its answer shows, is of that answer."""
        draft = self.page.current
        shown = {one.path[0] for place, fields in draft.shown.items() if place[:1] == "2" for one in fields}
        if draft.method in BODILESS and not self.page.is_said and names & shown and not self._in_path(names):
            self.page.section, self.page.status = "response", "200"

    def _behind_request(self, names: set[str]) -> None:
        """A table below that of a request, which unlike it says nothing of what must be given: it has the
        fields of the answer, or those inside of the one field of the request that may hold others."""
        request = self.page.operations.with_body().request
        if not any(one.get("required") is not None for one in request):
            return
        if sum(_OF_ANSWERS.fullmatch(name) is not None for name in names) > 1:
            self.page.section, self.page.status = "response", "200"
            return
        holders = [one for one in request if len(one.path) == 1 and one.get("type") in ("array", "object")]
        empty = [one for one in holders if not _holds(request, one)]
        if len(empty) == 1 and not names & {one.path[0] for one in request}:
            path = empty[0].path
            self.page.inside = (*path, "[]") if empty[0].get("type") == "array" else path
            self.is_inside = True


def _holds(fields: list[Field], holder: Field) -> bool:
    """Whether it is known what a field holds: fields, or values that are no objects."""
    inner = [one for one in fields if len(one.path) > 1 and one.path[0] == holder.name]
    return any(one.path[1:] != ("[]",) or one.get("type") not in (None, "object") for one in inner)


def _of_answers(table: Table) -> bool:
    """Whether a table calls its rows fields, not parameters, and one of them says how far a task is."""
    is_of_fields = _FIELDS.fullmatch(table.headings[table.roles.index("name")].strip()) is not None
    return is_of_fields and any(_OF_ANSWERS.fullmatch(name) for name in outer_names(table))


def outer_names(table: Table) -> set[str]:
    at = table.roles.index("name")
    return {row.cells[at].strip("` *").split(".")[0] for row in table.rows if len(row.cells) > at}
