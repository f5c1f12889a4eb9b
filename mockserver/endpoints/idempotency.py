"""Creates that repeat an Idempotency-Key (draft 08 of the IETF), where one is honoured.

The vendor's API knows no such header; a scenario has it honoured all the same, for clients that send one.
Keys are remembered in memory only, the last ones.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from understudy.mockserver.errors import Refused

if TYPE_CHECKING:
    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.endpoints.exchange import ApiExchange
    from understudy.mockserver.store.tasks import Task

HEADER = b"idempotency-key"
MOST_KEYS = 10_000
MOST_KEY = 512
CONFLICT = "the Idempotency-Key was used for another request"
REPEATED = "the Idempotency-Key was used before"


class RepeatedCreate(Exception):  # noqa: N818 - no mistake: the first answer is given again
    """The create was answered before; `task` is what it had made."""

    def __init__(self, task: Task) -> None:
        super().__init__(task.id)
        self.task = task


def check_repeated(exchange: ApiExchange, account: Account) -> None:
    """Raise RepeatedCreate for a create whose key has been seen, or Refused where that is not allowed."""
    found = key_of(exchange, account)
    if found is None:
        return
    first = exchange.state.creates_by_key.get(found)
    if first is None:
        return
    digest, task_id = first
    task = exchange.state.store.task(task_id)
    if forgotten(exchange, account, task):
        return
    if digest != digest_of(exchange.body):
        raise Refused("invalid_request", reason=CONFLICT)
    if exchange.effects.idempotency == "reject":
        raise Refused("invalid_request", reason=REPEATED)
    if task is not None:
        raise RepeatedCreate(task)


def forgotten(exchange: ApiExchange, account: Account, task: Task | None) -> bool:
    """Whether the key of a task is no longer known, because that was too long ago by the account's clock."""
    key_ms = exchange.effects.key_ms
    return bool(key_ms) and task is not None and account.clock.now() >= task.created_at + key_ms


def remember(exchange: ApiExchange, account: Account, task: Task) -> None:
    """Know the key of a create again."""
    found = key_of(exchange, account)
    if found is not None:
        known = exchange.state.creates_by_key
        if len(known) >= MOST_KEYS:
            del known[next(iter(known))]
        known[found] = (digest_of(exchange.body), task.id)


def key_of(exchange: ApiExchange, account: Account) -> tuple[str, bytes] | None:
    """(account, key) of a create where keys are honoured, None where they are not, or none is sent."""
    key: bytes = exchange.headers.get(HEADER, b"")
    if not key or exchange.effects.idempotency in ("", "ignore"):
        return None
    return account.key, key[:MOST_KEY]


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
