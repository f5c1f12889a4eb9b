"""What a family of tasks consists of: amounts that requests give, places in a record, results, cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.templates import names
from understudy.specs.pointers import Path, at, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Amount:
    """A value that a request's field gives, or a default: how many results, which aspect ratio, how long."""

    path: Path | None
    default: Any

    @property
    def fixed(self) -> bool:
        """Whether no request changes it."""
        return self.path is None

    def of(self, request: Any) -> Any:
        """The request's value; "" and null count as absent."""
        path = self.path
        if path is None:
            return self.default
        value = request.get(path[0]) if len(path) == 1 and isinstance(request, dict) else at(request, path)
        return self.default if value is None or value == "" else value

    def whole(self, request: Any) -> int:
        """The request's value when it is a whole number, else the default."""
        value = self.of(request)
        return value if isinstance(value, int) and not isinstance(value, bool) else int(self.default)


def read_amount(data: Mapping[str, Any] | None, default: Any) -> Amount:
    """`{value: 1}`, `{field: /n, default: 1}`, or nothing, which is `default`."""
    if not data:
        return Amount(None, default)
    if "value" in data:
        return Amount(None, data["value"])
    return Amount(path_of(data["field"]), data.get("default", default))


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a task stand. `record` is where an answer's body holds the record, the others are
    places in the record; () for what a record does not have (of `record`: the body itself)."""

    record: Path
    id: Path
    external_id: Path
    status: Path
    reason: Path
    created_at: Path
    updated_at: Path


@dataclass(frozen=True, slots=True)
class ResultRule:
    """Where results stand in a record, what they are, and how an item names its parts.

    `item` maps part (index, id, number, url, watermark_url, duration) -> member; `number` is the id, not as a
    text. `duration` is in seconds, `valid_ms` (how long a URL works) in milliseconds; 0 is for ever.
    `beside` maps members that items have besides -> templates of `$id`, `$index`, `$duration`, `$url.wav`
    (the same result as another kind of file), `$another.1` (one more of the same kind), `$request.a`.
    `also` are further lists of results, each as long as its `count` says. Where `is_json_text`, a text that
    is JSON stands at `at`.
    """

    at: Path
    kind: str
    media_type: str
    count: Amount
    aspect_ratio: Amount
    duration: Amount | None
    duration_spread: float
    item: Mapping[str, str]
    valid_ms: int
    beside: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[ResultRule, ...] = ()
    otherwise: OtherResults | None = None
    is_json_text: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """The names in `beside`: ("url.wav", "duration")."""
        return tuple(names(self.beside))

    @property
    def files(self) -> int:
        """How many files of its own kind each result has."""
        told = [int(name.partition(".")[2]) for name in self.named if name.startswith("another.")]
        return 1 + max(told, default=0)

    @property
    def remembered(self) -> tuple[str, ...]:
        """The members of a request that items repeat."""
        return tuple(name.partition(".")[2] for name in self.named if name.startswith("request."))


@dataclass(frozen=True, slots=True)
class OtherResults:
    """Results of which there are others, at another place, where a request has `value` at `field`; the
    object that holds them then says so in `shows`."""

    field: Path
    value: Any
    at: Path
    count: Amount
    shows: Mapping[str, Any]

    def wanted(self, request: Any) -> bool:
        """Whether a request asks for these."""
        return bool(at(request, self.field) == self.value)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a task costs, in units: `units_each` for every result. `at` is where a record tells it, ()
    where it does not; `as_text`: "1.5", not a number."""

    at: Path
    units_each: Decimal
    as_text: bool = True

    def units(self, results: int) -> Decimal:
        """The units of a task with so many results; one that asks for none costs as much as one with one."""
        return self.units_each * max(1, results)

    def text(self, results: int) -> str:
        """The same as records tell it: "1", "2.5"."""
        return f"{float(self.units_each) * results:g}"


def read_places(task: Mapping[str, Any]) -> Places:
    return Places(
        record=path_of(task.get("record", "")),
        id=path_of(task["id"]),
        external_id=path_of(task.get("external_id", "")),
        status=path_of(task["status"]),
        reason=path_of(task["reason"]),
        created_at=path_of(task.get("created_at", "")),
        updated_at=path_of(task.get("updated_at", "")),
    )


def read_result(data: Mapping[str, Any]) -> ResultRule:
    duration = data.get("duration_seconds")
    inherited = {"valid_seconds": data.get("valid_seconds", 0)}
    return ResultRule(
        at=path_of(data["at"]),
        kind=data["kind"],
        media_type=data["media_type"],
        count=read_amount(data.get("count"), 1),
        aspect_ratio=read_amount(data.get("aspect_ratio"), "16:9"),
        duration=read_amount(duration, "0") if duration else None,
        duration_spread=float(duration.get("spread", 0)) if duration else 0.0,
        item=dict(data["item"]),
        valid_ms=int(data.get("valid_seconds", 0)) * 1000,
        beside=dict(data.get("beside", {})),
        also=tuple(read_result({**inherited, **one}) for one in data.get("also", ())),
        otherwise=_other_results(data.get("otherwise")),
    )


def _other_results(data: Mapping[str, Any] | None) -> OtherResults | None:
    if data is None:
        return None
    return OtherResults(
        path_of(data["field"]),
        data["value"],
        path_of(data["at"]),
        read_amount(data.get("count"), 1),
        dict(data.get("shows", {})),
    )


def read_cost(data: Mapping[str, Any]) -> Cost:
    """`{at: /final_unit_deduction, units_each: 2}`; a result costs one unit where nothing is said."""
    return Cost(path_of(data.get("at", "")), Decimal(str(data.get("units_each", 1))))
