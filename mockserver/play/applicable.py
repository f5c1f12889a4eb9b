"""Whether a scenario can happen at an API: one that cannot is refused by name, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.mockserver.play.mutations import OF_THE_STATUS, OF_THE_TASK
from understudy.specs.behaviour import StateClass

if TYPE_CHECKING:
    from understudy.mockserver.play.scenario_table import Effects
    from understudy.specs.behaviour import TaskFamily

# The effects that are about callbacks.
OF_CALLBACKS = (
    "lost", "doubled", "reversed", "badly_signed", "forged", "callback_extra", "early", "terminal_only",
)  # fmt: skip


def why_not(effects: Effects, family: TaskFamily) -> str:
    """Why the effects of one scenario cannot happen to a task of the family, "" when they can."""
    if effects.ends and not family.lifecycle.of(StateClass(effects.ends)):
        return f"no state of {family.name} has the class {effects.ends}"
    if effects.throttled and not family.lifecycle.of(StateClass.THROTTLED):
        return f"no state of {family.name} has the class throttled"
    if (effects.late_cancel or effects.lost_cancel) and (family.axes is None or family.axes.cancel is None):
        return f"tasks of {family.name} cannot be cancelled"
    if (effects.fail or effects.bad_picture) and not family.lifecycle.failure:
        return f"tasks of {family.name} cannot fail"
    if effects.new_generation and family.answers.next_callback is None:
        return f"no newer callbacks of {family.name} are known"
    if "progress-in-fractions" in effects.mutations and not family.progress_members:
        return f"{family.name} tells no progress in percent"
    if family.axes is None:
        return ""
    if set(effects.mutations) & {*OF_THE_TASK} and not family.result.at:
        return f"records of {family.name} hold no results"
    if set(effects.mutations) & {*OF_THE_STATUS} and not family.axes.tells_state:
        return f"no answer to a query of {family.name} has a word for the state"
    about_callbacks = effects.late_ms > 0 or any(getattr(effects, name) for name in OF_CALLBACKS)
    rule = family.axes.callback
    if about_callbacks and rule is None:
        return f"{family.name} calls nobody back"
    if effects.badly_signed and rule is not None and rule.signature.scheme == "none":
        return f"callbacks of {family.name} are not signed"
    return ""
