"""A family's `x-task` as a frozen record: where things stand in its bodies, and how its tasks may move.

Pointers are RFC 6901, kept as tuples of names: "/task_info/external_task_id" is
("task_info", "external_task_id").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver.errors import MockError

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple[str, ...]


def pointer(text: str) -> Path:
    """A JSON pointer as names: "/a/b~1c" -> ("a", "b/c"); "" -> ()."""
    if not text:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.removeprefix("/").split("/"))


def look(value: Any, path: Path) -> Any:
    """What stands at `path` in nested objects, or None."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def put(record: dict[str, Any], path: Path, value: Any) -> None:
    """Set `value` at `path`, making the objects on the way."""
    for name in path[:-1]:
        record = record.setdefault(name, {})
    record[path[-1]] = value


@dataclass(frozen=True, slots=True)
class Amount:
    """A value that a request field gives, or a default: how many results, which aspect ratio, how long."""

    path: Path | None
    default: Any

    @classmethod
    def read(cls, data: Mapping[str, Any] | None, default: Any) -> Amount:
        if not data:
            return cls(None, default)
        if "value" in data:
            return cls(None, data["value"])
        return cls(pointer(data["field"]), data.get("default", default))

    def of(self, request: dict[str, Any]) -> Any:
        """The request's value; "" and null count as absent."""
        if self.path is None:
            return self.default
        value = request.get(self.path[0]) if len(self.path) == 1 else look(request, self.path)
        return self.default if value is None or value == "" else value


@dataclass(frozen=True, slots=True)
class ResultRule:
    """Where results stand in a record, what they are, and how an item names its parts."""

    at: Path
    kind: str
    media_type: str
    count: Amount
    aspect_ratio: Amount
    duration: Amount
    duration_spread: float
    item: Mapping[str, str]
    valid_ms: int


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All of `x-task`. Times are in milliseconds."""

    family: str
    record: Path
    id: Path
    external_id: Path
    status: Path
    reason: Path
    created_at: Path
    updated_at: Path
    request: Mapping[str, Path]
    query_parameters: tuple[str, ...]
    page_number: str
    page_size: str
    states: tuple[str, ...]
    initial: str
    transitions: Mapping[str, tuple[str, ...]]
    success: str
    failure: str
    result: ResultRule
    deduction_at: Path
    units_each: float
    pool: str
    slots: Amount
    median_ms: int
    spread: float
    failures: Mapping[str, str] = field(default_factory=dict)

    def is_terminal(self, status: str) -> bool:
        return not self.transitions.get(status, ())

    def route(self, last: str) -> tuple[str, ...]:
        """The states from the first to `last`, through every state on the way that is not terminal."""
        path = [self.initial]
        while True:
            ahead = [s for s in self.transitions[path[-1]] if s not in path and not self.is_terminal(s)]
            if not ahead:
                break
            path.append(ahead[0])
        return (*path, last) if last not in path else tuple(path[: path.index(last) + 1])


def read_lifecycle(data: Mapping[str, Any]) -> Lifecycle:
    """The record of one `x-task` object; raises MockError when it says nothing that can be played."""
    transitions = {state: tuple(after) for state, after in data["transitions"].items()}
    carries = {state: [pointer(p) for p in paths] for state, paths in data.get("carries", {}).items()}
    result_at = pointer(data["result"]["at"])
    reason = pointer(data["reason"])
    terminal = [state for state, after in transitions.items() if not after]
    success = next((s for s in terminal if result_at in carries.get(s, [])), None)
    failure = next((s for s in terminal if reason in carries.get(s, [])), None)
    if success is None or failure is None:
        raise MockError(
            f"family {data['family']}: no terminal state carries {data['result']['at']} or {data['reason']}",
            advice="x-task.carries must name both",
        )
    observed = data.get("observed_seconds", {})
    deduction = data.get("deduction", {})
    page = data.get("page", {})
    slots = data.get("slots", {})
    return Lifecycle(
        family=data["family"],
        record=pointer(data["record"]),
        id=pointer(data["id"]),
        external_id=pointer(data["external_id"]),
        status=pointer(data["status"]),
        reason=reason,
        created_at=pointer(data["created_at"]),
        updated_at=pointer(data["updated_at"]),
        request={name: pointer(path) for name, path in data["request"].items()},
        query_parameters=tuple(data.get("query_parameters", ())),
        page_number=page.get("number", ""),
        page_size=page.get("size", ""),
        states=tuple(data["states"]),
        initial=data["initial"],
        transitions=transitions,
        success=success,
        failure=failure,
        result=read_result(data["result"], result_at),
        deduction_at=pointer(deduction.get("at", "")),
        units_each=float(deduction.get("units_each", 0)),
        pool=slots.get("pool", data["family"]),
        slots=Amount.read(slots.get("count"), 1),
        median_ms=int(float(observed.get("median", 2)) * 1000),
        spread=float(observed.get("spread", 0)),
        failures=dict(data.get("failures", {})),
    )


def read_result(data: Mapping[str, Any], at: Path) -> ResultRule:
    duration = data.get("duration_seconds")
    return ResultRule(
        at=at,
        kind=data["kind"],
        media_type=data["media_type"],
        count=Amount.read(data.get("count"), 1),
        aspect_ratio=Amount.read(data.get("aspect_ratio"), "16:9"),
        duration=Amount.read(duration, "0"),
        duration_spread=float(duration.get("spread", 0)) if duration else 0.0,
        item=dict(data["item"]),
        valid_ms=int(data.get("valid_seconds", 0)) * 1000,
    )
