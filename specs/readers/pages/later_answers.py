"""Whether an answer is that of another call than one which is known: the same task later, or another record.

{"data": {"id": "1", "status": "queued"}}  →  {"data": {"id": "1", "status": "done", "url": "https://…"}}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Field

# Keys of answers that nobody sends: what became of a task, and since when.
OF_ANSWERS = re.compile(r"(?:task_?)?(?:status|state|progress)|created_?at|updated_?at", re.IGNORECASE)


def holds_others(shown: Sequence[Field], value: Any) -> bool:
    """Whether an answer has the outer names of another one, and inside of one of them the state of a task
    that was made since, and none of the other's names; or several tasks where the other has one."""
    if not isinstance(value, dict):
        return False
    for key, held in value.items():
        inner = {one.path[1] for one in shown if len(one.path) > 1 and one.path[0] == key}
        first = held[0] if isinstance(held, list) and held else held
        is_other = isinstance(held, list) != ("[]" in inner) or (
            isinstance(held, dict) and not inner & held.keys()
        )
        if inner and is_other and isinstance(first, dict) and len(first) > 1:
            return any(map(OF_ANSWERS.fullmatch, first))
    return False


def goes_on(shown: Sequence[Field], value: Any) -> bool:
    """Whether an answer has the outer names of another one, and inside of one of them its state and what was
    not there yet: the same task later."""
    if not isinstance(value, dict):
        return False
    for key, held in value.items():
        inner = {one.path[1] for one in shown if len(one.path) == 2 and one.path[0] == key}
        if inner and isinstance(held, dict) and held.keys() - inner:
            return any(OF_ANSWERS.fullmatch(name) for name in inner & held.keys())
    return False
