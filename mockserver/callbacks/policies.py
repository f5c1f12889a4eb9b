"""How described APIs call back: on which states, how often again, and signed in which way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from understudy.mockserver.callbacks.signatures import CallbackSigner
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.mockserver.play.described import DescribedFamily
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour.axes import CallbackRule


class CallbackPolicy:
    """The callbacks of one family. `retry_ms` are the waits between attempts, None for the usual ones."""

    __slots__ = ("retry_ms", "rule", "secret_place", "signer")

    def __init__(self, played: DescribedFamily, rule: CallbackRule, secrets: Sequence[bytes]) -> None:
        self.rule = rule
        self.retry_ms = rule.retry_ms
        self.secret_place = played.behaviour.request.get("callback_secret", ())
        self.signer = CallbackSigner(rule.signature, played.profile.name, list(secrets))

    def states(self, task: Task) -> frozenset[str]:
        """The states for which the task's create asked for callbacks."""
        wanted = frozenset(self.rule.on)
        if self.rule.filter is None:
            return wanted
        return wanted & self.rule.filter.states(at(_request(task), self.rule.filter.path))

    def headers(self, task: Task, ident: str, stamp: int, body: bytes) -> dict[str, str]:
        """The headers of one callback that is signed as the vendor signs."""
        secret = at(_request(task), self.secret_place) if self.rule.signature.secret == "request" else ""  # noqa: S105
        if self.rule.signature.secret == "request" and not secret:  # noqa: S105
            return dict(self.rule.headers)
        signed = self.signer.headers(ident, stamp, body, secret if isinstance(secret, str) else "")
        return {**self.rule.headers, **signed}


def _request(task: Task) -> object:
    return orjson.loads(task.request.echo or "{}").get("request")


class CallbackPolicies:
    """The policies of all described families that call back, by profile and family."""

    def __init__(self, families: Iterable[DescribedFamily], secrets: Sequence[bytes]) -> None:
        self._policies = {
            (played.profile.name, played.name): CallbackPolicy(played, played.axes.callback, secrets)
            for played in families
            if played.axes.callback is not None
        }

    def of(self, task: Task) -> CallbackPolicy | None:
        """The policy of a task's family, None where callbacks are as Kling's."""
        return self._policies.get((task.profile, task.family))

    def signers(self) -> dict[str, CallbackSigner]:
        """Profile -> its signer."""
        return {profile: policy.signer for (profile, _), policy in self._policies.items()}
