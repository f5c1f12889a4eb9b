"""Running a request again when what it looked for has been fetched."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

from understudy.mockserver.errors import Refused
from understudy.mockserver.replicas.counters import COUNTED, CountLog, NeedsCounters
from understudy.mockserver.store.group_commit import StaleChangeError
from understudy.mockserver.store.shared import FETCHED, NotInMemory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from understudy.mockserver.replicas.state import ReplicaState

T = TypeVar("T")
# A request that has to begin anew so often is told to come again.
MOST_RUNS = 50


async def rerun(state: ReplicaState, run: Callable[[], Awaitable[T]]) -> T:
    """What `run` gives, run again whenever it needs what is not here; raises Refused.

    Whatever it has counted is counted once, and nothing of it has been said when it begins anew.
    """
    async with contextlib.AsyncExitStack() as held:
        for _ in range(MOST_RUNS):
            try:
                return await run()
            except NotInMemory as missing:
                await state.store.fetch(missing.key)
            except NeedsCounters as needed:
                COUNTED.set(CountLog())
                await held.enter_async_context(state.counters.hold(needed.key))
            except StaleChangeError:
                FETCHED.set({})
            log = COUNTED.get()
            if log is not None:
                log.at = 0
    raise Refused("unavailable", because="the task is being changed by too many requests at once")
