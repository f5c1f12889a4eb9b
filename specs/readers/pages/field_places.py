"""Where the fields of a table or a list go: to the body, the address, an answer, or a note."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.model import Parameter
from understudy.specs.readers.fields import flattened, restated, shapes
from understudy.specs.readers.pages.page_state import PARAMETERS
from understudy.specs.readers.pages.value_entries import ValueEntries
from understudy.specs.readers.text.page_text import BODILESS, NOISE, finish

if TYPE_CHECKING:
    from understudy.specs.model import Field, FieldPath
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.pages.page_state import PageState
    from understudy.specs.readers.text.page_text import FieldDraft


_IN_PATH = re.compile(r"\{(\w{1,80})\}")


def _spelled_in(name: str, path: str) -> str:
    """The parameter of an address that a client's spelling of a name means: loopId, of /loops/{loop_id}."""
    bare = name.replace("_", "").lower()
    return next(
        (one for one in _IN_PATH.findall(path) if one != name and one.replace("_", "").lower() == bare), ""
    )


class FieldPlaces:
    """Puts fields where they belong; `placed` holds what the table at hand states of the request."""

    def __init__(self, page: PageState) -> None:
        self.page = page
        self.placed: set[FieldPath] = set()
        self.stated: set[FieldPath] = set()  # what the table states at all
        self.values = ValueEntries(page.log)
        self.rows: list[list[Field]] = []  # all that it states, in order
        self.owner: tuple[OperationDraft, str] | None = None  # and of what

    def begin(self) -> None:
        """Another table, or another case in one, begins."""
        self.placed, self.stated = set(), set()
        self.rows, self.owner = [], None

    def end(self) -> None:
        """The table ends: its rows are kept, if their levels may be found once all examples are known."""
        if self.owner is not None and flattened.has_lost_levels(self.rows):
            draft, place = self.owner
            draft.flat.setdefault(place, []).append(self.rows)

    def from_the_root(self, path: FieldPath, section: str) -> FieldPath:
        """The path from the body on, where a table names its fields from one of the body's inner fields on:
        `content.type`, and the body has `input.content`."""
        if len(path) < 2 or any(
            one[0] == path[0] for one in self.page.known(self.page.list_of(section)).paths
        ):
            return path
        place = self.page.place_of(path[0])
        if place is None or place[0] != section or place[1].get("type") not in ("array", "object"):
            return path
        return (*place[1].path, *path[1:])

    def is_unplaced(self, path: FieldPath, line: int) -> bool:
        """Whether the field is one of a type whose place nothing says: then it is only noted."""
        if not self.page.unplaced:
            return False
        what = f"a field of {self.page.unplaced}, of which no field says that it is one: {path[-1]}"
        self.page.log.note("untold", what, line, path=path)
        return True

    def put(self, draft: FieldDraft, section: str) -> None:
        page = self.page
        is_query = (
            section == "body" and page.operations.with_body().method in BODILESS and len(draft.path) == 1
        )
        path, name = page.current.path, draft.path[0]
        # The one id that an address holds may have another name there.
        in_path = f"{{{name}}}" in path or (path.count("{") == 1 and name.lower().endswith("id"))
        place = ("path" if in_path else "query") if is_query else section
        if section == "body" and len(draft.path) == 1 and (spelled := _spelled_in(name, path)):
            place, draft.path = "path", (spelled,)
        if place == "query" and f"{{{name}}}" in path:
            place = "path"  # whatever the heading says: the address holds it
        if place in PARAMETERS:
            if draft.path[-1].lower() not in NOISE:
                self.page.current.parameters.append(Parameter(place, finish(draft, self.page.log)[0]))
            return
        if section != "callback" and self.values.take(draft, page.list_of(section)):
            return
        fields = finish(draft, self.page.log)
        if section == "callback":
            what = f"a field of a callback, which no fact holds: {draft.path[-1]}"
            page.log.note("untold", what, draft.line, path=draft.path)
            return
        shown = shapes.below(draft, self.page.log)
        owner = self.page.current if section == "response" else page.operations.with_body()
        self.owner = (owner, self.page.status if section == "response" else "body")
        if shown:
            self.page.show(*self.owner, shown)
            owner.described.update(one.path for one in shown)
        self.rows.append(fields)
        into = self.page.list_of(section)
        if section == "body":
            self.placed.add(draft.path)
        known = self.page.known(into)
        self._hold(into, draft)
        new = [one for one in fields if one.path not in known.paths]
        if draft.path in known.paths and draft.path not in self.stated:
            self._restate(into, fields[0])
        self.stated.add(draft.path)
        into += new
        known.paths.update(one.path for one in new)
        known.lists.update(one.path for one in new if one.get("type") == "array")

    def _restate(self, into: list[Field], again: Field) -> None:
        """A field that a table before this one states, too."""
        for index, one in enumerate(into):
            if one.path == again.path:
                into[index] = restated.joined(one, again, self.page.log)

    def _hold(self, into: list[Field], draft: FieldDraft) -> None:
        """An item that holds a named field is an object, whatever its list's type calls it: `List[Array]`.

        What has items is a list, where its own row does not say so.
        """
        path = draft.path
        if len(path) < 2 or path[-2] != "[]":
            return
        for index, one in enumerate(into):
            if one.path == path[:-2] and one.get("type") is None:
                is_list = self.page.log.keyword("type", "array", draft.line)
                into[index] = replace(one, keywords=(*one.keywords, is_list))
            elif one.path == path[:-1] and one.get("type") not in (None, "object"):
                rest = tuple(word for word in one.keywords if word.name != "type")
                into[index] = replace(one, keywords=rest)
