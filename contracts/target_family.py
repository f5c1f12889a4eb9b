"""One family of tasks as the engine asks it: what happens, and the shapes of its requests and answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from understudy.contracts.budget import ZERO
from understudy.contracts.calls import Call, call_of, name_in, named
from understudy.contracts.shapes import Shape, expand, form_of, json_schema, request_schema, resolve, shape
from understudy.contracts.trace import BUYING, QUERIES
from understudy.specs.behaviour import UNDOCUMENTED
from understudy.specs.behaviour.axes import JSON
from understudy.specs.behaviour.forms import read_form, written
from understudy.specs.behaviour.operations import accepted
from understudy.specs.pointers import at, put, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from understudy.contracts.trace import Exchange, Response
    from understudy.specs.behaviour import Behaviour, TaskFamily
    from understudy.specs.behaviour.operations import OperationPlace
    from understudy.specs.pointers import Path


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
    # The media type of the form in which creates are sent, "" where they are JSON.
    form: str = ""

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
    def takes_json(self) -> bool:
        """Whether a create takes JSON."""
        return JSON in self.behaviour.operations.create.raw.get("requestBody", {}).get("content", {JSON: {}})

    def as_sent(self, body: Any) -> Any:
        """What becomes of a body on its way: a form has texts alone, and no null."""
        if not self.form or not isinstance(body, dict):
            return body
        return read_form(*written(self.form, body, self.request), self.request)

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

    def record_of(self, exchange: Exchange) -> dict[str, Any] | None:
        """The task record of an answer as it came, None where there is none; the HTTP status of a query's
        answer may tell as much of it as there is."""
        if exchange.response is None:
            return None
        axes, body = self.behaviour.axes, exchange.response.json()
        asked = "" if axes is None or exchange.role in BUYING else name_in(axes.query, exchange.request)
        return self.behaviour.record_in(exchange.status, body, asked) if asked else self.record(body)

    def without_json(self, exchange: Exchange) -> bool:
        """Whether the answer to a query must be a file or empty by its HTTP status, or may be so and is."""
        axes, response = self.behaviour.axes, exchange.response
        if axes is None or response is None or exchange.role not in QUERIES:
            return False
        with_json = axes.query.replies.with_json(response.status)
        return with_json == {False} or (False in with_json and response.json() is None)

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


def read_family(document: Mapping[str, Any], family: TaskFamily) -> TargetFamily:
    """The family of a document; raises TargetError when a schema of it cannot be compiled."""
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
        queried=shape(_queried(operations.query, document), document),
        listed=shape(json_schema(accepted(listing, document)[1], document), document) if listing else None,
        refused=shape(json_schema(_refused(create, document), document), document),
        callback=shape(callback, document) if callback is not None else None,
        form=form_of(create, document),
    )


def _queried(query: OperationPlace, document: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of the first answer to a query that is JSON: others may be files, or empty."""
    answers = query.raw.get("responses", {}).items()
    taken = [
        json_schema(resolve(one, document), document) for status, one in answers if str(status)[:1] == "2"
    ]
    return next((schema for schema in taken if schema), json_schema(accepted(query, document)[1], document))


def _refused(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    answers = operation["responses"]
    return resolve(answers.get("400", answers.get("default", {})), document)


def _callback(create: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any] | None:
    for callback in create.get("callbacks", {}).values():
        for item in resolve(callback, document).values():
            return json_schema(resolve(item["post"]["requestBody"], document), document)
    return None


def with_source(family: TargetFamily, behaviour: Behaviour) -> TargetFamily:
    """The family, and the cheapest one whose results its requests must name, where they must."""
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
