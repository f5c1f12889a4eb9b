"""A client that is a service: its process stays, and a command or URL of the user's makes it order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from understudy.contracts.client_verifier.process import Ended, run_command
from understudy.contracts.local_ports import listened_to
from understudy.contracts.user_check import is_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from understudy.contracts.client_verifier.trace import Stopped

START_SECONDS = 60.0
MOST_ANSWER = 65_536
RESUMED = "the service went on by itself"


@dataclass(frozen=True, slots=True)
class Driven:
    """What came of driving a service: an exit code (0: it has its results), and what was said."""

    exit_code: int
    output: str


async def run_service(
    command: Sequence[str],
    env: Mapping[str, str],
    mark: str,
    drive: Callable[[], Awaitable[Driven]],
    until: Callable[[], Awaitable[Stopped]],
    *,
    patience: float,
    began: float,
) -> Ended:
    """Start the service, drive it, and end it: as `run_command`, with the driving in place of its end.

    The service that ends before it was driven to an end has ended as a command does.
    """
    driven: list[Driven] = []
    took: list[float] = []

    async def act() -> Stopped:
        driving = asyncio.ensure_future(drive())
        watching = asyncio.ensure_future(until())
        try:
            await asyncio.wait({driving, watching}, return_when=asyncio.FIRST_COMPLETED)
            took.append(time.monotonic() - began)
            if not driving.done():
                return watching.result()
            driven.append(driving.result())
            return "time"
        finally:
            for one in (driving, watching):
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await one

    ended = await run_command(command, env, act, mark, patience=patience, began=began)
    if not ended.stopped:
        # A service that is gone cannot have its results, whatever its exit code.
        return Ended(ended.exit_code or 1, "", ended.duration_ms, ended.output)
    duration_ms = round(took[0] * 1000)
    if not driven:
        return Ended(None, ended.stopped, duration_ms, ended.output)
    return Ended(driven[0].exit_code, "", duration_ms, f"{ended.output}{driven[0].output}")


async def driven_by(what: str, env: Mapping[str, str], port: int) -> Driven:
    """Drive the service by a URL, which is posted to, or a command line; once somebody listens where it does.

    Of a URL every status below 400 means that the results are there.
    """
    address = urlsplit(what) if is_url(what) else None
    host, at = (address.hostname or "", address.port or 80) if address else ("127.0.0.1", port)
    # A command may drive something that listens nowhere: then there is nothing to wait for.
    if (address or str(port) in what) and not await listened_to(host, at, START_SECONDS):
        return Driven(1, f"nothing listens on {host}:{at}")
    return await _posted(what) if address else await _run(what, env)


async def _run(line: str, env: Mapping[str, str]) -> Driven:
    async def never() -> Stopped:
        await asyncio.Event().wait()
        return "time"

    ended = await run_command(["sh", "-c", line], env, never)
    return Driven(1 if ended.exit_code is None else ended.exit_code, ended.output)


async def _posted(url: str) -> Driven:
    whole = aiohttp.ClientTimeout(total=None)
    try:
        async with aiohttp.ClientSession(timeout=whole) as session, session.post(url) as answer:
            said = await answer.content.read(MOST_ANSWER)
            good = answer.status < 400
            return Driven(0 if good else 1, f"HTTP {answer.status} {said.decode('utf-8', 'replace')}\n")
    except aiohttp.ClientError as error:
        return Driven(1, f"no answer: {error}\n")
