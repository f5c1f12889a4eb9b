"""The tables and lists of a page whose rows are fields, values of fields, or operations."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.fields import field_lists, field_rows, list_drafts, refusal_rows
from understudy.specs.readers.fields.table_cells import MAX_CELLS, MAX_ROW
from understudy.specs.readers.fields.table_rows import MAX_ROWS
from understudy.specs.readers.pages import listed_values, numbered_states, other_tables
from understudy.specs.readers.pages.call_tables import said_in_rows
from understudy.specs.readers.pages.field_places import FieldPlaces
from understudy.specs.readers.pages.former_calls import heads_removed
from understudy.specs.readers.pages.guessed_sections import SectionGuesses, outer_names
from understudy.specs.readers.pages.operation_drafts import Known
from understudy.specs.readers.pages.page_operations import MAX_NAMED, states_operation
from understudy.specs.readers.pages.page_shared import are_grades, are_kinds
from understudy.specs.readers.pages.page_state import PARAMETERS
from understudy.specs.readers.pages.said_addresses import half_of_operation
from understudy.specs.readers.text.page_text import NOISE, through_lists

if TYPE_CHECKING:
    from understudy.specs.model import FieldPath
    from understudy.specs.readers.fields.field_lists import FieldList
    from understudy.specs.readers.fields.field_rows import Cell
    from understudy.specs.readers.fields.table_rows import Row, Table
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.pages.page_state import PageState
    from understudy.specs.readers.text.page_text import FieldDraft

# Headers that pages set among the fields of a body.
_HEADERS = ("Authorization", "Content-Type", "Accept")

_BODIES = ("body", "response")
# A state, or a variable of an environment, where a list says what each means.
_CONSTANT = re.compile(r"[A-Z]{2,30}(?:_[A-Z0-9]{1,30}){1,6}")

# Of so many tables before it one may describe the same fields otherwise.
MAX_BESIDE = 20
_NAMED_TYPE = re.compile(
    r"(?:(?:array|list)\s*[<\[(]\s*)?(?:of\s+)?(?P<name>[A-Z][A-Za-z]\w{1,60})\s*[>\])]?(?:\[\])?\Z",
    re.IGNORECASE,
)
# A field whose inner fields stand under another heading: "See OmniImage below", 详见 `OmniImage`.
_SEE = re.compile(
    r"(?:\b[Ss]ee|\b[Rr]efer\s+to|参[见考照]|详?见)\s{0,2}(?:the\s)?[`\"“\[]{0,2}(?P<name>[A-Z][a-z]{1,30}[A-Z]\w{1,60})",
    re.ASCII,
)


class TableReader:
    """Reads one table or list after the other into the operations of the page."""

    def __init__(self, page: PageState) -> None:
        self.page = page
        self.guesses = SectionGuesses(page)
        self.holder = ""  # the last name in a column beside which another has the names inside of it
        self.places = FieldPlaces(page)
        # The headings that are names of objects and lists around the next one: level, section, path inside.
        self.opened: FieldPath = ()  # inside of the last of them, where a table may follow
        self.headed: list[tuple[int, str, FieldPath]] = []
        self.tables: list[tuple[int, set[FieldPath]]] = []  # the same of each before it, and of which request

    def fields(self, listed: FieldList) -> None:
        """A list whose entries are fields."""
        if heads_removed(self.page.heading):
            return  # each entry is told
        current = self.page.current
        current.line = current.line or listed.items[0].line.number
        if self.page.rows > field_lists.MAX_ITEMS:
            self._cut_lists(listed.items[0].line.number)
            return
        drafts = list_drafts.drafts(listed, self.page.log)
        if not listed.level:
            self.page.turn_to_answer_fields(listed.items[0].line.number)
        if listed.level and self.opened and self.page.inside == self.opened:
            self.page.inside, self.opened = (), ()  # the next heading that is a field
        names = {one.path[0] for one in drafts}
        self.page.turn_to_feature(names, listed.items[0].line.number)
        self.guesses.record(names)
        if self.page.section == "body" and not self.page.inside:
            self.page.operations.turn_to_sender(names)
            self.guesses.listed(names)
        self.page.turn_to_callback(names, listed.items[0].line.number)
        self.places.begin()
        outer = min((len(draft.path) for draft in drafts), default=0)  # what is inside of others is not meant
        for draft in drafts:
            self.page.rows += 1
            if self.page.rows > field_lists.MAX_ITEMS:
                self._cut_lists(draft.line)
                return
            self._entry(draft, listed.level, drafts[0], is_outer=len(draft.path) == outer)
        self._alternatives()
        if listed.level and len(drafts) == 1 and not self.page.inside and self.page.section in _BODIES:
            self._open(drafts[0])

    def _entry(self, draft: FieldDraft, level: int, first: FieldDraft, *, is_outer: bool) -> None:
        """One entry of a list, or a heading `level` deep."""
        if _CONSTANT.fullmatch(draft.path[-1]) and draft.get("type") is None:
            self.page.log.note("untold", f"a value that is in no fact: {draft.path[-1]}", draft.line)
            return
        # What stands below a state is what a record in that state has.
        draft.path = tuple(step for step in draft.path if not _CONSTANT.fullmatch(step))
        if self.page.inside and draft.path[0] != self.page.inside[0]:
            draft.path = (*self.page.inside, *draft.path)
        self._below_heading(draft, level)
        section = draft.place if draft.place in PARAMETERS else self.page.section
        if section == "body" and draft.path[-1] in _HEADERS and draft.get("type") in (None, "string"):
            return  # every request has it, whatever list it stands in
        if section not in PARAMETERS and self.places.is_unplaced(draft.path, draft.line):
            return
        if section in ("body", "query") and self.page.presence and is_outer:
            self._presence(draft, *self.page.presence)
        if section not in PARAMETERS:
            lists = self.page.known(self.page.list_of(section)).lists
            draft.path = through_lists(draft.path, lists)
        is_inside = self.places.rows and self.places.rows[-1][0].get("type") in ("object", "array")
        if self.places.placed and draft.path == first.path and not is_inside:
            self._alternatives()  # the list begins anew: the fields of another case
            self.places.begin()
        self.places.put(draft, section)

    def _open(self, draft: FieldDraft) -> None:
        """Take a table below a heading that is an object or a list for one of the fields inside of it."""
        type_ = draft.get("type")
        if type_ in ("object", "array"):
            self.opened = (*draft.path, "[]") if type_ == "array" else draft.path
            self.page.inside = self.opened

    def _below_heading(self, draft: FieldDraft, level: int) -> None:
        """Put a field whose name is a deeper heading than that of an object or a list inside of it."""
        while self.headed and (self.headed[-1][0] >= level or self.headed[-1][1] != self.page.section):
            self.headed.pop()
        around = self.headed[-1][2] if self.headed and level else ()
        if around and draft.path[:1] != around[:1]:
            draft.path = (*around, *draft.path)
        type_ = draft.get("type")
        if level and type_ in ("object", "array"):
            inside = (*draft.path, "[]") if type_ == "array" else draft.path
            self.headed.append((level, self.page.section, inside))

    def _cut_lists(self, line: int) -> None:
        self.page.log.cut(f"{field_lists.MAX_ITEMS:,} entries of lists are read", line)

    def table(self, table: Table) -> None:
        """A table: its rows are fields, values of fields, or operations."""
        if table.has_enums:
            self._enums(table)
        is_of_values = self._takes_headed(table) or self._takes_values(table)
        is_of_others = (
            is_of_values or table.has_fields or table.lists_refusals or numbered_states.are_listed(table)
        )
        if listed_values.could_be(table) and not is_of_others:
            values = [row.cells[0].strip("`* ") for row in table.rows if row.cells]
            what = f"values that are in no fact: {', '.join(values[:12])}"
            self.page.log.note("untold", what, table.rows[0].line)
        if self._says_call(table) or (table.has_fields and other_tables.is_of_other(table, self.page)):
            return  # of prices, of changes, of a client's own settings: each row is told
        is_of_calls = bool(table.rows) and all(states_operation(row.cells) for row in table.rows[:20])
        if numbered_states.are_listed(table):
            return
        if is_of_values or is_of_calls or table.lists_refusals or not table.has_fields:
            self._without_fields(table, is_of_calls=is_of_calls)
            return
        names = outer_names(table)
        self.page.end_headers(names)
        if all(name.lower() in NOISE for name in names):
            return  # the headers of every request, under whatever heading
        if other_tables.is_of_one_field(table):
            other_tables.tell(table, self.page.log)
            return
        self.page.turn_to_feature(names, table.line)
        self.guesses.record(names)
        if self.page.section == "body" and not self.page.inside and not table.places_parameters:
            self.page.operations.turn_to_sender(names)
        self.page.current.line = self.page.current.line or table.line
        self.page.turn_to_callback(names, table.line)
        self.page.go_inside_named(names, table.line)
        self.guesses.table(table)
        self.places.begin()
        self._rows(table)
        if self.guesses.is_inside:
            self.page.inside, self.guesses.is_inside = (), False
            return
        if self.page.section == "body" and not self.page.inside:
            sender = self.page.operations.with_body()
            is_apart = self.page.operations.is_apart
            is_own = not is_apart and sender.part == self.page.operations.part
            sender.is_for_all |= (is_apart and are_grades(sender)) or (is_own and are_kinds(sender))
            others = self.page.operations.beside(self.page.heading, sender.request)
            self._alternatives()
            for draft in others:
                self._share(draft)
            return
        self._alternatives()

    def _says_call(self, table: Table) -> bool:
        """Whether the rows of a table say the address of a call, and its method: then it is at hand."""
        said = said_in_rows(table)
        for text, line in said:
            if self._states(text, line):
                self.page.restart()
        return bool(said)

    def _takes_headed(self, table: Table) -> bool:
        """Whether a table has the values of the field that the heading above it names."""
        sender = self.page.operations.with_body() if self.page.section == "body" else self.page.current
        return listed_values.take_headed(table, self.page.heading, sender, self.page.log)

    def _takes_values(self, table: Table) -> bool:
        """Whether a field of the operation at hand takes the values that a table lists; states of tasks are
        those of every operation that has some, where that one has none, or its part of the page is over."""
        drafts = self.page.operations.drafts[:MAX_NAMED]
        if listed_values.lists_some(self.page.heading):
            return False
        if listed_values.take_proven(table, drafts, self.page.log):
            return True
        if not listed_values.could_be(table):
            return False
        is_taken = listed_values.take_table(table, self.page.current, self.page.log)
        if not listed_values.lists_states(table) or (is_taken and not self.page.operations.is_far):
            return is_taken
        return True in {is_taken, *(listed_values.take_table(table, one, self.page.log) for one in drafts)}

    def _share(self, draft: OperationDraft) -> None:
        """Give another operation the fields that a table states of several."""
        known = draft.known.setdefault(id(draft.request), Known())
        mine = [one for one in self.page.operations.with_body().request if one.path not in known.paths]
        draft.request += mine
        known.paths.update(one.path for one in mine)
        known.lists.update(one.path for one in mine if one.get("type") == "array")

    def _alternatives(self) -> None:
        """Two tables, or lists, that state some of the same fields, and each others too: one of them holds.

        What only one of them has is not required.
        """
        into = self.page.operations.with_body().request
        self.places.end()
        for owner, placed in self.tables[-MAX_BESIDE:]:
            common = placed & self.places.placed if owner == id(into) else set()
            beside = {path[:-1] for path in common}
            of_one = {path for path in placed ^ self.places.placed if path[:-1] in beside}
            if not of_one & placed or not of_one & self.places.placed:
                continue
            for index, one in enumerate(into):
                if one.path in of_one and one.get("required"):
                    words = tuple(word for word in one.keywords if word.name != "required")
                    into[index] = replace(one, keywords=words)
                    what = "required in one of two tables that describe the same fields otherwise"
                    self.page.log.note("not-understood", what, one.line, path=one.path)
        if self.places.placed:
            self.tables.append((id(into), self.places.placed))

    def _rows(self, table: Table) -> None:
        parents: list[tuple[int, FieldPath]] = []
        body = field_rows.body_of(table)
        for row in table.rows:
            self.page.rows += 1
            if self.page.rows > MAX_ROWS:
                self.page.log.cut(f"{MAX_ROWS:,} rows of a page are read", row.line)
                return
            if row.cut:
                self.page.log.cut(
                    f"a row is read up to {MAX_ROW:,} characters and {MAX_CELLS} cells", row.line
                )
            if table.repeats_headings(row):
                continue
            cells = [
                (role, heading, cell)
                for role, heading, cell in zip(table.roles, table.headings, row.cells, strict=False)
                if role
            ]
            name = self._name(row, cells)
            if name.strip("`* ") in _HEADERS and self.page.section not in PARAMETERS and _is_text(cells):
                continue  # every request has it, whatever table it stands in
            for one in field_rows.names_of(name):
                path = field_rows.path_of(one, row.line, parents, self.page.log)
                if path and path != (body,):
                    self._field(row, path[1:] if path[0] == body else path, cells)

    def _name(self, row: Row, cells: list[Cell]) -> str:
        """The name that a row gives its field; one in a column of inner names stands inside of the last."""
        said = {role: cell for role, _, cell in cells if role in ("name", "child")}
        name, child = said.get("name", ""), said.get("child", "").strip("`*-/ ")
        self.holder = name.strip("`* ") or self.holder
        if child:
            return f"{self.holder}.{child}"
        if not name and any(cell for _, _, cell in cells):
            self.page.log.note("unnamed", "a row without a name", row.line)
        return name

    def _without_fields(self, table: Table, *, is_of_calls: bool = False) -> None:
        """A table whose rows are operations, refusals, or values that were taken already."""
        if table.lists_refusals:
            self.page.log.refusals += refusal_rows.stated(table, self.page.log.document.name)
            return
        for row in table.rows[:20] if is_of_calls or not table.has_fields else ():
            is_other = self.page.operations.row(row.cells, row.line)
            if states_operation(row.cells):
                self.page.asked(" ".join(row.cells), row.line)
            if is_other:
                self.page.restart()
                # An overview of several is no description of the last one.
                self.page.operations.is_apart = True
            elif len(row.cells) == 2 and self._states(": ".join(row.cells), row.line):
                self.page.restart()

    def _states(self, text: str, line: int) -> bool:
        """Whether a row such as | Method | POST | or | URL | https://a/v1/x | begins another operation."""
        method, host, path = half_of_operation(text)
        if path.rstrip("/") in self.page.bases:
            path = ""
        return bool(method or path) and self.page.operations.begin(method, path, host, line, alone=True)

    def _field(self, row: Row, path: FieldPath, cells: list[Cell]) -> None:
        said = {role: cell for role, _, cell in cells}
        place = said.get("place", "").lower()
        section = (
            place if place in (*PARAMETERS, "body") and self.page.section != "response" else self.page.section
        )
        if path == ("body",) and place == "body":
            return
        if section not in PARAMETERS and self.places.is_unplaced(path, row.line):
            return
        path = _without_body(path, place)
        if (
            self.page.inside
            and path[: len(self.page.inside)] != self.page.inside
            and path[0] != self.page.inside[0]
        ):
            path = (*self.page.inside, *path)
        if section not in PARAMETERS:
            path = self.places.from_the_root(path, section)
            path = through_lists(path, self.page.known(self.page.list_of(section)).lists)
        draft = field_rows.draft_of(path, row, cells, self.page.log)
        if section in ("body", "query") and self.page.presence and not {"required", "optional"} & said.keys():
            self._presence(draft, *self.page.presence)
        if named := _NAMED_TYPE.match(said.get("type", "").strip("` ")):
            self.page.types.setdefault(named["name"], path)
        for _, _, cell in cells:
            if see := _SEE.search(cell):
                self.page.types.setdefault(see["name"], path)
        self.places.put(draft, section)

    def _presence(self, draft: FieldDraft, required: bool, line: int) -> None:
        """What the heading of the table says of every field below it, where the row does not."""
        if draft.get("required") is None:
            draft.keywords.append(self.page.log.keyword("required", required, line))

    def _enums(self, table: Table) -> None:
        self.page.rows += len(table.rows)
        if self.page.rows > MAX_ROWS:
            self.page.log.cut(f"{MAX_ROWS:,} rows of a page are read", table.line)
            return
        listed_values.take_names(table, self.page.current, self.page.log)


def _is_text(cells: list[Cell]) -> bool:
    """Whether a row says of its field that it is a text, or no type, as rows of headers do."""
    return all(
        cell.strip("`* ").lower() in ("", "-", "string", "str") for role, _, cell in cells if role == "type"
    )


def _without_body(path: FieldPath, place: str) -> FieldPath:
    return path[1:] if len(path) > 1 and path[0] == "body" and place == "body" else path
