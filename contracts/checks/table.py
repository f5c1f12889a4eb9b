"""The table of promises: every row is an id, what it is about, a sentence, where it stands, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.contracts.failures import Outcome

if TYPE_CHECKING:
    from understudy.contracts.checks.view import TaskView
    from understudy.specs.behaviour.axes import Axes

Check = Callable[["TaskView"], Iterator[Outcome]]

FREE, TASK = "free", "a task"
# What a promise needs before it can be looked at; the reason why it is "not checked" follows from it.
CALLBACKS, REFUSED, SECRET, OTHER_KEY, CLOSED = (
    "callbacks",
    "a refused callback",
    "webhook secret",
    "another key",
    "known keys",
)


@dataclass(frozen=True, slots=True)
class ProviderPromise:
    """One promise of a provider.

    `operation`: create, query, list, callback, result or any. `source`: a pointer below the create operation
    ("x-task/transitions"), or below the document root when it starts with "/". `cost`: free or a task.
    `offered`: whether an API whose description has these axes makes the promise; None for one that all make.
    """

    id: str
    area: str
    operation: str
    sentence: str
    source: str
    cost: str
    needs: str
    check: Check
    offered: Callable[[Axes], bool] | None = None

    @property
    def arguable(self) -> bool:
        """Whether clients live by it and no document states it: a breach is a warning and fails nothing."""
        return self.id in ARGUABLE


PROMISES: dict[str, ProviderPromise] = {}
# What clients live by and no document states.
ARGUABLE = frozenset(
    {
        *("accepts-odd-fields", "callback-is-retried", "scheme-in-any-case"),
        *("task-ids-are-exact", "task-ids-cannot-be-guessed", "any-client-is-answered"),
        "answers-are-fresh",
    }
)
# The order in which a person wants to read them.
AREAS = (
    *("create", "lifecycle", "query", "results", "callbacks", "list", "accounts", "identifiers"),
    *("operations", "money", "refusals", "leniency", "answers"),
)


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
        PROMISES[id] = ProviderPromise(id, area, operation, sentence, source, cost, needs, check)
        return check

    return enter


def offer(
    id: str,  # noqa: A002 - the table's own word
    *,
    offered: Callable[[Axes], bool],
    **row: str,
) -> Callable[[Check], Check]:
    """Enter a check of a promise that an API makes only if `offered` says so of its axes; `row` as above."""

    def enter(check: Check) -> Check:
        promise(id, **row)(check)
        PROMISES[id] = replace(PROMISES[id], offered=offered)
        return check

    return enter
