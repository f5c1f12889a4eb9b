"""Of which operation and which part of it an example of JSON is, as the page and its own members tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.pages.later_answers import goes_on, holds_others, refuses
from understudy.specs.readers.pages.page_operations import MAX_NAMED
from understudy.specs.readers.trees import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Field, FieldPath
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.pages.page_state import PageState

# So many lines below a label the JSON of its answer begins, behind a fence.
MAX_BELOW_LABEL = 4


class ShownPlaces:
    """Puts examples into the operations of a page."""

    def __init__(self, page: PageState) -> None:
        self.page = page

    def place(self, shown: examples.Shown | None, section: str, *, is_form: bool = False) -> None:
        """Take an example for the "body" or the "response" of the operation that it is of."""
        if shown is None:
            return
        place = section if section == "body" else self.page.status
        labelled = self._labelled(shown.root.line) if section == "response" else None
        draft = self._sender_of(shown) if section == "body" else labelled or self._asked_in_vain()
        if section != "body" and draft.method == "post" and labelled is None:
            draft = self._query_of(draft, place, shown.value)
            known = draft.shown.get(place, ())
            if draft.method == "post" and (
                holds_others(known, shown.value) or self._is_of_query(known, shown.value)
            ):
                what = "the answer of a query that the page does not name is of no operation"
                self.page.log.note("untold", what, shown.root.line)
                return
        if place[:1] == "2" and refuses(draft.shown.get(place, ()), shown.value):
            place = "4XX"
        inside = self._inside(shown.value, section)
        if section == "body" and not inside:
            (draft.forms if is_form else draft.examples).append(shown.value)
        self.page.show(draft, place, examples.shown_fields(shown.root, self.page.log, inside))

    def _labelled(self, line: int) -> OperationDraft | None:
        """The operation whose answer the label right above says that one is, if one alone may be it: of the
        calls of which one's path is the beginning of the other's, or else of all."""
        role, at = self.page.answered
        if not role or not 0 < line - at <= MAX_BELOW_LABEL:
            return None
        path = self.page.current.path
        found = [one for one in self.page.operations.drafts[:MAX_NAMED] if one.role == role and one.path]
        near = [one for one in found if one.path.startswith(path) or path.startswith(one.path)]
        own = near if path and near else found
        return own[0] if len(own) == 1 else None

    def _sender_of(self, shown: examples.Shown) -> OperationDraft:
        """The operation whose body an example is: behind the part of the current one, where that lacks some
        of its fields, the one that states them all."""
        operations = self.page.operations
        draft = operations.with_body()
        if not operations.is_apart or self.page.inside:
            return draft
        paths = {one.path for one in examples.shown_fields(shown.root, FactLog(self.page.log.document), ())}
        if paths <= {one.path for one in draft.request}:
            return draft
        drafts = operations.drafts[:MAX_NAMED]
        whole = [one for one in drafts if paths and paths <= {field.path for field in one.request}]
        return whole[0] if len(whole) == 1 else draft

    def _asked_in_vain(self) -> OperationDraft:
        """The operation whose answer an example is: what asks for a thing shows it, not what deletes it."""
        current = self.page.current
        same = (
            one
            for one in self.page.operations.drafts[:MAX_NAMED]
            if one.method == "get" and one.path == current.path and not (one.responses or one.shown)
        )
        return next(same, current) if current.method == "delete" else current

    def _query_of(self, draft: OperationDraft, place: str, value: Any) -> OperationDraft:
        """The operation that an answer is of which is not the one that a create has: the one query by id that
        the page names, if nothing is said of that; else the create."""
        known = {one.path[0] for one in draft.shown.get(place, ()) if one.path}
        if place[:1] != "2" or not known or not isinstance(value, dict):
            return draft
        shown = draft.shown[place]
        if len(value.keys() - known) < 2 and not holds_others(shown, value) and not goes_on(shown, value):
            return draft
        drafts = self.page.operations.drafts[:MAX_NAMED]
        queries = [
            one for one in drafts if one.role == "query" and one.says_nothing and one.path != draft.path
        ]
        return queries[0] if len(queries) == 1 else draft

    def _is_of_query(self, shown: Sequence[Field], value: Any) -> bool:
        """Whether an answer below a heading that speaks of a query has no name of the create's answer."""
        known = {one.path[0] for one in shown if one.path}
        is_other = isinstance(value, dict) and len(value) > 1 and known and not known & value.keys()
        return bool(is_other) and self.page.is_of_query and self.page.current.role == "create"

    def _inside(self, value: Any, section: str) -> FieldPath:
        """The field at hand whose value the example is, not that of a whole body, which names it itself."""
        inside = self.page.inside
        if not inside or not isinstance(value, dict):
            return ()
        outer = {one.path[0] for one in self.page.list_of(section)}
        return () if outer & value.keys() or not value else inside
