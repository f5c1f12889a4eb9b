"""The operations of a page when it is read: those of which something is said, two that are one joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.pages.operation_drafts import OperationDraft


def finished(drafts: Sequence[OperationDraft]) -> list[OperationDraft]:
    """The operations of which something is said. What stood before the first one that the page names is
    of that one, where nothing tells otherwise: an example above its own request line."""
    found = [draft for draft in drafts if not draft.is_empty or (draft.path and draft.asked)]
    if len(found) > 2 and _is_general(found[0], found[1:]):
        return found[1:]
    if len(found) == 2 and not found[0].path and not found[0].request and found[1].path:
        first, second = found
        for place, fields in first.shown.items():
            second.shown.setdefault(place, fields)
        second.examples += [one for one in first.examples if one not in second.examples]
        second.forms += first.forms
        second.parameters = [*first.parameters, *second.parameters]
        _name_parameter(second)
        return [second]
    if len(found) == 2 and not found[0].path and found[1].path and not _states(found[1]):
        # A page that says its operation by an example alone, below its fields.
        first, second = found
        first.method, first.path, first.servers = second.method, second.path, second.servers
        first.line = second.line or first.line
        for place, fields in second.shown.items():
            first.shown.setdefault(place, fields)
        first.examples += second.examples
        first.forms += second.forms
        first.asked = {**second.asked, **first.asked}
        return [first]
    return found


def _is_general(first: OperationDraft, others: Sequence[OperationDraft]) -> bool:
    """Whether what stands above all calls is the form of every answer, `{"code": 0, "data": {…}}`, and no
    call of its own: the others have paths, and one of their answers has all of its names."""
    is_answer = not (first.path or first.request or first.parameters or "body" in first.shown)
    names = _answered(first)
    return is_answer and all(one.path for one in others) and any(names <= _answered(one) for one in others)


def _answered(draft: OperationDraft) -> set[str]:
    """The outermost names in the answers of an operation."""
    bodies = [
        *draft.responses.values(),
        *(fields for place, fields in draft.shown.items() if place != "body"),
    ]
    return {one.path[0] for fields in bodies for one in fields if one.path}


def _name_parameter(draft: OperationDraft) -> None:
    """Give the only parameter of a path that an example shows the name by which the page states it."""
    names = [one.field.name for one in draft.parameters if one.place == "path"]
    if len(names) == 1 and draft.path.count("{") == 1:
        draft.path = draft.path.replace("{id}", f"{{{names[0]}}}")


def _states(draft: OperationDraft) -> bool:
    """Whether anything is stated of an operation, not only shown."""
    return bool(draft.request or draft.parameters or any(draft.responses.values()))
