"""What a provider promises, as the engine reads it: one TargetFamily per create operation with `x-task`.

Everything comes from the provider's effective OpenAPI document; no field, path or status stands in Python.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from understudy.contracts.budget import ZERO
from understudy.contracts.calls import Call, call_of, named
from understudy.contracts.failures import TargetError
from understudy.contracts.shapes import Shape, expand, json_schema, request_schema, resolve, shape
from understudy.specs.behaviour import UNDOCUMENTED, Behaviour, read
from understudy.specs.behaviour.axes import AccountRule
from understudy.specs.behaviour.operations import accepted
from understudy.specs.library import CANONICAL, effective, providers
from understudy.specs.pointers import at, put, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from decimal import Decimal

    from understudy.contracts.trace import Exchange, Response
    from understudy.specs.behaviour import RefusalForm, Situation, SituationKind, TaskFamily
    from understudy.specs.pointers import Path

OK, TIMED_OUT = 200, 504
# The situation of an account that runs as many tasks as it may; waiting for one to end helps.
TOO_MANY_TASKS = "too_many_tasks"


# Equal only to itself: what is worked out for a family can be kept beside it.
@dataclass(frozen=True, slots=True, eq=False)
class TargetFamily:
    """One family of tasks: what happens (`behaviour`), and the shapes of its requests and answers."""

    name: str
    behaviour: TaskFamily
    list_parameters: Mapping[str, Mapping[str, Any]]
    # The parameters without which a list is refused.
    list_needs: frozenset[str]
    request: Mapping[str, Any]
    request_shape: Shape
    created: Shape
    queried: Shape
    listed: Shape | None
    refused: Shape
    callback: Shape | None
    # Of query and list, those that no page of the provider describes; and the shape of refusals there.
    silent: frozenset[str] = frozenset()
    refused_there: Shape | None = None
    # The cheapest family whose results every request must name, None where none must; what one costs.
    source: str | None = None
    source_units: Decimal = ZERO

    @property
    def create_path(self) -> str:
        return named(self.behaviour.operations.create.path)

    @property
    def create_method(self) -> str:
        return self.behaviour.operations.create.method

    @property
    def query_path(self) -> str:
        return self.behaviour.operations.query.path

    @property
    def list_path(self) -> str:
        listing = self.behaviour.operations.list
        return named(listing.path) if listing is not None else self.create_path

    @property
    def list_method(self) -> str:
        listing = self.behaviour.operations.list
        return listing.method if listing is not None else "GET"

    @property
    def documented(self) -> bool:
        return self.behaviour.documented

    @property
    def pointers(self) -> dict[str, str]:
        """Operation -> where it stands in the document."""
        operations = self.behaviour.operations
        listing = operations.list or operations.create
        return {
            "create": operations.create.pointer,
            "query": operations.query.pointer,
            "list": listing.pointer,
        }

    def query(self, name: str) -> Call:
        """The request that asks for one task by either id."""
        axes = self.behaviour.axes
        if axes is not None:
            return call_of(axes.query, name)
        ident, wanted = self.behaviour.operations.id_parameter, quote(name, safe="")
        method = self.behaviour.operations.query.method
        path = named(self.query_path.replace(f"{{{ident}}}", wanted))
        return Call(method, path, b"{}" if method == "POST" else None)

    def list_call(self, parameters: Mapping[str, str]) -> Call:
        """The request for a list with these parameters, in its query string or its body."""
        rule = self.behaviour.axes.listing if self.behaviour.axes is not None else None
        if rule is None or not rule.in_body:
            query = f"?{urlencode(parameters)}" if parameters else ""
            body = None if self.list_method == "GET" else b"{}"
            return Call(self.list_method, f"{self.list_path}{query}", body)
        asked: dict[str, Any] = {}
        for name, value in parameters.items():
            # A cursor is a text, however it looks.
            whole = value.isdecimal() and not (rule.by == "cursor" and name == rule.position)
            put(asked, name, int(value) if whole else value)
        return Call(self.list_method, self.list_path, json.dumps(asked).encode())

    def results_call(self, name: str) -> Call | None:
        """The second request, for the results of one task; None where there is none."""
        rule = self.behaviour.axes.results if self.behaviour.axes is not None else None
        return call_of(rule.call, name) if rule is not None else None

    def place(self, what: str) -> str:
        """Where a request has its `external_id`, `callback_url`…, as a pointer; "" where it has none."""
        return text_of(self.behaviour.request.get(what, ()))

    @property
    def callback_outside(self) -> tuple[str, str] | None:
        """("query" or "header", its name) where a create names its callback URL there, else None."""
        axes = self.behaviour.axes
        rule = axes.callback if axes is not None else None
        return (rule.place, rule.name) if rule is not None and rule.place in ("query", "header") else None

    @property
    def sent(self) -> dict[str, str]:
        """The places in a request that a run may fill in: those that the provider's documents mention."""
        known = self.request.get("properties", {})
        return {
            what: text_of(path)
            for what, path in self.behaviour.request.items()
            if not known.get(path[0], {}).get(UNDOCUMENTED)
        }

    @property
    def states(self) -> list[str]:
        return list(self.behaviour.lifecycle.names)

    def terminal(self, status: Any) -> bool:
        return isinstance(status, str) and self.behaviour.lifecycle.is_terminal(status)

    def reachable(self, before: str, after: str) -> bool:
        """Whether the lifecycle leads from one status to the other; polls may miss what is between."""
        return self.behaviour.lifecycle.reachable(before, after)

    @property
    def success(self) -> list[str]:
        """Terminal states that carry the result."""
        return list(self.behaviour.lifecycle.succeeded)

    def count(self, body: Any) -> int:
        """How many results a request asks for."""
        return self.behaviour.count(body)

    def cost(self, body: Any) -> Decimal:
        """Units that the task is expected to cost."""
        return self.behaviour.units(body)

    def record(self, body: Any) -> dict[str, Any] | None:
        """The task record of an answer, None when there is none."""
        return self.behaviour.record(body)

    def called_back(self, body: Any) -> Any:
        """The task record of a callback: its whole body, unless the API calls back in a form of its own."""
        return body if self.behaviour.calls_back_records else self.record(body) or body

    def records(self, body: Any) -> list[dict[str, Any]] | None:
        """The task records of a list answer, None when there is no list in it."""
        return self.behaviour.records(body)

    def record_of(self, response: Response | None) -> dict[str, Any] | None:
        """The task record of an answer as it came."""
        return self.record(response.json()) if response else None

    def records_of(self, response: Response | None) -> list[dict[str, Any]] | None:
        """The task records of a list's answer as it came."""
        return self.records(response.json()) if response else None

    def id_of(self, record: Any) -> str:
        return self.behaviour.id_of(record)

    def get(self, record: Any, name: str) -> Any:
        """A part of the record (id, external_id, status, reason, created_at, updated_at), or None."""
        if name == "status":
            return self.behaviour.status_of(record)
        place: Path = getattr(self.behaviour.places, name)
        return at(record, place) if place else None


@dataclass(frozen=True, slots=True)
class Target:
    """A provider's promises: its families, its refusals, its way to write errors."""

    provider: str
    document: Mapping[str, Any] = field(repr=False)
    behaviour: Behaviour = field(repr=False)
    families: tuple[TargetFamily, ...]
    # Whose promises hold where no page of a reseller describes an operation; None for an API of its own.
    vendor: Target | None = field(default=None, repr=False)
    # What is worked out from the document once and used by many runs.
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def family(self, name: str) -> TargetFamily:
        for one in self.families:
            if one.name == name:
                return one
        known = ", ".join(f.name for f in self.families)
        raise TargetError(f"{self.provider} has no family {name!r}", advice=f"known: {known}")

    def asked(self, names: Collection[str] = ()) -> list[TargetFamily]:
        """The families of those names; without names, those that the provider's documents describe.

        Nobody promised the others, unless there are no documents of its own: then it is held to what it
        passes on, all of it. Raises TargetError for an unknown name.
        """
        named = [self.family(name) for name in names]
        return named or [f for f in self.families if f.documented] or list(self.families)

    def left_out(self, asked: Collection[TargetFamily]) -> list[str]:
        """The names of families that nobody promised and that are not among `asked`."""
        return [f.name for f in self.families if not f.documented and f not in asked]

    @property
    def challenges(self) -> list[tuple[Any, Any]]:
        """What the provider may ask of a callback's address at create, and the answer: (body, answer)."""
        callbacks = [f.behaviour.axes.callback for f in self.families if f.behaviour.axes is not None]
        rules = [one.challenge for one in callbacks if one is not None and one.challenge is not None]
        return [(rule.body, rule.answer) for rule in rules]

    @property
    def servers(self) -> list[str]:
        """The URLs or path prefixes below which the API may be, the provider's own first.

        A mock or a gateway may have it below the prefix of any that sell the same API.
        """
        own = [str(s.get("url", "")) for s in self.document.get("servers", ())]
        others = effective(CANONICAL).get("servers", ()) if self.provider in providers() else ()
        return list(dict.fromkeys([*own, *(str(s.get("url", "")) for s in others)]))

    @property
    def account(self) -> AccountRule:
        """Where requests carry the key."""
        axes = self.families[0].behaviour.axes
        return axes.service.account if axes is not None else AccountRule()

    @property
    def bearer(self) -> bool:
        """Whether a key is a bearer token (RFC 6750) and an account, and nothing else is needed."""
        return self.behaviour.families[0].axes is None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that requests must carry, beside the key."""
        axes = self.families[0].behaviour.axes
        wanted = {**axes.service.headers, **axes.create.headers} if axes is not None else {}
        return {name: value or "any" for name, value in wanted.items()}

    @property
    def refusals(self) -> RefusalForm:
        return self.behaviour.refusals

    def expected(self, situations: Iterable[str], *, silent: bool = False) -> list[tuple[int, str]]:
        """(HTTP status, code) of refusals for these situations; codes as text.

        `silent`: of an operation that no page describes, where the vendor's are as good.
        """
        names = list(situations)
        known = [self.refusals.situations[s] for s in names if s in self.refusals.situations]
        found = [(self.refusals.status_of(s), str(self.refusals.code_of(s))) for s in known]
        return found + (self.vendor.expected(names) if silent and self.vendor else [])

    def recognised(self, response: Response | None) -> tuple[Situation, ...]:
        """The situations that an answer may mean by its status and code; () for none, and for a success."""
        if response is None:
            return ()
        body = response.json()
        code = self.refusals.code_in(body)
        if code is None or str(code) == str(self.refusals.success_code):
            return ()
        return self.refusals.recognised(response.status, body)

    def of_kind(self, response: Response | None, *kinds: SituationKind) -> bool:
        """Whether an answer can only mean situations of these kinds."""
        found = self.recognised(response)
        return bool(found) and all(one.kind in kinds for one in found)

    def accepted(self, family: TargetFamily, response: Any) -> bool:
        """Whether an answer to a create took the request: 2xx, no error code, a task record inside."""
        if response is None or not OK <= response.status < 300:
            return False
        body = response.json()
        return not self.is_error(body) and family.record(body) is not None

    def may_have_taken(self, family: TargetFamily, exchange: Exchange) -> bool:
        """Whether a task may exist after a create: accepted, or its answer was lost or cannot be read."""
        if exchange.response is None:
            return not exchange.case.get("unsent")
        code = self.refusals.code_in(exchange.response.json())
        refused = code is not None and str(code) != str(self.refusals.success_code)
        unreadable = OK <= exchange.status < 300 and not refused
        return unreadable or exchange.status == TIMED_OUT or self.accepted(family, exchange.response)

    def is_error(self, body: Any) -> bool:
        """Whether a body's code says refused, whatever the HTTP status."""
        return self.refusals.is_error(body)

    def permanent(self, response: Response | None) -> bool:
        """Whether a refusal stays one however often it is asked: no money, an address that is not let in."""
        found = self.recognised(response)
        return bool(found) and all(one.permanent for one in found)

    def crowded(self, response: Response | None) -> bool:
        """Whether a create was refused because the account runs as many tasks as it may."""
        return any(one.name == TOO_MANY_TASKS for one in self.recognised(response))


def read_target(provider: str) -> Target:
    """The target for a profile name of `specs.library.profiles()`; raises UnderstudyError for others."""
    return _with_vendor(target_from(provider, effective(provider)))


def _with_vendor(target: Target) -> Target:
    """A reseller's target that takes the vendor's form, too, of answers that none of its pages describes.

    What passes a gateway untouched keeps the vendor's statuses and codes, whatever the pages about another
    operation say.
    """
    silent = {f.name: _silent(f) for f in target.families}
    if not any(silent.values()) or target.provider not in providers():
        return target
    vendor = target_from(CANONICAL, effective(CANONICAL))
    others = {f.name: f for f in vendor.families}
    families = [_also(one, others.get(one.name), silent[one.name]) for one in target.families]
    return replace(target, families=tuple(families), vendor=vendor)


def _also(family: TargetFamily, own: TargetFamily | None, silent: frozenset[str]) -> TargetFamily:
    """The family, with the vendor's shapes beside its own for the operations that are `silent`."""
    if not silent or own is None:
        return family
    queried, listed = family.queried, family.listed
    if "query" in silent:
        queried = replace(queried, other=own.queried)
    if "list" in silent and listed is not None:
        listed = replace(listed, other=own.listed)
    there = replace(family.refused, other=own.refused)
    return replace(family, silent=silent, queried=queried, listed=listed, refused_there=there)


def _silent(family: TargetFamily) -> frozenset[str]:
    operations = family.behaviour.operations
    found = {"query": operations.query, "list": operations.list}
    return frozenset(name for name, one in found.items() if one is not None and one.raw.get(UNDOCUMENTED))


def target_from(provider: str, document: Mapping[str, Any]) -> Target:
    """The target that an OpenAPI document with `x-task` describes; raises UnderstudyError for others."""
    behaviour = read(document, provider)
    # With the provider's own paths, where it has others.
    document = behaviour.document
    families = tuple(_with_source(_family(document, one), behaviour) for one in behaviour.families)
    return Target(provider, document, behaviour, families)


def _with_source(family: TargetFamily, behaviour: Behaviour) -> TargetFamily:
    rule, schema = family.behaviour.source, family.request
    for name in rule.field if rule is not None else ():
        if name not in schema.get("required", ()):
            return family
        schema = schema["properties"][name]
    known = [one for one in behaviour.families if rule and one.name in rule.families and one.source is None]
    if not known:
        return family
    cheapest = min(known, key=lambda one: one.units({}))
    return replace(family, source=cheapest.name, source_units=cheapest.units({}))


def _family(document: Mapping[str, Any], family: TaskFamily) -> TargetFamily:
    operations = family.operations
    create, listing = operations.create.raw, operations.list
    parameters = [resolve(p, document) for p in (listing.raw if listing else {}).get("parameters", ())]
    body = request_schema(create, document)
    callback = _callback(create, document)
    return TargetFamily(
        name=family.name,
        behaviour=family,
        list_parameters={p["name"]: resolve(p["schema"], document) for p in parameters if p["in"] == "query"},
        list_needs=frozenset(p["name"] for p in parameters if p.get("required")),
        request=expand(body, document),
        request_shape=shape(body, document),
        created=shape(json_schema(accepted(operations.create, document)[1], document), document),
        queried=shape(json_schema(accepted(operations.query, document)[1], document), document),
        listed=shape(json_schema(accepted(listing, document)[1], document), document) if listing else None,
        refused=shape(json_schema(_refused(create, document), document), document),
        callback=shape(callback, document) if callback is not None else None,
    )


def _refused(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    answers = operation["responses"]
    return resolve(answers.get("400", answers.get("default", {})), document)


def _callback(create: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any] | None:
    for callback in create.get("callbacks", {}).values():
        for item in resolve(callback, document).values():
            return json_schema(resolve(item["post"]["requestBody"], document), document)
    return None
