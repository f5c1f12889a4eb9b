"""Why a promise that was asked for was not checked: a kind, and the facts a sentence is made from.

Decisions (the exit code, the budget that would suffice) are read off `kind` and `needs`; `sentence` is for
people and comes last.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from understudy.contracts.budget import amount

PREFIX = "not seen: "


class SkipKind(Enum):
    """Why; the value is how files write it."""

    UNDOCUMENTED = "undocumented"
    NOT_AFFORDED = "not-afforded"
    USED_UP = "used-up"
    NO_CREATE_ACCEPTED = "no-create-accepted"
    NO_TASK_ENDED = "no-task-ended"
    EVERY_TASK_FAILED = "every-task-failed"
    NO_TIME = "no-time"
    SIGNED_CALLBACKS = "signed-callbacks"
    NO_RECEIVER = "no-receiver"
    NO_CALLBACK_REFUSED = "no-callback-refused"
    NO_SECRET = "no-secret"  # noqa: S105 - a word in a file
    NO_OTHER_KEY = "no-other-key"
    ANY_KEY_MAY_DO = "any-key-may-do"
    NOTHING_SEEN = "nothing-seen"


# The run set out to check these, and something kept it from it: it must not exit as if all were well.
MISSED = frozenset(
    {
        SkipKind.NOT_AFFORDED,
        SkipKind.USED_UP,
        SkipKind.NO_CREATE_ACCEPTED,
        SkipKind.NO_TASK_ENDED,
        SkipKind.EVERY_TASK_FAILED,
        SkipKind.NO_TIME,
    }
)
PLAIN = {
    SkipKind.UNDOCUMENTED: "the provider's documents do not promise it",
    SkipKind.NO_TASK_ENDED: PREFIX + "no task ended in time",
    SkipKind.NO_TIME: PREFIX + "no time was left for it",
    SkipKind.SIGNED_CALLBACKS: (
        "result URLs in signed callbacks stay as they are, so those downloads did not pass here"
    ),
    SkipKind.NO_RECEIVER: "no callback receiver: give --callback-url or --callback-listen",
    SkipKind.NO_CALLBACK_REFUSED: "no callback was answered 500: give --callback-retry",
    SkipKind.NO_SECRET: "no webhook secret: set UNDERSTUDY_WEBHOOK_SECRET",
    SkipKind.NO_OTHER_KEY: "no second key: set UNDERSTUDY_OTHER_API_KEY",
    SkipKind.ANY_KEY_MAY_DO: (
        "a server on this machine may take any key; name the promise with --only to check it"
    ),
    SkipKind.NOTHING_SEEN: "nothing in this conversation bears on it",
}


@dataclass(frozen=True, slots=True)
class Skip:
    """`budget`: what the run had; `needs`: a budget that buys all; `said`: the provider's own words."""

    kind: SkipKind
    budget: Decimal | None = None
    needs: Decimal | None = None
    said: str = ""

    @property
    def missed(self) -> bool:
        return self.kind in MISSED


def sentence(skip: Skip) -> str:
    """The reason as a sentence; this is the only place that writes it."""
    if skip.kind is SkipKind.NOT_AFFORDED:
        enough = f"; --budget {skip.needs} buys a task for every promise" if skip.needs is not None else ""
        return f"not affordable with a budget of {skip.budget}{enough}"
    if skip.kind is SkipKind.USED_UP:
        had = amount(skip.budget, "unit") if skip.budget is not None else "all units"
        return f"{PREFIX}bad requests that were taken had used up the budget of {had}"
    if skip.kind is SkipKind.NO_CREATE_ACCEPTED:
        return f"{PREFIX}no create was accepted; the last was answered {skip.said}"
    if skip.kind is SkipKind.EVERY_TASK_FAILED:
        return f"{PREFIX}every task failed{skip.said}; another picture may pass: --image"
    return PLAIN[skip.kind]


def to_json(skip: Skip) -> dict[str, str]:
    """{"kind": "not-afforded", "budget": "4", "needs": "9"}; what is not known is left out."""
    numbers = {"budget": skip.budget, "needs": skip.needs}
    words = {n: str(v) for n, v in numbers.items() if v is not None}
    return {"kind": skip.kind.value, **words, **({"said": skip.said} if skip.said else {})}


def from_json(value: Any) -> Skip:
    """The skip that `to_json` wrote; ValueError or TypeError for anything else.

    Files of before version 0.3 hold a sentence, from which nothing is read.
    """
    if isinstance(value, str):
        return Skip(SkipKind.NOTHING_SEEN)
    numbers = {n: Decimal(str(value[n])) for n in ("budget", "needs") if n in value}
    return Skip(SkipKind(value["kind"]), **numbers, said=str(value.get("said", "")))
