"""Waits for callbacks that are still on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.checks.view import TaskView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.contracts import trace
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily


async def wait_for_callbacks(asks: Asking, records: Recording) -> None:
    """Give late callbacks their time: until every end that was polled has been told, or the grace is over."""
    if asks.receiver is None or not records.started:
        return
    until = asks.client.now() + asks.options.grace
    while asks.client.now() < until and not all_told(asks.target, asks.families, records.conversation):
        await asks.client.sleep(0.05)
    await asks.client.sleep(asks.options.linger)


def all_told(target: Target, families: Iterable[TargetFamily], conversation: trace.Conversation) -> bool:
    """Whether a callback came for the end of every task whose end was polled."""
    for family in families:
        view = TaskView(target, family, conversation)
        for task in view.followed:
            if task.called_back:
                told = {task.status(s) for s in task.callbacks}
                end = task.terminal
                wanted = family.behaviour.called_back(task.body)
                if end is not None and task.status(end) in wanted - told:
                    return False
    return True
