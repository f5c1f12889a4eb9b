"""What can go wrong: the person's mistakes (MockError) and the provider's refusals (Refused)."""

from __future__ import annotations

from understudy.specs.errors import UnderstudyError


class MockError(UnderstudyError):
    """An option, scenario or control request that cannot be used; says what, where and what to do."""


class Refused(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """The provider says no. `situation` is a key of the document's `x-errors`; `values` fill its message.

    `because` is a value too: what a message says beyond its own words, when the reason is this server's.
    `field` is the request field at fault ("" when there is none), for the journal; `keyword` is what of its
    schema it breaks, by which the document may choose other words.
    """

    def __init__(self, situation: str, *, field: str = "", keyword: str = "", **values: str) -> None:
        super().__init__(situation)
        self.situation = situation
        self.field = field
        self.keyword = keyword
        self.values = values if not field else {"field": field, **values}
