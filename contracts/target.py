"""What a provider promises, as the engine reads it: one Family per create operation with `x-task`.

Everything comes from the provider's effective OpenAPI document; no field, path or status stands in Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from contracts import envelopes
from contracts.failures import TargetError
from contracts.shapes import Shape, at, expand, put, resolve, shape
from specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from contracts.trace import Exchange

# The mark of what a provider's documents do not mention: nobody promised anything about it.
UNDOCUMENTED = "x-undocumented"
OK, TIMED_OUT = 200, 504


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a refusal for one situation must look: HTTP status and code (compared as text)."""

    situation: str
    status: int
    code: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """One family of tasks: its three operations, its lifecycle, its shapes. Pointers are RFC 6901."""

    name: str
    create_path: str
    query_path: str
    query_parameter: str
    list_parameters: Mapping[str, Mapping[str, Any]]
    task: Mapping[str, Any]
    request: Mapping[str, Any]
    request_shape: Shape
    created: Shape
    queried: Shape
    listed: Shape | None
    refused: Shape
    callback: Shape | None
    pointers: Mapping[str, str]
    # "create", "query": how this provider wraps a record, where it does not do as the vendor does
    answers: Mapping[str, Any] = field(default_factory=dict)
    # whether the provider's documents mention the create at all
    documented: bool = True

    @property
    def sent(self) -> dict[str, str]:
        """The places in a request that a run may fill in: those that the provider's documents mention."""
        known = self.request.get("properties", {})
        places: dict[str, str] = self.task["request"]
        return {
            what: pointer
            for what, pointer in places.items()
            if not known.get(pointer.split("/")[1], {}).get(UNDOCUMENTED)
        }

    @property
    def states(self) -> list[str]:
        return list(self.task["states"])

    def terminal(self, status: Any) -> bool:
        return status in self.states and not self.task["transitions"].get(status)

    def reachable(self, before: str, after: str) -> bool:
        """Whether the lifecycle leads from one status to the other; polls may miss what is between."""
        seen, todo = {before}, [before]
        while todo:
            for state in self.task["transitions"].get(todo.pop(), ()):
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
        return after in seen

    @property
    def success(self) -> list[str]:
        """Terminal states that carry the result."""
        result = at(self.task, "/result/at", "")
        return [s for s in self.states if result and result in self.task["carries"].get(s, ())]

    def count(self, body: Any) -> int:
        """How many results a request asks for."""
        rule = at(self.task, "/result/count", {}) or {}
        if "value" in rule:
            return int(rule["value"])
        asked = at(body, rule.get("field", ""), rule.get("default", 1)) if rule.get("field") else 1
        return (
            asked if isinstance(asked, int) and not isinstance(asked, bool) else int(rule.get("default", 1))
        )

    def cost(self, body: Any) -> Decimal:
        """Units that the task is expected to cost."""
        each = Decimal(str(at(self.task, "/deduction/units_each", "1")))
        return each * max(1, self.count(body))

    def record(self, body: Any) -> dict[str, Any] | None:
        """The task record of an answer: where `x-task` says, else the innermost object with id and status."""
        for template in self.answers.values():
            if envelopes.fits(template, body):
                return self._unwrapped(envelopes.values(template, body))
        found = at(body, self.task.get("record", ""))
        return found if self._is_record(found) else self._innermost(body)

    def _unwrapped(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The record from the parts of a wrapper, without times in seconds: they are not the record's."""
        if "body" in values:
            found = at(values["body"], self.task.get("record", ""))
            return found if self._is_record(found) else None
        record = values.get("record")
        if isinstance(record, dict):
            return record
        made: dict[str, Any] = {}
        for name in ("id", "status", "external_id", "reason", "created_at", "updated_at"):
            if name in values:
                put(made, self.task[name], values[name])
        return made if self._is_record(made) else None

    def _is_record(self, value: Any) -> bool:
        return isinstance(value, dict) and at(value, self.task["id"]) not in (None, "")

    def _innermost(self, value: Any) -> dict[str, Any] | None:
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for member in inside:
            found = self._innermost(member)
            if found is not None:
                return found
        both = self._is_record(value) and at(value, self.task["status"]) is not None
        return value if both else None

    def records(self, body: Any) -> list[dict[str, Any]] | None:
        """The task records of a list answer, or None when there is no list in it."""
        found = at(body, self.task.get("record", ""))
        found = found if isinstance(found, list) else body if isinstance(body, list) else None
        return None if found is None else [r for r in found if isinstance(r, dict)]


@dataclass(frozen=True, slots=True)
class Target:
    """A provider's promises: its families, its refusals, its way to write errors."""

    provider: str
    document: Mapping[str, Any] = field(repr=False)
    families: tuple[Family, ...]
    refusals: Mapping[str, Refusal]
    conventions: Mapping[str, Any]
    # What is worked out from the document once and used by many runs.
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def family(self, name: str) -> Family:
        for one in self.families:
            if one.name == name:
                return one
        known = ", ".join(f.name for f in self.families)
        raise TargetError(f"{self.provider} has no family {name!r}", advice=f"known: {known}")

    def asked(self, names: Collection[str] = ()) -> list[Family]:
        """The families of those names; without names, those that the provider's documents describe.

        Nobody promised the others, unless there are no documents of its own: then it is held to what it
        passes on, all of it. Raises TargetError for an unknown name.
        """
        named = [self.family(name) for name in names]
        return named or [f for f in self.families if f.documented] or list(self.families)

    def left_out(self, asked: Collection[Family]) -> str:
        """The families that nobody promised and that are not among `asked`, as a sentence; "" for none."""
        names = [f.name for f in self.families if not f.documented and f not in asked]
        return f"not documented by {self.provider}: {', '.join(names)}" if names else ""

    def expected(self, situations: tuple[str, ...]) -> list[Refusal]:
        return [self.refusals[s] for s in situations if s in self.refusals]

    def accepted(self, family: Family, response: Any) -> bool:
        """Whether an answer to a create took the request: 2xx, no error code, a task record inside."""
        if response is None or not OK <= response.status < 300:
            return False
        body = response.json()
        return not self.is_error(body) and family.record(body) is not None

    def may_have_taken(self, family: Family, exchange: Exchange) -> bool:
        """Whether a task may exist after a create: accepted, or its answer was lost or cannot be read."""
        if exchange.response is None:
            return not exchange.case.get("unsent")
        body = exchange.response.json()
        refused = isinstance(body, dict) and str(body.get("code", self.success_code)) != self.success_code
        unreadable = OK <= exchange.status < 300 and not refused
        return unreadable or exchange.status == TIMED_OUT or self.accepted(family, exchange.response)

    def is_error(self, body: Any) -> bool:
        """Whether a body's code says refused, whatever the HTTP status."""
        if not isinstance(body, dict) or "code" not in body:
            return False
        return self.situation_of(body["code"]) != "" and str(body["code"]) != self.success_code

    def permanent(self, response: Any) -> bool:
        """Whether a refusal stays one however often it is asked: no money, an address that is not let in."""
        return any(row.permanent for row in self._rows(response))

    def crowded(self, response: Any) -> bool:
        """Whether a create was refused because the account runs as many tasks as it may."""
        return any(row.situation == "too_many_tasks" for row in self._rows(response))

    def _rows(self, response: Any) -> list[Refusal]:
        """The refusals whose status and code an answer has."""
        body = response.json() if response is not None else None
        code = str(body.get("code")) if isinstance(body, dict) else ""
        return [
            r for r in self.refusals.values() if response and (r.status, r.code) == (response.status, code)
        ]

    @property
    def success_code(self) -> str:
        return str(at(self.conventions, "/success/code", 0))

    def situation_of(self, code: Any) -> str:
        """A situation with that code, "" when the table has none."""
        return next((r.situation for r in self.refusals.values() if r.code == str(code)), "")


def read_target(provider: str) -> Target:
    """The target for a profile name of `specs.library.profiles()`; raises UnderstudyError for others."""
    return target_from(provider, effective(provider))


def target_from(provider: str, document: Mapping[str, Any]) -> Target:
    """The target that an OpenAPI document with `x-task` describes."""
    conventions = document.get("x-conventions", {})
    families = tuple(_families(document))
    if not families:
        raise TargetError(
            f"the spec of {provider} has no create operation with x-task", where="openapi document"
        )
    return Target(provider, document, families, _refusals(document, conventions), conventions)


def _refusals(document: Mapping[str, Any], conventions: Mapping[str, Any]) -> dict[str, Refusal]:
    own = at(conventions, "/error/http_status", "own")
    words = at(conventions, "/error/words", {}) if at(conventions, "/error/code") == "word" else {}
    table = document.get("x-errors", {})
    return {
        name: Refusal(
            name,
            int(row["status"] if own == "own" else own),
            str(words.get(name, words.get("*", row["code"]))),
            bool(row.get("permanent")),
        )
        for name, row in table.items()
    }


def _families(document: Mapping[str, Any]) -> Iterator[Family]:
    by_id = {
        operation["operationId"]: (path, operation)
        for path, item in document.get("paths", {}).items()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for path, item in document.get("paths", {}).items():
        create = item.get("post") if isinstance(item, dict) else None
        if isinstance(create, dict) and "x-task" in create:
            yield _family(document, path, item, by_id)


def _family(
    document: Mapping[str, Any], path: str, item: Mapping[str, Any], by_id: Mapping[str, Any]
) -> Family:
    create = item["post"]
    task = create["x-task"]
    accepted = _accepted(create, document)
    link = next(iter(accepted.get("links", {}).values()), None)
    if link is None or link.get("operationId") not in by_id:
        raise TargetError("no link leads from create to the query", where=f"POST {path}")
    query_path, query = by_id[link["operationId"]]
    listing = item.get("get")
    parameters = [resolve(p, document) for p in (listing or {}).get("parameters", ())]
    body = _json(resolve(create["requestBody"], document), document)
    callback = _callback(create, document)
    return Family(
        name=str(task["family"]),
        create_path=path,
        query_path=query_path,
        query_parameter=next(iter(link["parameters"])),
        list_parameters={p["name"]: resolve(p["schema"], document) for p in parameters if p["in"] == "query"},
        task=task,
        request=expand(body, document),
        request_shape=shape(body, document),
        created=shape(_json(accepted, document), document),
        queried=shape(_json(_accepted(query, document), document), document),
        listed=shape(_json(_accepted(listing, document), document), document) if listing else None,
        refused=shape(_json(_refused(create, document), document), document),
        callback=shape(callback, document) if callback is not None else None,
        answers={
            k: v for k, v in at(document, "/x-conventions/answers", {}).items() if k in ("create", "query")
        },
        pointers={
            "create": f"/paths/{path.replace('/', '~1')}/post",
            "query": f"/paths/{query_path.replace('/', '~1')}/get",
            "list": f"/paths/{path.replace('/', '~1')}/get",
        },
        documented=not create.get(UNDOCUMENTED),
    )


def _accepted(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    return resolve(operation["responses"]["200"], document)


def _refused(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    answers = operation["responses"]
    return resolve(answers.get("400", answers.get("default", {})), document)


def _json(holder: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    schema = at(holder, "/content/application~1json/schema", {})
    return dict(schema) if "$ref" in schema else dict(resolve(schema, document))


def _callback(create: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any] | None:
    for callback in create.get("callbacks", {}).values():
        for item in resolve(callback, document).values():
            return _json(resolve(item["post"]["requestBody"], document), document)
    return None
