"""Who takes part: each replica is seen by the database once a second, or it is dead."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from understudy.mockserver.errors import MockError
from understudy.mockserver.replicas import FENCE_SECONDS, LEASE_SECONDS
from understudy.mockserver.replicas.time import SLOTS

if TYPE_CHECKING:
    from understudy.mockserver.store.database import Database

JOIN = "INSERT INTO understudy_replicas (id, slot, seen) VALUES ($1, $2, $3)"
SEEN = "UPDATE understudy_replicas SET seen = $2 WHERE id = $1 AND seen >= 0 RETURNING id"
# Whoever has been condemned is not seen again, even when its next beat comes in between.
CONDEMN = "UPDATE understudy_replicas SET seen = -1 WHERE id = $1 AND seen < $2 RETURNING id"
ENDED = "UPDATE understudy_replicas SET seen = 0 WHERE id = $1 AND seen > 0"
LEAVE = "DELETE FROM understudy_replicas WHERE id = $1"
MEMBERS = "SELECT id, slot, seen FROM understudy_replicas"


class Membership:
    """The replica `me` among the others; `live` and `dead` are as of the last beat."""

    def __init__(self, database: Database, me: str) -> None:
        self._database = database
        self.me = me
        self.slot = 0
        self.live: set[str] = {me}
        self.dead: list[str] = []
        self._seen_at = self._heard_at = time.monotonic()

    @property
    def deaf(self) -> bool:
        """Whether this replica may have missed messages of others: it cannot read, or was taken for dead."""
        return time.monotonic() - self._heard_at > FENCE_SECONDS

    @property
    def fenced(self) -> bool:
        """Whether others may take this replica for dead."""
        return time.monotonic() - self._seen_at > FENCE_SECONDS

    async def join(self) -> None:
        """Take a free slot; raises MockError when there is none."""
        begun = time.monotonic()
        async with self._database.locked("slots"):
            taken = {slot for _, slot, _ in await self._database.fetch(MEMBERS)}
            free = next((slot for slot in range(SLOTS) if slot not in taken), None)
            if free is None:
                raise MockError(f"{SLOTS} replicas are running already", where=self._database.where)
            await self._database.fetch(JOIN, self.me, free, await self._now_ms())
        self.slot = free
        self._seen_at = begun
        await self.look()

    async def beat(self) -> bool:
        """Be seen, and see the others; False when this replica was taken for dead, and must join again."""
        begun = time.monotonic()
        found = await self._database.fetch(SEEN, self.me, await self._now_ms())
        if not found:
            return False
        self._seen_at = begun
        await self.look()
        return True

    async def look(self) -> None:
        """Note who lives, and who does not any more."""
        begun = time.monotonic()
        now = await self._now_ms()
        rows = await self._database.fetch(MEMBERS)
        old = now - int(LEASE_SECONDS * 1000)
        if any(id_ == self.me and seen >= 0 for id_, _, seen in rows):
            self._heard_at = begun
        self.live = {id_ for id_, _, seen in rows if seen >= old} | {self.me}
        self.dead = sorted(id_ for id_, _, seen in rows if seen < old and id_ != self.me)

    async def condemn(self, dead: str) -> bool:
        """Settle that a replica is dead; False when it has been seen meanwhile."""
        old = await self._now_ms() - int(LEASE_SECONDS * 1000)
        return bool(await self._database.fetch(CONDEMN, dead, old))

    async def ended(self, other: str) -> None:
        """Have a replica taken for dead at once. Only for a process that is known to have ended."""
        await self._database.fetch(ENDED, other)

    async def bury(self, dead: str) -> None:
        """Strike off a replica whose tasks are taken over."""
        await self._database.fetch(LEAVE, dead)

    async def leave(self) -> None:
        await self._database.fetch(LEAVE, self.me)

    async def _now_ms(self) -> int:
        return await self._database.now_ns() // 1_000_000
