"""Messages to all replicas, in one sequence for all, and what each answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.store.database import DatabaseLostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from understudy.mockserver.replicas.membership import Membership
    from understudy.mockserver.store.database import Database

    Handler = Callable[[str, dict[str, Any]], Awaitable[Any]]

logger = logging.getLogger("understudy")
MESSAGES, ANSWERS = "messages", "answers"
# The message with which a replica enters, and says that it has left.
ENTER = "members"
# Messages that only ask: a replica that catches up on what was sent before it entered leaves them out.
QUESTIONS = frozenset({"read"})
# How often a replica looks without being notified.
LOOK_SECONDS = 0.5
# Deliveries may take their time; a replica that is silent for longer than its lease is not waited for.
MOST_SECONDS = 120.0
SEND = "INSERT INTO understudy_messages (sender, body, at) VALUES ($1, $2, $3) RETURNING n"
BEFORE = "SELECT coalesce(max(n), 0) FROM understudy_messages WHERE at < $1"
READ = "SELECT n, sender, body FROM understudy_messages WHERE n > $1 ORDER BY n"
ANSWER = "INSERT INTO understudy_answers (n, replica, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
SAID = "SELECT replica, body FROM understudy_answers WHERE n = $1"


class Bus:
    """`members` are those that take part, this replica among them; `handlers` by verb.

    A handler is given the sender and the message's arguments. Handlers are begun in order, and what they do
    before they first wait is done in that order.

    A replica enters with its first message, ENTER: senders of earlier ones do not wait for it, yet it handles
    them, since it begins to read before them.
    """

    def __init__(self, database: Database, members: Membership) -> None:
        self._database = database
        self._members = members
        self.handlers: dict[str, Handler] = {}
        self.last = 0
        self._bell = asyncio.Event()
        self._answered = asyncio.Event()
        self._own: dict[int, asyncio.Future[Any]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        # The number of each replica's ENTER, as far as it was read here.
        self._entered: dict[str, int] = {}

    def ring(self, channel: str) -> None:
        """Something may have come."""
        if channel != ANSWERS:
            self._bell.set()
        if channel != MESSAGES:
            self._answered.set()

    async def attend(self) -> None:
        """Miss nothing that is said from now on, nor what is being carried out just now."""
        old = await self._database.now_ns() // 1_000_000 - round(MOST_SECONDS * 1000)
        ((before,),) = await self._database.fetch(BEFORE, old)
        self.last = max(self.last, before)

    def start(self) -> None:
        """Carry out what is said."""
        self._reader = asyncio.get_running_loop().create_task(self._read())

    async def close(self) -> None:
        tasks = [self._reader, *self._running] if self._reader is not None else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def ask_all(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """What every replica answers to a message, by replica, when all that live have handled it.

        Raises MockError for what a replica found wrong with it, Refused when the database is away.
        """
        n = await self.tell(verb, **arguments)
        own = self._own.setdefault(n, asyncio.get_running_loop().create_future())
        self._bell.set()
        try:
            async with asyncio.timeout(MOST_SECONDS):
                said = {self._members.me: await own}
                while missing := self._expected(n) - said.keys():
                    self._answered.clear()
                    rows = await self._database.fetch(SAID, n)
                    said |= {replica: orjson.loads(answer) for replica, answer in rows}
                    if self._expected(n) - said.keys():
                        await self._wait_for_answers()
        except TimeoutError:
            because = f"{', '.join(sorted(missing))} did not answer"
            raise Refused("unavailable", because=because) from None
        finally:
            self._own.pop(n, None)
        wrong = [one["error"] for one in said.values() if "error" in one]
        if wrong:
            raise MockError(wrong[0])
        return {replica: one["value"] for replica, one in said.items()}

    def _expected(self, n: int) -> set[str]:
        """The replicas that handle message `n` and answer: those that live and had entered by then."""
        return {one for one in self._members.live if self._entered.get(one, 0) < n}

    async def _wait_for_answers(self) -> None:
        """Wait a moment; when nothing comes, look who still lives."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._answered.wait()
        except TimeoutError:
            await self._members.look()

    async def tell(self, verb: str, **arguments: Any) -> int:
        """Send a message without waiting for answers; its number."""
        body = orjson.dumps([verb, arguments]).decode()
        now = await self._database.now_ns() // 1_000_000
        ((n,),) = await self._database.publish(MESSAGES, SEND, self._members.me, body, now)
        return int(n)

    async def _read(self) -> None:
        while True:
            # Not wait_for, which may lose a cancellation (Python 3.11).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._bell.wait()
            self._bell.clear()
            try:
                rows = await self._database.fetch(READ, self.last)
            except DatabaseLostError:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            for n, sender, body in rows:
                self.last = n
                verb, arguments = orjson.loads(body)
                if verb == ENTER:
                    self._entered[sender] = n
                    self._answered.set()
                if verb in QUESTIONS and self._members.me not in self._entered:
                    continue
                # Its first step runs now, before the next message is looked at.
                task = asyncio.get_running_loop().create_task(self._handle(n, sender, verb, arguments))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                await asyncio.sleep(0)

    async def _handle(self, n: int, sender: str, verb: str, arguments: dict[str, Any]) -> None:
        is_expected = self._members.me in self._entered
        try:
            said = {"value": await self.handlers[verb](sender, arguments)}
        except (MockError, Refused) as error:
            said = {"error": str(error)}
        except Exception as error:
            logger.exception("understudy: the message %s failed", verb)
            said = {"error": f"{type(error).__name__}: {error}"}
        if sender == self._members.me:
            own = self._own.setdefault(n, asyncio.get_running_loop().create_future())
            if not own.done():
                own.set_result(said)
            return
        if not is_expected:
            return
        with contextlib.suppress(DatabaseLostError):
            await self._database.publish(ANSWERS, ANSWER, n, self._members.me, orjson.dumps(said).decode())
