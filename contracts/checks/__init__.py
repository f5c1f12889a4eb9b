"""The promises, as a table, and the judge that holds a conversation against them.

judge(conversation, target) -> one Verdict per promise and family; it sends nothing and changes nothing.
"""

from __future__ import annotations

from contracts.checks import (  # noqa: F401 - each module enters its promises into the table
    answers,
    callbacks,
    creation,
    lifecycle,
    listing,
    refusals,
    results,
)
from contracts.checks.judge import Judgement, judge
from contracts.checks.table import PROMISES, Promise, in_order

in_order()

__all__ = ["PROMISES", "Judgement", "Promise", "judge"]
