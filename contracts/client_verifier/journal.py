"""The mock's journal of one account as a Trace."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from contracts.client_verifier.trace import Delivery, Exchange, Task, Trace
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contracts.client_verifier.process import Ended
    from contracts.client_verifier.scenarios import Scenario
    from contracts.client_verifier.trace import ExchangeKind
    from contracts.target import Family, Target

KINDS: dict[str, ExchangeKind] = {"create": "create", "query": "query", "list": "list", "result": "result"}
# Refusals that say that the request itself was wrong. The others are about the account, the task or the day.
WRONG = frozenset(
    {
        "authorization_empty",
        "authorization_failed",
        "authorization_invalid",
        "body_too_large",
        "invalid_base64",
        "invalid_parameter",
        "invalid_request",
        "unknown_method",
        "unknown_resource",
    }
)
SERVER_ERROR = 500
TIMES = re.compile(r"times=(\d+)")
PAUSE = re.compile(r"retry_after=(\d+)")


def read_trace(
    scenario: Scenario,
    played: str,
    account: Mapping[str, Any],
    target: Target,
    ended: Ended,
    began_ms: float,
    speed: float = 1.0,
) -> Trace:
    """The run as the mock saw it.

    `account` holds what the control plane tells: "requests", "deliveries" and "tasks" (lists of objects);
    `played` is the scenario's text as the mock was given it; `began_ms` is when the command was started, in
    milliseconds since 1970 by the mock's clock, which runs `speed` times as fast as ours.
    """
    reader = _Reader(scenario, played, target, began_ms)
    return Trace(
        scenario=scenario.name,
        exchanges=tuple(reader.exchange(entry) for entry in account["requests"]),
        deliveries=tuple(reader.deliveries(account["deliveries"])),
        tasks=tuple(reader.task(task) for task in account["tasks"]),
        exit_code=ended.exit_code,
        stopped=ended.stopped,
        duration_ms=round(ended.duration_ms * speed),
        output=ended.output,
        speed=speed,
    )


class _Reader:
    """Reads the entries of one account, in the order in which they came."""

    def __init__(self, scenario: Scenario, played: str, target: Target, began_ms: float) -> None:
        times = TIMES.search(played)
        pause = PAUSE.search(played)
        self._scenario = scenario
        self._left = int(times[1]) if times else None
        self._pause_ms = int(pause[1]) * 1000 if pause else None
        self._target = target
        self._families = {family.name: family for family in target.families}
        self._began = began_ms
        # Of each task: what it costs, and why it failed, as far as requests and answers say.
        self._units: dict[str, float] = {}
        self._reasons: dict[str, str] = {}

    def exchange(self, entry: Mapping[str, Any]) -> Exchange:
        kind = KINDS.get(entry["operation"], "other")
        family = self._families.get(entry["family"])
        status = entry["status"] or None
        body = entry["answer"] if status else None
        fault = self._struck(kind)
        when = self._ms(entry["at"])
        told = _told(family, body) if status == 200 else ""
        request = entry["request"] if isinstance(entry["request"], dict) else None
        if family and kind == "create":
            self._units[entry["task"]] = float(family.cost(request))
        self._learn_reason(family, body, entry["task"])
        return Exchange(
            at_ms=when,
            answered_ms=when if status else None,
            method=entry["method"],
            path=entry["target"],
            kind=kind,
            task_id=entry["task"],
            external_id=_of_request(family, request, "external_id"),
            callback_url=_of_request(family, request, "callback_url"),
            order=_order(family, request) if kind == "create" else "",
            family=entry["family"],
            request=request,
            unknown_fields=_unknown_fields(family, request) if kind == "create" else (),
            problems=self._problems(entry, fault),
            fault=fault,
            status=status,
            code=body.get("code") if isinstance(body, dict) else None,
            message=str(body.get("message", "")) if isinstance(body, dict) else "",
            told=told,
            final=family is not None and family.terminal(told),
            doubtful=kind == "create" and self._doubtful(status, body),
            retry_after_ms=self._pause_ms if fault and entry["verdict"] in self._scenario.play else None,
        )

    def deliveries(self, log: Iterable[Mapping[str, Any]]) -> Iterable[Delivery]:
        for one in log:
            for family in self._families.values():
                self._learn_reason(family, one["body"], one["task"])
            for attempt in one["attempts"]:
                yield Delivery(
                    at_ms=self._ms(attempt["at"]),
                    task_id=one["task"],
                    told=one["status"],
                    final=any(family.terminal(one["status"]) for family in self._families.values()),
                    answered=attempt["status"] or None,
                    genuine=one.get("genuine", True),
                    fault=self._scenario.name if "callback" in self._scenario.strikes else "",
                )

    def task(self, task: Mapping[str, Any]) -> Task:
        """After all exchanges and deliveries, which tell what it costs and why it failed."""
        return Task(
            task_id=task["id"],
            status=task["status"],
            reason=self._reasons.get(task["id"], ""),
            units=self._units.get(task["id"], 0.0),
            ended_ms=self._end_of(task),
        )

    def _end_of(self, task: Mapping[str, Any]) -> int | None:
        family, last = self._families.get(task["family"]), task["plan"][-1]
        return self._ms(last["at"]) if family and family.terminal(last["status"]) else None

    def _learn_reason(self, family: Family | None, body: Any, task: str) -> None:
        record = _record(family, body)
        if family is None or record is None:
            return
        ended = family.terminal(at(record, family.task["status"]))
        reason = at(record, family.task["reason"], "")
        if ended and reason and isinstance(reason, str):
            self._reasons[task] = reason

    def _ms(self, epoch_ms: float) -> int:
        return round(epoch_ms - self._began)

    def _struck(self, kind: ExchangeKind) -> str:
        """The scenario's name when its misbehaviour showed in this exchange: it strikes the first so many."""
        if kind not in self._scenario.strikes or self._left == 0:
            return ""
        if self._left is not None:
            self._left -= 1
        return self._scenario.name

    def _problems(self, entry: Mapping[str, Any], fault: str) -> tuple[str, ...]:
        if entry["verdict"] not in WRONG or (fault and entry["verdict"] in self._scenario.play):
            return ()
        body = entry["answer"]
        said = str(body.get("message", "")) if isinstance(body, dict) else ""
        nearest = f"; nearest is {entry['nearest']}" if entry.get("nearest") else ""
        return ((said or entry["verdict"]) + nearest,)

    def _doubtful(self, status: int | None, body: Any) -> bool:
        if status is None or status >= SERVER_ERROR or not isinstance(body, dict):
            return True
        # The document's own status: some providers send every refusal under HTTP 200.
        row = self._target.document["x-errors"].get(self._target.situation_of(body.get("code")), {})
        return int(row.get("status", 0)) >= SERVER_ERROR


def _told(family: Family | None, body: Any) -> str:
    record = _record(family, body)
    return str(at(record, family.task["status"]) or "") if family and record is not None else ""


def _record(family: Family | None, body: Any) -> dict[str, Any] | None:
    """The innermost object with a task's id and status: gateways wrap the record once more."""
    if family is None or not isinstance(body, dict):
        return None
    for member in body.values():
        found = _record(family, member)
        if found is not None:
            return found
    places = (family.task["id"], family.task["status"])
    return body if all(at(body, place) is not None for place in places) else None


def _of_request(family: Family | None, request: Mapping[str, Any] | None, name: str) -> str:
    pointer = family.task["request"].get(name, "") if family else ""
    return str(at(request, pointer, "") or "") if pointer and request is not None else ""


def _order(family: Family | None, request: Mapping[str, Any] | None) -> str:
    """What a create asks for: its body without the client's own id and address, as text."""
    if family is None or request is None:
        return ""
    own: Sequence[str] = [family.task["request"].get(name, "") for name in ("external_id", "callback_url")]
    rest = {name: value for name, value in request.items() if f"/{name}" not in own}
    return json.dumps(rest, sort_keys=True, ensure_ascii=False)


def _unknown_fields(family: Family | None, request: Mapping[str, Any] | None) -> tuple[str, ...]:
    if family is None or request is None:
        return ()
    return tuple(sorted(request.keys() - family.request.get("properties", {}).keys()))
