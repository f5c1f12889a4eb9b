"""What callbacks depend on that the outbox leaves to the server: states, scenarios, bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.callbacks.policies import CallbackPolicies, CallbackPolicy
    from understudy.mockserver.play.scenario_table import Effects
    from understudy.mockserver.store.tasks import Task


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """What the outbox must know of a task: its effects, its terminal states, its body. Given by the app.

    `policies` say how described APIs call back; None where none is played.
    """

    effects: Callable[[Task], Effects]
    terminal: Callable[[Task, str], bool]
    body: Callable[[Task, int, Effects], bytes]
    policies: CallbackPolicies | None = None

    def policy(self, task: Task) -> CallbackPolicy | None:
        return None if self.policies is None else self.policies.of(task)
