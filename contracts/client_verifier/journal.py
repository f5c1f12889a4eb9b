"""The mock's journal of one run as a Trace."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from understudy.contracts.client_verifier.trace import (
    HTTP_ERROR,
    JournalDelivery,
    JournalExchange,
    JournalTask,
    Trace,
)
from understudy.specs.behaviour import SituationKind
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.told_apart import apart
from understudy.specs.pointers import at, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from understudy.contracts.client_verifier.played import Played, PlayedApi
    from understudy.contracts.client_verifier.process import Ended
    from understudy.contracts.client_verifier.trace import ExchangeKind
    from understudy.specs.behaviour import Situation, TaskFamily
    from understudy.specs.behaviour.axes import CallRule, IdempotencyRule

KINDS: dict[str, ExchangeKind] = {"create": "create", "query": "query", "list": "list", "result": "result"}
# Refusals of requests that were well made: about a task, its state, or an order that exists already.
UNKNOWN_TASK = "unknown_task"
WELL_MADE = frozenset(
    {UNKNOWN_TASK, "duplicate_external_id", "task_ended", "task_not_ended", "task_without_result"}
)
OK, UNAUTHORIZED, SERVER_ERROR = 200, 401, 500
JSON = "application/json"
# How the journal shortens a long text: its beginning, and how long it was.
SHORTENED = re.compile(r"(.{32}|.{200})… \((\d{1,9}) characters\)", re.DOTALL)


def read_trace(played: Played, seen: Mapping[str, Any], api: PlayedApi, ended: Ended) -> Trace:
    """The run as the mock saw it.

    `seen` holds what the control plane tells: "requests" (whoever sent them), "deliveries" and "tasks".
    """
    reader = _JournalReader(played, api)
    reader.know_own_ids(seen["requests"])
    return Trace(
        scenario=played.scenario.name,
        exchanges=tuple(reader.exchange(entry) for entry in seen["requests"]),
        deliveries=tuple(reader.deliveries(seen["deliveries"])),
        tasks=tuple(reader.task(task) for task in seen["tasks"]),
        exit_code=ended.exit_code,
        stopped=ended.stopped,
        duration_ms=round(ended.duration_ms * played.speed),
        output=ended.output,
        speed=played.speed,
        orders=played.orders,
        task_ms=played.task_ms,
        passing=played.passing,
        restarted=played.restarted,
        keys_count="idempotency" in played.parts or any(_replays(rule) for rule in reader.key_rules),
    )


class _JournalReader:
    """Reads the entries of one run, in the order in which they came."""

    def __init__(self, played: Played, api: PlayedApi) -> None:
        self._scenario = played.scenario
        self._names = played.parts.keys()
        self._left = played.number("times")
        self._before = played.number("after") or 0
        pause = played.number("retry_after")
        self._pause_ms = pause * 1000 if pause is not None else None
        self._families = {family.name: family for family in api.behaviour.families}
        self._fields = api.fields
        self._refusals = api.behaviour.refusals
        self._key_rule = {name: _key_rule(family) for name, family in self._families.items()}
        self._began = played.began_ms
        # Of each task: what it costs, and why it failed, as far as requests and answers say.
        self._units: dict[str, float] = {}
        self._reasons: dict[str, str] = {}
        # The ids by which a client may ask: those of tasks, and its own.
        self._ids: set[str] = set()

    def exchange(self, entry: Mapping[str, Any]) -> JournalExchange:
        family = self._families.get(entry["family"])
        kind = _kind(family, entry)
        status = entry["status"] or None
        body = entry["answer"] if status else None
        # Downloads are refused or come whole: one that came met nothing.
        unhurt = status == OK if kind == "result" else self._at_fault(entry)
        fault = "" if unhurt else self._struck(kind)
        when = self._ms(entry["at"])
        told = _status_in(family, entry) if status and _may_tell(family, entry) else ""
        request = restored(entry["request"]) if isinstance(entry["request"], dict) else None
        if family and kind == "create":
            self._units[entry["task"]] = float(family.units(request))
        self._learn_reason(family, body, entry["task"])
        self._ids.add(entry["task"])
        return JournalExchange(
            at_ms=when,
            answered_ms=when if status else None,
            method=entry["method"],
            path=entry["target"],
            kind=kind,
            task_id=entry["task"] or (self._named_in(entry) if kind == "result" else ""),
            external_id=_asked(family, request, "external_id"),
            callback_url=_asked(family, request, "callback_url"),
            order=_order(family, request, entry.get("cut", {})) if kind == "create" else "",
            family=entry["family"],
            request=request,
            unknown_fields=self._unknown_fields(entry["family"], request) if kind == "create" else (),
            problems=self._problems(entry, fault),
            fault=fault,
            status=status,
            code=self._refusals.code_in(body),
            message=self._refusals.message_in(body),
            told=told,
            final=family is not None and family.lifecycle.is_terminal(told),
            given=_given(family, body) if told else 0,
            doubtful=kind == "create" and self._doubtful(status, body),
            retry_after_ms=self._pause_ms if fault and entry["verdict"] in self._names else None,
            verdict=entry["verdict"],
            media_type=_foreign_media_type(entry) if kind == "create" else "",
            idempotency_key=_key(self._key_rule.get(entry["family"]), entry) if kind == "create" else "",
            missing=self._is_missing(entry),
            unknown_id="" if fault else self._unknown_id(family, entry),
        )

    def know_own_ids(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Clients may look for an order by their own id before they send it, or when it did not arrive."""
        for entry in entries:
            self._ids.add(_asked(self._families.get(entry["family"]), entry["request"], "external_id"))

    @property
    def key_rules(self) -> Iterable[IdempotencyRule | None]:
        """What the API's families say of idempotency keys."""
        return self._key_rule.values()

    def deliveries(self, log: Iterable[Mapping[str, Any]]) -> Iterable[JournalDelivery]:
        for one in log:
            for family in self._families.values():
                self._learn_reason(family, one["body"], one["task"])
            for attempt in one["attempts"]:
                yield JournalDelivery(
                    at_ms=self._ms(attempt["at"]),
                    task_id=one["task"],
                    told=one["status"],
                    final=any(f.lifecycle.is_terminal(one["status"]) for f in self._families.values()),
                    given=max((_given(f, one["body"]) for f in self._families.values()), default=0),
                    answered=attempt["status"] or None,
                    genuine=one.get("genuine", True),
                    fault=self._scenario.name if "callback" in self._scenario.strikes else "",
                )

    def task(self, task: Mapping[str, Any]) -> JournalTask:
        """After all exchanges and deliveries, which tell what it costs and why it failed."""
        family = self._families.get(task["family"])
        kind = family.lifecycle.kind(task["status"]) if family is not None else None
        return JournalTask(
            task_id=task["id"],
            status=task["status"],
            reason=self._reasons.get(task["id"], ""),
            units=self._units.get(task["id"], 0.0),
            ended_ms=self._end_of(task),
            failed=kind is not None and not kind.charged,
        )

    def _end_of(self, task: Mapping[str, Any]) -> int | None:
        family, last = self._families.get(task["family"]), task["plan"][-1]
        return self._ms(last["at"]) if family and family.lifecycle.is_terminal(last["status"]) else None

    def _learn_reason(self, family: TaskFamily | None, body: Any, task: str) -> None:
        record = family.record(body) if family is not None else None
        if (
            family is not None
            and record is not None
            and family.lifecycle.is_terminal(family.status_of(record))
        ):
            reason = family.reason_of(record)
            if reason:
                self._reasons[task] = reason

    def _ms(self, epoch_ms: float) -> int:
        return round(epoch_ms - self._began)

    def _struck(self, kind: ExchangeKind) -> str:
        """The scenario's name when its misbehaviour showed in this exchange: it strikes the first so many."""
        if kind not in self._scenario.strikes or self._left == 0:
            return ""
        if self._before:
            self._before -= 1
            return ""
        if self._left is not None:
            self._left -= 1
        return self._scenario.name

    def _situation(self, verdict: str) -> Situation | None:
        return self._refusals.situations.get(verdict)

    def _at_fault(self, entry: Mapping[str, Any]) -> bool:
        """Whether a request was refused for what it is, and so met nothing of what is played."""
        situation = self._situation(entry["verdict"])
        if situation is None or self._names & {situation.name, situation.twin_of}:
            return False
        told = entry["status"] == (self._refusals.http_status or situation.status)
        return told and bool(self._problems(entry, ""))

    def _problems(self, entry: Mapping[str, Any], fault: str) -> tuple[str, ...]:
        """What the contract has against a request: it is not one, or it was sent with the wrong key."""
        situation = self._situation(entry["verdict"])
        if situation is None or (fault and entry["verdict"] in self._names):
            return ()
        wrong = situation.kind is SituationKind.REQUEST or situation.status == UNAUTHORIZED
        if not wrong or (situation.twin_of or situation.name) in WELL_MADE:
            return ()
        nearest = f"; nearest is {entry['nearest']}" if entry.get("nearest") else ""
        return ((self._refusals.message_in(entry["answer"]) or entry["verdict"]) + nearest,)

    def _named_in(self, entry: Mapping[str, Any]) -> str:
        """The task whose result a path names: the mock knows of none when there is no such result."""
        parts = urlsplit(entry["target"]).path.split("/")
        return next((part for part in parts if part and part in self._ids), "")

    def _is_missing(self, entry: Mapping[str, Any]) -> bool:
        situation = self._situation(entry["verdict"])
        return situation is not None and (situation.twin_of or situation.name) == UNKNOWN_TASK

    def _unknown_id(self, family: TaskFamily | None, entry: Mapping[str, Any]) -> str:
        """The id that a query named, when neither an answer nor the client's own create had given it out."""
        if family is None or entry["operation"] != "query" or not self._is_missing(entry):
            return ""
        parts = urlsplit(entry["target"])
        asked = unquote(parts.path.partition(family.operations.create.path)[2].strip("/"))
        asked = asked or next((v for n, v in parse_qsl(parts.query) if n in family.query_parameters), "")
        # A cancel, or a request for results, names the task in the middle.
        return "" if self._ids & {asked, *asked.split("/")} else asked

    def _unknown_fields(self, family: str, request: Mapping[str, Any] | None) -> tuple[str, ...]:
        known = self._fields.get(family, frozenset())
        return tuple(sorted((request or {}).keys() - known)) if known is not None else ()

    def _doubtful(self, status: int | None, body: Any) -> bool:
        if status is None or status >= SERVER_ERROR or not isinstance(body, dict):
            return True
        # By the code too: some providers send every refusal under HTTP 200.
        if status < HTTP_ERROR and not self._refusals.is_error(body):
            return False
        meant = self._refusals.with_code(self._refusals.code_in(body))
        return bool(meant) and all(one.kind is SituationKind.SERVER for one in meant)


def restored(value: Any) -> Any:
    """`value` with the texts that the journal shortened made as long again as they were.

    What was cut is not known, and filled with a letter that may stand in any URL and in any Base64.
    """
    if isinstance(value, str) and (cut := SHORTENED.fullmatch(value)):
        return cut[1] + "A" * (int(cut[2]) - len(cut[1]))
    if isinstance(value, list):
        return [restored(part) for part in value]
    if isinstance(value, dict):
        return {name: restored(part) for name, part in value.items()}
    return value


def _kind(family: TaskFamily | None, entry: Mapping[str, Any]) -> ExchangeKind:
    """What a request is; the mock notes all that is about one task as a query."""
    axes = family.axes if family is not None else None
    if axes is not None and axes.cancel is not None and _is_call(axes.cancel.call, entry):
        return "cancel"
    # A second request for the result in JSON may be a poll as well: it tells when there is none yet.
    rule = axes.results if axes is not None else None
    if axes is not None and rule is not None and rule.gives_bytes and _is_call(rule.call, entry):
        is_query = rule.call.path == axes.query.path
        if not is_query or rule.call.replies.of(_status_in(family, entry)).is_file:
            return "result"
    return KINDS.get(entry["operation"], "other")


def _is_call(call: CallRule, entry: Mapping[str, Any]) -> bool:
    """Whether a request is this call, of whatever task."""
    if entry["method"] != call.method:
        return False
    bare, mark = apart(call.path)
    path, sent = ".+".join(re.escape(part) for part in VARIABLE.split(bare)[::3]), urlsplit(entry["target"])
    if mark is not None and mark.place == "query" and not mark.is_on(sent.query, ""):
        return False
    return re.search(f"{path}$", sent.path) is not None


def _may_tell(family: TaskFamily | None, entry: Mapping[str, Any]) -> bool:
    """Whether an answer may tell a state: a query's of a described API under any HTTP status."""
    if entry["status"] == OK:
        return True
    return family is not None and family.axes is not None and entry["operation"] == "query"


def _status_in(family: TaskFamily | None, entry: Mapping[str, Any]) -> str:
    """The state that an answer tells, "" for none."""
    if family is None:
        return ""
    if entry["operation"] == "query":
        record = family.record_in(entry["status"], entry["answer"], entry["task"])
    else:
        record = family.record(entry["answer"])
    return str(family.status_of(record) or "") if record is not None else ""


def _given(family: TaskFamily | None, body: Any) -> int:
    """How many results the record in a body tells."""
    record = family.record(body) if family is not None else None
    return len(family.items_of(record)) if family is not None and record is not None else 0


def _asked(family: TaskFamily | None, request: Mapping[str, Any] | None, name: str) -> str:
    return str(family.asked(name, request) or "") if family is not None and request is not None else ""


def _order(family: TaskFamily | None, request: Mapping[str, Any] | None, cut: Mapping[str, str]) -> str:
    """What a create asks for: its body without the client's own id, key and address, as text.

    cut: JSON Pointer -> fingerprint of what the journal does not show as it was sent: that differs, too.
    """
    if family is None or request is None:
        return ""
    own = {family.request[name] for name in ("external_id", "callback_url") if name in family.request}
    if (rule := _key_rule(family)) is not None:
        own.add(rule.path)
    rest = {name: value for name, value in request.items() if (name,) not in own}
    return json.dumps(_told_apart(rest, cut, ""), sort_keys=True, ensure_ascii=False)


def _told_apart(value: Any, cut: Mapping[str, str], pointer: str) -> Any:
    """`value` with its fingerprint behind each text that has one."""
    if isinstance(value, dict):
        return {name: _told_apart(part, cut, f"{pointer}/{escape(name)}") for name, part in value.items()}
    if isinstance(value, list):
        return [_told_apart(part, cut, f"{pointer}/{n}") for n, part in enumerate(value)]
    return f"{value} {cut[pointer]}" if pointer in cut else value


def _header(entry: Mapping[str, Any], name: str) -> str:
    return next((str(value) for n, value in entry["headers"].items() if n.lower() == name), "")


def _key_rule(family: TaskFamily) -> IdempotencyRule | None:
    return family.axes.service.idempotency if family.axes is not None else None


def _replays(rule: IdempotencyRule | None) -> bool:
    return rule is not None and rule.same == "replay"


def _key(rule: IdempotencyRule | None, entry: Mapping[str, Any]) -> str:
    """The idempotency key of a create: where the API says that it stands, or the usual header."""
    if rule is not None and rule.path:
        return str(at(entry["request"], rule.path) or "")
    return _header(entry, (rule.header if rule is not None else "").lower() or "idempotency-key")


def _foreign_media_type(entry: Mapping[str, Any]) -> str:
    """The type that a body was sent as, when it is not JSON's; "nothing" when none was named."""
    sent = _header(entry, "content-type")
    plain = sent.partition(";")[0].strip().lower()
    if not entry["request"] or plain == JSON or plain.endswith("+json"):
        return ""
    return plain or "nothing"
