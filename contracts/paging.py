"""How a list is paged: by page number, by offset, or by a cursor that each answer names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from understudy.specs.behaviour.template_reading import values_in

if TYPE_CHECKING:
    from understudy.contracts.target_family import TargetFamily

PAGE, OFFSET, CURSOR = "page", "offset", "cursor"
# An offset that no list of ours reaches.
FAR = 100_000
MOST = 100


@dataclass(frozen=True, slots=True)
class Paging:
    """`position` and `size` are query parameters, "" for none; `usual` and `most` tasks are on a page.

    `answer` is the template of the list's answer, which says where a cursor stands; None for the vendor's.
    `last` is the highest page number that is taken, 0 when none is known.
    """

    by: str
    position: str
    size: str
    usual: int
    most: int
    last: int = 0
    answer: Any = None

    def first(self, size: int) -> dict[str, str]:
        """The parameters of the first page."""
        start = {PAGE: {self.position: "1"}, OFFSET: {self.position: "0"}}.get(self.by, {})
        return start | self._sized(size)

    def following(self, page: int, size: int, body: Any) -> dict[str, str] | None:
        """The parameters of a page from the second on; `body` is the answer to the one before. None where no
        cursor leads there."""
        if self.by == PAGE:
            return {self.position: str(page)} | self._sized(size)
        if self.by == OFFSET:
            return {self.position: str((page - 1) * size)} | self._sized(size)
        cursor = self._cursor(body)
        return {self.position: cursor} | self._sized(size) if cursor else None

    def beyond(self, size: int) -> dict[str, str] | None:
        """The parameters of a page behind the end of any list of ours; None where none can be named."""
        if self.by == OFFSET:
            return {self.position: str(FAR)} | self._sized(size)
        return {self.position: str(self.last)} | self._sized(size) if self.by == PAGE and self.last else None

    def _sized(self, size: int) -> dict[str, str]:
        return {self.size: str(size)} if self.size else {}

    def _cursor(self, body: Any) -> str:
        told = values_in(self.answer, body)
        if isinstance(told.get("next_url"), str):
            named: list[str] = parse_qs(urlsplit(told["next_url"]).query).get(self.position, [""])
            return named[0]
        found = told.get("next") or told.get("last_id")
        return str(found) if isinstance(found, str | int) else ""


def paging_of(family: TargetFamily) -> Paging | None:
    """How a family's list is paged; None where it has none, or one that shows all at once."""
    behaviour, known = family.behaviour, family.list_parameters
    rule = behaviour.axes.listing if behaviour.axes is not None else None
    if rule is not None:
        paged = rule.by in (PAGE, OFFSET, CURSOR)
        answer = rule.reply.body
        return (
            Paging(rule.by, rule.position, rule.size, rule.usual, rule.most, answer=answer) if paged else None
        )
    number, size = behaviour.page_number, behaviour.page_size
    if behaviour.axes is not None or not number or not size:
        return None
    return Paging(
        PAGE,
        number,
        size,
        int(known.get(size, {}).get("default", 1)),
        int(known.get(size, {}).get("maximum", MOST)),
        int(known.get(number, {}).get("maximum", 0)),
    )
