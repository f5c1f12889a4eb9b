"""One family of tasks as its `x-task` describes it: where things stand, what comes out, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.family_parts import read_amount, read_cost, read_places, read_result
from understudy.specs.behaviour.lifecycle import Lifecycle, read_lifecycle
from understudy.specs.behaviour.record_finding import (
    described_record,
    innermost_record,
    told_by_status,
    unwrapped_record,
)
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.behaviour.source import read_names, read_source
from understudy.specs.behaviour.template_reading import fits, held_in, states_in, values_in
from understudy.specs.behaviour.templates import members_telling, names, of_state
from understudy.specs.pointers import Path, at, path_of, put
from understudy.specs.tree import copied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from understudy.specs.behaviour.answers import Answers
    from understudy.specs.behaviour.axes import Axes, Reply, SignatureRule
    from understudy.specs.behaviour.family_parts import Amount, Cost, Places, ResultRule
    from understudy.specs.behaviour.operations import FamilyOperations
    from understudy.specs.behaviour.rules import FieldRules
    from understudy.specs.behaviour.source import NameRule, SourceRule

# The values of templates that are progress in percent.
PERCENT = ("progress", "progress_percent")


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
        if self.axes is not None and "id" in names(self.axes.record):
            value = values_in(self.axes.record, record).get("id")
        else:
            value = at(record, self.places.id)
        return "" if value is None else str(value)

    def status_of(self, record: Any) -> Any:
        """The task's state in a record, None when there is none."""
        told = at(record, self.places.status) if self.places.status else None
        if self.axes is None:
            return told
        found = states_in(self.axes.record, record, self.lifecycle.names)
        if not found and self.places.status:
            # Not all of it is as it should be; the member that tells the state may still be.
            found = states_in(at(self.axes.record, self.places.status), told, self.lifecycle.names)
            found = found if len(found) == 1 else ()
        return found[0] if found else told

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
        if self.result.is_json_text:
            return held_in(found)
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

    @property
    def progress_members(self) -> frozenset[str]:
        """The members of answers that tell in percent how much of the work is done; empty when none does."""
        templates = [self.axes.record] if self.axes is not None else [*self.answers.templates.values()]
        return frozenset(name for template in templates for name in members_telling(template, PERCENT))

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
        if self.axes is not None:
            return _items(of_state(self.axes.record, self.lifecycle.success), record)
        found = self.results_of(record)
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @property
    def results_reply(self) -> Reply | None:
        """The answer to the second request, for the results of a task that has succeeded; None where records
        hold them."""
        rule = self.axes.results if self.axes is not None and not self.result.at else None
        return rule.call.replies.of(self.lifecycle.success) if rule is not None else None

    def fetched_items(self, body: Any) -> list[dict[str, Any]]:
        """The results in the answer to the second request, each with its parts under their names."""
        reply = self.results_reply
        return _items(reply.body, body) if reply is not None else []

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
            return described_record(body, self, self.axes)
        # That of a create may be a part of the others'.
        for name in ("query", "callback", "create"):
            template = self.answers.templates.get(name)
            if template is not None and fits(template, body):
                return unwrapped_record(values_in(template, body), self)
        found = at(body, self.places.record)
        return found if self.is_record(found) else innermost_record(body, self)

    def record_in(self, status: int, body: Any, ident: str = "") -> dict[str, Any] | None:
        """The task record in an answer to a query for `ident`, with its HTTP status and its JSON body.

        Where the body does not tell the task's state, the status may. None when there is none.
        """
        found = self.record(body)
        if self.axes is None:
            return found
        if found is None or self.status_of(found) not in self.lifecycle.names:
            found = told_by_status(status, body, ident, self, self.axes) or found
        if found is not None and ident and not self.id_of(found) and "id" not in names(self.axes.record):
            # Nothing but the request says whose record it is.
            found = copied(found)
            put(found, self.places.id, ident)
        return found

    def records(self, body: Any) -> list[dict[str, Any]] | None:
        """The task records in the body of a list's answer, None when there is no list in it."""
        found: Any = None
        rule = self.axes.listing if self.axes is not None else None
        template = self.answers.templates.get("list") if rule is None else rule.reply.body
        if template is not None:
            values = values_in(template, body)
            told = at(values.get("body"), self.places.record)
            found = values.get("records", values.get("record", told))
        if found is None and rule is not None and fits(template, body):
            return []  # the list is left out where it is empty
        if not isinstance(found, list):
            found = at(body, self.places.record)
        if not isinstance(found, list):
            found = body
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else None


def _items(template: Any, body: Any) -> list[dict[str, Any]]:
    """The results that a template writes into a body, wherever they stand in it."""
    told = values_in(template, body)
    listed = told.get("results")
    if not isinstance(listed, list):
        url = told.get("result_url")
        return [{"url": url}] if url else []
    return [
        {name.removeprefix("item."): part for name, part in one.items()}
        for one in listed
        if isinstance(one, dict)
    ]


def read_family(
    task: Mapping[str, Any], operations: FamilyOperations, answers: Answers, *, documented: bool = True
) -> TaskFamily:
    """The family of one `x-task` object; raises UnderstudyError when it says nothing that can be played."""
    name = str(task["family"])
    observed = task.get("observed_seconds", {})
    page, slots = task.get("page", {}), task.get("slots", {})
    failures = dict(task.get("failures", {}))
    return TaskFamily(
        name=name,
        operations=operations,
        places=read_places(task),
        request={what: path_of(pointer) for what, pointer in task.get("request", {}).items()},
        query_parameters=tuple(task.get("query_parameters", ())),
        page_number=page.get("number", ""),
        page_size=page.get("size", ""),
        lifecycle=read_lifecycle(task, task["result"]["at"], task["reason"], f"family {name}"),
        result=read_result(task["result"]),
        cost=read_cost(task.get("deduction", {})),
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
