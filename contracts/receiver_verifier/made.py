"""Callbacks as a vendor makes them: the mock writes the bodies, and they are signed as the vendor signs."""

from __future__ import annotations

import secrets as random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.contracts.callback_listener import CallbackListener
from understudy.contracts.sample import SampleClient
from understudy.contracts.testing import mock_server
from understudy.mockserver.callbacks.signatures import CallbackSigner
from understudy.mockserver.callbacks.signing import read_secret, signature
from understudy.specs.behaviour import read
from understudy.specs.behaviour.template_reading import fits, values_in
from understudy.specs.behaviour.templates import fill
from understudy.specs.errors import UnderstudyError, known_names
from understudy.specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from understudy.specs.behaviour import TaskFamily

# Long enough for every change of a task, by the mock's clock.
ALL_SECONDS = 86_400.0
STALE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class MadeCallback:
    """A callback before it is signed: the status that it tells, its body, and the headers that all have."""

    status: str
    raw: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who calls back: a provider's family of tasks, and the secrets that it signs with (none: unsigned)."""

    provider: str
    family: TaskFamily
    secrets: tuple[str, ...] = ()

    def signed(self, raw: bytes, *, secrets: tuple[str, ...] | None = None, age: int = 0) -> dict[str, str]:
        """The headers of a signature over `raw`, made `age` seconds ago, with other `secrets` where given."""
        keys = self.secrets if secrets is None else secrets
        if not keys:
            return {}
        stamp, ident = int(time.time()) - age, f"msg_{random.token_hex(12)}"
        axes = self.family.axes
        if axes is not None and axes.callback is not None:
            signer = CallbackSigner(axes.callback.signature, self.provider, [read_secret(k) for k in keys])
            return dict(signer.headers(ident, stamp, raw, keys[0]))
        value = signature([read_secret(key) for key in keys], ident, stamp, raw)
        return {"webhook-id": ident, "webhook-timestamp": str(stamp), "webhook-signature": value}


def challenge_of(family: TaskFamily, word: str) -> tuple[Any, Any] | None:
    """What a vendor asks of a callback's address before it calls back, and the answer; None: nothing."""
    rule = family.axes.callback.challenge if family.axes and family.axes.callback else None
    if rule is None:
        return None
    known = {"challenge": word, "null": None}
    return fill(rule.body, known.get), fill(rule.answer, known.get)


def _answered(family: TaskFamily) -> Callable[[Any], Any]:
    """What answers the vendor's challenges, and nothing else."""
    rule = family.axes.callback.challenge if family.axes and family.axes.callback else None

    def answer(body: Any) -> Any:
        if rule is None or not fits(rule.body, body):
            return None
        known = values_in(rule.body, body)
        return fill(rule.answer, lambda name: known.get(name, ""))

    return answer


def made_callbacks(
    provider: str, family: str = "", *, task: str = "", external_id: str = "", failing: bool = False
) -> tuple[TaskFamily, list[MadeCallback]]:
    """The callbacks of one task from its first state to its last, and its family.

    task, external_id: the ids that they tell, the mock's own where none is given. failing: the task fails.
    Raises UnderstudyError for a provider or family that does not exist.
    """
    behaviour = read(effective(provider), provider)
    played = behaviour.family(family) if family else behaviour.families[0]
    with mock_server(provider) as server, CallbackListener(_answered(played)) as listener:
        account = server.account(rate=0, pace="realistic", scenario="fail" if failing else "")
        client = SampleClient(account, provider, family)
        fields = {}
        place = client.family.request.get("external_id")
        if external_id and place:
            fields[place[0]] = external_id
        if not client.family.request.get("callback_url"):
            raise UnderstudyError(f"{provider} calls nobody back", where="--provider")
        own = client.id_of(client.create(client.request(callback_url=listener.url, **fields)))
        account.clock.advance(ALL_SECONDS)
        found = account.callbacks
    own_headers = {"content-type", "user-agent"}
    made = [
        MadeCallback(
            one["status"],
            one["raw"].replace(own.encode(), task.encode()) if task else one["raw"],
            {n: v for n, v in one["headers"].items() if n.lower() in own_headers},
        )
        for one in found
    ]
    if not made:
        raise UnderstudyError(f"{provider} calls nobody back", where="--provider")
    return client.family, made


def chosen(callbacks: list[MadeCallback], family: TaskFamily, event: str) -> MadeCallback:
    """The callback that tells `event`: a status of the vendor's, or a class of states (success, running…)."""
    for one in callbacks:
        kind = family.lifecycle.kind(one.status)
        if event in (one.status, kind.value if kind else ""):
            return one
    known = [one.status for one in callbacks]
    raise UnderstudyError(f"unknown event {event!r}", where="--event", advice=known_names(event, known))
