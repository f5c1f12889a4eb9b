"""An end to every search: steps, not seconds, so that the same documents always give the same proofs."""

from __future__ import annotations

# Steps that a search may take where nobody says otherwise: half a second or so.
STEPS = 60_000


class StepBudget:
    """Steps that are left. Who searches spends them, and ends when there are none."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> bool:
        """Take steps; False when there are none left."""
        self.left -= steps
        return self.left >= 0

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.left < 0


class StepPool:
    """The steps of a whole comparison, given out search by search: many searches get less each."""

    def __init__(self, steps: int = 4_000_000, least: int = 3_000) -> None:
        self.left = steps
        self.least = least

    def budget(self, most: int = STEPS) -> StepBudget:
        """A budget for the next search; give it back with `returned`."""
        made = StepBudget(max(self.least, min(most, self.left // 20)))
        self.left -= made.left
        return made

    def returned(self, budget: StepBudget) -> None:
        """Put back what a search did not need."""
        self.left += max(0, budget.left)
