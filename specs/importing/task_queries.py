"""Which operation of an API asks for one task, and where it carries the id: by words, paths and answers.

POST /v1/clips/make        GET /v1/clips/state?clip_id=…  →  the query of the task that the POST creates
POST /songs/make           GET /songs/{id}                    is the one whose path begins as its own does
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from understudy.specs.described import PARAMETER
from understudy.specs.importing.template import good_answer, is_called, state_field, words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from understudy.specs.model import Field, Operation

    # What is guessed, its value, how sure, and from what.
    Guessing = Callable[[str, str, float, str], None]

# What ends a task, by its path.
ENDS = re.compile(r"cancel|delete|stop", re.IGNORECASE)
# What the answer to a query tells at best.
TELLS_STATE = 2


def query_of(
    create: Operation, operations: Collection[Operation], guess: Guessing
) -> tuple[Operation | None, dict[str, str]]:
    """The operation that asks for one task, and where it carries the id."""
    gets = [one for one in operations if one.method.lower() == "get"]
    # Of several the one of which more is known, and whose path begins as that of the create does.
    gets.sort(key=lambda one: (tells_state(one), _shared(one.path, create.path)), reverse=True)
    near = [one for one in gets if tells_state(one) == TELLS_STATE and _is_beside(one, create)]
    for several in (near, gets):
        if found := _by_get(several, guess):
            return found
    for one in operations:
        sent = id_sent(one) if one.method.lower() == "post" and one is not create else None
        if sent is not None and (asks(one) or _shows_a_state(one)):
            guess("query", f"POST {one.path}", 0.7, f"a POST that takes {sent.name}")
            return one, {"in": "body", "name": f"/{sent.name}"}
    return None, {}


def _by_get(gets: Sequence[Operation], guess: Guessing) -> tuple[Operation, dict[str, str]] | None:
    """The first operation that has the id of a task in its path, or else in its query."""
    for one in gets:
        named = PARAMETER.findall(one.path)
        if named:
            why = "a GET whose path ends with a parameter"
            guess("query", f"GET {one.path}", 0.9 if one.path.rstrip("/").endswith("}") else 0.7, why)
            return one, {"in": "path", "name": named[-1]}
    for one in gets:
        for parameter in one.parameters:
            if parameter.place == "query" and is_called("id", parameter.field.name):
                guess("query", f"GET {one.path}", 0.8, f"a GET that takes {parameter.field.name}")
                return one, {"in": "query", "name": parameter.field.name}
    return None


def asks(one: Operation) -> bool:
    """Whether a POST asks for a task by its id: its name says so, or it sends an id and what never varies."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.split(r"[/=]", one.path.rstrip("/"))[-1]).lower()
    outer = [field for field in one.request if len(field.path) == 1]
    varying = [field for field in outer if len(field.get("enum") or "no list") != 1]
    is_named = bool(set(re.findall(r"[a-z]+", name)) & set(words()["calls"]["asks"]))
    is_of_one = id_sent(one) is not None and not ENDS.search(one.path)
    return is_of_one and (is_named or len(varying) == 1)


def id_sent(one: Operation) -> Field | None:
    """The field of a request that is the id of a task."""
    return next(
        (field for field in one.request if len(field.path) == 1 and is_called("id", field.name)), None
    )


def tells_state(query: Operation) -> int:
    """How much of a task the answer to a query is known to tell: 2 its state, 1 something, 0 nothing."""
    answer = good_answer(query)
    return 2 if state_field(answer) is not None else int(bool(answer))


def _shared(path: str, other: str) -> int:
    """How many steps two paths begin with alike."""
    steps = zip(path.strip("/").split("/"), other.strip("/").split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], steps))


def _is_beside(query: Operation, create: Operation) -> bool:
    """Whether a query's path is the create's but for the last step: /v1/clip/make, /v1/clip/state."""
    return _shared(query.path, create.path) >= max(2, create.path.strip("/").count("/"))


def _shows_a_state(operation: Operation) -> bool:
    """Whether the answer of an operation that stops nothing shows how far a task is."""
    is_end = re.search(r"cancel|delete|stop", operation.path, re.IGNORECASE)
    return not is_end and tells_state(operation) == TELLS_STATE
