"""One family of tasks as its `x-task` describes it: where things stand, what comes out, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.lifecycle import Lifecycle, read_lifecycle
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.behaviour.source import read_names, read_source
from understudy.specs.behaviour.templates import (
    EACH,
    MISSING,
    fill,
    fits,
    is_each,
    names,
    of_state,
    states_in,
    values_in,
)
from understudy.specs.pointers import Path, at, path_of, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.behaviour.answers import Answers
    from understudy.specs.behaviour.axes import Axes, SignatureRule
    from understudy.specs.behaviour.operations import FamilyOperations
    from understudy.specs.behaviour.rules import FieldRules
    from understudy.specs.behaviour.source import NameRule, SourceRule

# What the parts of a wrapper say about a record. Times in seconds are not the record's own.
OF_A_RECORD = ("id", "status", "external_id", "reason", "created_at", "updated_at")


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
    `also` are further lists of results, each as long as its `count` says.
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
    where it does not."""

    at: Path
    units_each: Decimal

    def units(self, results: int) -> Decimal:
        """The units of a task with so many results; one that asks for none costs as much as one with one."""
        return self.units_each * max(1, results)

    def text(self, results: int) -> str:
        """The same as records tell it: "1", "2.5"."""
        return f"{float(self.units_each) * results:g}"


@dataclass(frozen=True, slots=True)
class TaskFamily:
    """A family of tasks. All times are in milliseconds.

    `request` maps what the engine asks for (external_id, callback_url, model, prompt, watermark) -> its place
    in a request. `failures` maps a name -> the reason that records tell. `pool` names what its slots are
    counted in, `slots` how many a task takes.
    """

    name: str
    operations: FamilyOperations
    places: Places
    request: Mapping[str, Path]
    query_parameters: tuple[str, ...]
    page_number: str
    page_size: str
    lifecycle: Lifecycle
    result: ResultRule
    cost: Cost
    pool: str
    slots: Amount
    median_ms: int
    spread: float
    answers: Answers = field(repr=False)
    failures: Mapping[str, str] = field(default_factory=dict)
    # Names of `failures`: of a task whose picture turns out bad, and what scenarios choose unless told.
    bad_picture: str = ""
    usual_failure: str = ""
    # Whether the provider's documents mention the create at all.
    documented: bool = True
    # What no schema of one field can say of requests; None where there is nothing.
    rules: FieldRules | None = field(default=None, repr=False)
    # The result of an earlier task that requests name; None where they name none.
    source: SourceRule | None = None
    # What else they name that the account has made or opened.
    names: tuple[NameRule, ...] = ()
    # What a description says beyond this; None where an OpenAPI document with `x-task` is all there is.
    axes: Axes | None = field(default=None, repr=False)

    # --- a request

    def asked(self, name: str, request: Any) -> Any:
        """What a request says about `external_id`, `callback_url`, `prompt`…; None when it says nothing."""
        place = self.request.get(name)
        return at(request, place) if place else None

    def count(self, request: Any) -> int:
        """How many results a request asks for."""
        other = self.result.otherwise
        if other is not None and other.wanted(request):
            return other.count.whole(request)
        return self.result.count.whole(request)

    def slots_of(self, request: Any) -> int:
        """How many slots of its pool the task takes that a request starts."""
        other = self.result.otherwise
        return self.count(request) if other and other.wanted(request) else self.slots.whole(request)

    def units(self, request: Any) -> Decimal:
        """What the task that a request starts is expected to cost, in units."""
        return self.cost.units(self.count(request))

    def ends_in(self, failure: str) -> str:
        """The state in which a task ends that fails so: a name of `failures`, or words of one's own."""
        rule = self.axes.failures.get(failure) if self.axes is not None else None
        return (rule.state if rule is not None else "") or self.lifecycle.failure

    def failure_ending_in(self, state: str) -> str | None:
        """The name of the failure that ends in a state, None when none is known."""
        rules = self.axes.failures if self.axes is not None else {}
        return next((name for name, rule in rules.items() if rule.state == state), None)

    # --- a record

    def is_record(self, value: Any) -> bool:
        """Whether a value is an object with a task's id."""
        return isinstance(value, dict) and at(value, self.places.id) not in (None, "")

    def id_of(self, record: Any) -> str:
        """The task's id in a record, "" when there is none."""
        if self.axes is not None:
            value = values_in(self.axes.record, record).get("id")
        else:
            value = at(record, self.places.id)
        return "" if value is None else str(value)

    def status_of(self, record: Any) -> Any:
        """The task's state in a record, None when there is none."""
        if self.axes is not None:
            found = states_in(self.axes.record, record, self.lifecycle.names)
            if found:
                return found[0]
        return at(record, self.places.status) if self.places.status else None

    def reason_of(self, record: Any) -> str:
        """Why it failed, as a record tells it; "" when it does not."""
        value = at(record, self.places.reason) if self.places.reason else None
        if value is None and self.axes is not None:
            # Where it stands may depend on the state.
            template = of_state(self.axes.record, self.status_of(record))
            value = values_in(template, record).get("reason")
        return value if isinstance(value, str) else ""

    def results_of(self, record: Any) -> Any:
        """What stands where a record has its results, None for nothing."""
        found = at(record, self.result.at) if self.result.at else None
        other = self.result.otherwise
        return at(record, other.at) if found is None and other is not None else found

    @property
    def signature(self) -> SignatureRule | None:
        """How callbacks are signed; None where Standard Webhooks are the custom of this family."""
        rule = self.axes.callback if self.axes is not None else None
        return rule.signature if rule is not None else None

    @property
    def numbers_answers(self) -> bool:
        """Whether every answer has a request_id of its own, as Kling's have."""
        return self.axes is None or "request_id" in names(self.axes.record)

    def tells(self, answer: str, *parts: str) -> bool:
        """Whether an answer tells one of these of a task: the vendor's do; one with a wrapper of its own does
        where that names it, or holds the vendor's record."""
        template = self.answers.templates.get(answer)
        return (
            self.axes is not None or template is None or bool({*parts, "record", "body"} & {*names(template)})
        )

    @property
    def creates_records(self) -> bool:
        """Whether the answer to a create holds the whole record, with a result when there is one at once."""
        own = self.answers.templates.get("create", "$body")
        template = own if self.axes is None else self.axes.create.reply.body
        return bool({"record", "body"} & {*names(template)})

    @property
    def calls_back_records(self) -> bool:
        """Whether callbacks hold the whole record, not a body of their own."""
        rule = self.axes.callback if self.axes is not None else None
        body = self.answers.templates.get("callback") if rule is None else rule.body
        return body in (None, "$record")

    def items_of(self, record: Any) -> list[dict[str, Any]]:
        """The results of a record, each with its parts under the names that `result.item` has."""
        found = self.results_of(record)
        if self.axes is None:
            return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        template = at(of_state(self.axes.record, self.lifecycle.success), self.result.at)
        if is_each(template):
            told = [values_in(template[EACH], one) for one in found] if isinstance(found, list) else []
        elif isinstance(template, dict) and any(is_each(part) for part in template.values()):
            told = _nested(template, found)
        else:
            told = [{"item.url": url} for url in [values_in(template, found).get("result_url")] if url]
        return [{name.removeprefix("item."): value for name, value in one.items()} for one in told]

    def called_back(self, request: Any) -> frozenset[str]:
        """The states of which a task that `request` started is called back."""
        rule = self.axes.callback if self.axes is not None else None
        if rule is None:
            return frozenset(self.lifecycle.names)
        wanted = frozenset(rule.on)
        return (
            wanted & rule.filter.states(at(request, rule.filter.path)) if rule.filter is not None else wanted
        )

    def record(self, body: Any) -> dict[str, Any] | None:
        """The task record in the body of an answer to create or query, None when there is none.

        It stands where a wrapper's template or `x-task` says; else it is the innermost object with an id and
        a status, for gateways wrap records once more than they say.
        """
        if self.axes is not None:
            return _described(body, self, self.axes)
        # That of a create may be a part of the others'.
        for name in ("query", "callback", "create"):
            template = self.answers.templates.get(name)
            if template is not None and fits(template, body):
                return _unwrapped(values_in(template, body), self)
        found = at(body, self.places.record)
        return found if self.is_record(found) else _innermost(body, self)

    def records(self, body: Any) -> list[dict[str, Any]] | None:
        """The task records in the body of a list's answer, None when there is no list in it."""
        found: Any = None
        rule = self.axes.listing if self.axes is not None else None
        template = self.answers.templates.get("list") if rule is None else rule.reply.body
        if template is not None:
            values = values_in(template, body)
            told = at(values.get("body"), self.places.record)
            found = values.get("records", values.get("record", told))
        if not isinstance(found, list):
            found = at(body, self.places.record)
        if not isinstance(found, list):
            found = body
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else None


def _nested(template: Mapping[str, Any], found: Any) -> list[dict[str, Any]]:
    name = next(key for key, part in template.items() if is_each(part))
    listed = at(found, (name,))
    return [values_in(template[name][EACH], one) for one in listed] if isinstance(listed, list) else []


def _described(body: Any, family: TaskFamily, axes: Axes) -> dict[str, Any] | None:
    """The record in an answer or callback of a described API; of one that tells less, as much of a record."""
    if states_in(axes.record, body, family.lifecycle.names):
        return body if isinstance(body, dict) else None
    told = axes.callback.body if axes.callback is not None else None
    return (
        _called_back(body, told, family, axes)
        or _created(body, axes.create.reply.body, family)
        or _innermost(body, family)
        or _with_id(body, family)
    )


def _created(body: Any, template: Any, family: TaskFamily) -> dict[str, Any] | None:
    """As much of a record as an answer to create tells that is none: the id, and the client's own."""
    if family.is_record(body) or not isinstance(template, dict) or not fits(template, body):
        return None
    told = values_in(template, body)
    if told.get("id") in (None, "") or not family.places.id:
        return None
    made: dict[str, Any] = {}
    put(made, family.places.id, told["id"])
    if family.places.external_id and "external_id" in told:
        put(made, family.places.external_id, told["external_id"])
    return made


def _with_id(body: Any, family: TaskFamily) -> dict[str, Any] | None:
    return body if isinstance(body, dict) and family.is_record(body) else None


def _called_back(body: Any, template: Any, family: TaskFamily, axes: Axes) -> dict[str, Any] | None:
    """As much of a record as a callback with a body of its own tells: the id and the state."""
    if not isinstance(template, dict) or not fits(template, body):
        return None
    rule = axes.callback
    states = states_in(template, body, rule.on if rule is not None else family.lifecycle.names)
    ident = values_in(template, body).get("id")
    if not states or ident in (None, ""):
        return None
    # What is not told is null, and there are no results.
    known: dict[str, Any] = {"id": str(ident), "status": states[0], "absent": MISSING, EACH: ()}
    made: dict[str, Any] = fill(of_state(axes.record, states[0]), known.get)
    return made


def _unwrapped(values: Mapping[str, Any], family: TaskFamily) -> dict[str, Any] | None:
    """The record from the parts of a wrapper."""
    if "body" in values:
        found = at(values["body"], family.places.record)
        return found if family.is_record(found) else None
    record = values.get("record")
    if isinstance(record, dict):
        return record
    made: dict[str, Any] = {}
    for name in OF_A_RECORD:
        place: Path = getattr(family.places, name)
        if name in values and place:
            put(made, place, values[name])
    if results := _results(values.get("results"), family):
        put(made, family.result.at, results)
    return made if family.is_record(made) else None


def _results(told: Any, family: TaskFamily) -> list[Any]:
    """The results that a wrapper lists, each under the names that the family's records have for its parts."""
    parts = family.result.item
    return [
        {wire: one[f"item.{part}"] for part, wire in parts.items() if f"item.{part}" in one}
        if isinstance(one, dict) and any(name.startswith("item.") for name in one)
        else one
        for one in (told if isinstance(told, list) else [])
    ]


def _innermost(value: Any, family: TaskFamily) -> dict[str, Any] | None:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        found = _innermost(one, family)
        if found is not None:
            return found
    both = family.is_record(value) and family.status_of(value) is not None
    return value if both else None


def read_family(
    task: Mapping[str, Any], operations: FamilyOperations, answers: Answers, *, documented: bool = True
) -> TaskFamily:
    """The family of one `x-task` object; raises UnderstudyError when it says nothing that can be played."""
    name = str(task["family"])
    observed = task.get("observed_seconds", {})
    deduction = task.get("deduction", {})
    page, slots = task.get("page", {}), task.get("slots", {})
    failures = dict(task.get("failures", {}))
    return TaskFamily(
        name=name,
        operations=operations,
        places=_places(task),
        request={what: path_of(pointer) for what, pointer in task.get("request", {}).items()},
        query_parameters=tuple(task.get("query_parameters", ())),
        page_number=page.get("number", ""),
        page_size=page.get("size", ""),
        lifecycle=read_lifecycle(task, task["result"]["at"], task["reason"], f"family {name}"),
        result=_result(task["result"]),
        cost=Cost(path_of(deduction.get("at", "")), Decimal(str(deduction.get("units_each", 1)))),
        pool=slots.get("pool", name),
        slots=read_amount(slots.get("count"), 1),
        median_ms=int(float(observed.get("median", 2)) * 1000),
        spread=float(observed.get("spread", 0)),
        answers=answers,
        failures=failures,
        bad_picture=task.get("bad_picture", ""),
        usual_failure=task.get("usual_failure", next(iter(failures), "")),
        documented=documented,
        rules=read_rules(task, f"family {name}"),
        source=read_source(task),
        names=read_names(task),
    )


def _places(task: Mapping[str, Any]) -> Places:
    return Places(
        record=path_of(task.get("record", "")),
        id=path_of(task["id"]),
        external_id=path_of(task.get("external_id", "")),
        status=path_of(task["status"]),
        reason=path_of(task["reason"]),
        created_at=path_of(task.get("created_at", "")),
        updated_at=path_of(task.get("updated_at", "")),
    )


def _result(data: Mapping[str, Any]) -> ResultRule:
    duration = data.get("duration_seconds")
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
        also=tuple(
            _result({"valid_seconds": data.get("valid_seconds", 0), **one}) for one in data.get("also", ())
        ),
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


def rename_places(task: Any, names: Mapping[str, str]) -> None:
    """Point an `x-task`'s pointers into the request at other names: {"/model_name": "/model"}.

    Those are the members of `request`, and every `field`: {field: /n, default: 1}.
    """
    for holder in (task.get("request", {}), *_reading_fields(task)):
        for key, value in holder.items():
            if isinstance(value, str) and value in names:
                holder[key] = names[value]


def _reading_fields(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("field"), str):
            yield node
        for value in node.values():
            yield from _reading_fields(value)
