"""How it is read what a gateway billed: from its task records, or as the user describes it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from understudy.contracts.user_check import answer_to_check
from understudy.specs.errors import UnderstudyError
from understudy.specs.pointers import Path, at

if TYPE_CHECKING:
    from understudy.specs.behaviour import TaskFamily

OPTION = "--ledger"
PLACES = ("{task}", "{key}")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where the gateway's own account of money stands.

    ask     a URL to GET (with the account's key), or a command; {task} in it: of one task, {key} or a URL
            without either: of one account; "": what the records of tasks tell
    at      where the number stands in the JSON that is answered; (): the answer is the number
    tells   "used": the number grows by what is billed; "left": it shrinks
    unit    how much of that number is one unit
    """

    ask: str = ""
    at: Path = ()
    tells: Literal["used", "left"] = "used"
    unit: float = 1.0

    @property
    def of_tasks(self) -> bool:
        """Whether it tells of one task; else it is the balance of an account, read before and after."""
        return "{task}" in self.ask

    @property
    def of_accounts(self) -> bool:
        return bool(self.ask) and not self.of_tasks

    def read(self, *, key: str, task: str = "") -> float:
        """Units billed so far, to an account or for a task. Of an account only differences mean something.

        Raises UnderstudyError when it cannot be asked or tells no number.
        """
        text = answer_to_check(
            self.ask, {"task": task, "key": key}, where=OPTION, headers={"Authorization": f"Bearer {key}"}
        )
        value = self._number(text)
        return (value if self.tells == "used" else -value) / self.unit

    def _number(self, text: str) -> float:
        try:
            found: Any = at(json.loads(text), self.at) if self.at else text.strip().strip('"')
            value = float(found)
            if math.isfinite(value) and not isinstance(found, bool):
                return value
        except (ValueError, TypeError):
            pass
        place = f"/{'/'.join(map(str, self.at))} of " if self.at else ""
        raise UnderstudyError(
            f"{place}{text.strip()[:80]!r} is no number",
            where=OPTION,
            advice="say with --ledger-at where it stands: --ledger-at /data/balance",
        )


def told_by_record(family: TaskFamily, record: Any) -> float | None:
    """What a record says that its task cost, in units; None where it does not say."""
    value = at(record, family.cost.at) if family.cost.at else None
    if isinstance(value, bool) or value in (None, ""):
        return None
    try:
        return float(value)
    except (ValueError, TypeError):
        return None
