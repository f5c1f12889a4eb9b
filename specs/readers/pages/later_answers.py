"""Whether an answer is another one than that which is known: the same task later, another record, a refusal.

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


# What tells by true or false whether a request went well.
_WENT_WELL = ("success", "ok", "successful", "succeeded", "issuccess", "is_success")


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


def refuses(known: Sequence[Field], value: Any) -> bool:
    """Whether an answer beside one that went well shares nothing with it but says an error, or says that it
    did not go well and has nothing: {"success": false, "data": null}."""
    shown = [one for one in known if one.path]
    names = {one.path[0] for one in shown} - {"error"}
    if not isinstance(value, dict) or not names:
        return False
    went_well = {one.name for one in shown if len(one.path) == 1 and one.shown == (True,)}
    says_no = any(value.get(name) is False for name in went_well if name.lower() in _WENT_WELL)
    held = (part for name, part in value.items() if not name.lower().startswith("err"))
    has_nothing = not any(isinstance(part, (dict, list)) and part for part in held)
    return (says_no and has_nothing) or ("error" in value and not names & value.keys())
