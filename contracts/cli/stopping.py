"""Runs that start commands of other people's: whatever ends us ends those first."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from understudy.contracts.client_verifier.process import end_marked

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def run_stoppable(work: Coroutine[Any, Any, T], mark: str) -> T:
    """What `work` gives, in an event loop of its own; when it is over, no process with `mark` (NAME=VALUE) in
    its environment is left.

    Ctrl-C, SIGTERM and SIGHUP cancel it, and then end us, with 130, 143 and 129.
    """
    stopped: list[int] = []
    try:
        return asyncio.run(_until_stopped(work, stopped))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except asyncio.CancelledError:
        sys.exit(128 + stopped[0])
    finally:
        # Who presses Ctrl-C twice does not wait for each run to clean up after itself.
        end_marked(mark)


async def _until_stopped(work: Coroutine[Any, Any, T], stopped: list[int]) -> T:
    """`work`, cancelled by SIGTERM and SIGHUP, which go to `stopped`, as by Ctrl-C."""
    running = asyncio.ensure_future(work)

    def stop(number: int) -> None:
        stopped.append(number)
        running.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves it
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
    return await running
