"""The table of promises: every row is an id, what it is about, a sentence, where it stands, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.failures import Outcome

if TYPE_CHECKING:
    from contracts.checks.view import View

Check = Callable[["View"], Iterator[Outcome]]

FREE, TASK = "free", "a task"
# What a promise needs before it can be looked at; the reason why it is "not checked" follows from it.
CALLBACKS, SECRET, OTHER_KEY, CLOSED = "callbacks", "webhook secret", "another key", "a closed door"


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a provider.

    `operation`: create, query, list, callback, result or any. `source`: a pointer below the create operation
    ("x-task/transitions"), or below the document root when it starts with "/". `cost`: free or a task.
    """

    id: str
    area: str
    operation: str
    sentence: str
    source: str
    cost: str
    needs: str
    check: Check


PROMISES: dict[str, Promise] = {}
# The order in which a person wants to read them.
AREAS = ("create", "lifecycle", "query", "results", "callbacks", "list", "accounts", "refusals", "answers")


def in_order() -> None:
    """Put the table into the order of AREAS, once all modules have entered their promises."""
    rows = sorted(PROMISES.items(), key=lambda item: AREAS.index(item[1].area))
    PROMISES.clear()
    PROMISES.update(rows)


def promise(
    id: str,  # noqa: A002 - the table's own word
    *,
    area: str,
    operation: str,
    sentence: str,
    source: str,
    cost: str = TASK,
    needs: str = "",
) -> Callable[[Check], Check]:
    """Enter a check into the table. Its function yields one outcome for each observation."""

    def enter(check: Check) -> Check:
        if id in PROMISES:
            raise ValueError(f"two promises are called {id}")
        PROMISES[id] = Promise(id, area, operation, sentence, source, cost, needs, check)
        return check

    return enter
