"""The promises, as a table, and the judge that holds a conversation against them.

judge(conversation, target) -> one Verdict per promise and family; it sends nothing and changes nothing.
"""

from __future__ import annotations

from understudy.contracts.checks import (  # noqa: F401 - each module enters its promises into the table
    accounts,
    answers,
    callbacks,
    consistency,
    creation,
    identifiers,
    leniency,
    lifecycle,
    listing,
    liveness,
    money,
    operations,
    paging,
    refusals,
    results,
    results_downloaded,
    signatures,
    told,
)
from understudy.contracts.checks.judge import Judgement, broken_promises, judge
from understudy.contracts.checks.table import PROMISES, ProviderPromise, in_order

in_order()

__all__ = ["PROMISES", "Judgement", "ProviderPromise", "broken_promises", "judge"]
