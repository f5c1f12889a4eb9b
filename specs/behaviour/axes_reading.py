"""The axes of an API of tasks, read from its description into the records of `specs.behaviour.axes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from understudy.specs.behaviour.axes import (
    JSON,
    NO_BODY,
    AccountRule,
    Axes,
    BatchRule,
    CallbackRule,
    CallRule,
    ChallengeRule,
    ChoicesRule,
    CreateRule,
    EndingRule,
    FailureRule,
    FilterRule,
    IdempotencyRule,
    LimitRule,
    ListingRule,
    Replies,
    Reply,
    ResultsRule,
    ServiceRule,
    SignatureRule,
    StreamRule,
    WaitRule,
)
from understudy.specs.behaviour.templates import MISSING
from understudy.specs.pointers import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def read_reply(data: Mapping[str, Any] | None, *, status: int = 200, body: Any = "$record") -> Reply:
    """One answer of a description; `status` and `body` are what it has without a word."""
    data = data or {}
    status = data.get("status", status)
    body = "$absent" if status in NO_BODY else body
    return Reply(
        status=status,
        headers=dict(data.get("headers", {})),
        body=MISSING if data.get("body", body) == "$absent" else data.get("body", body),
        situation=data.get("situation", ""),
        bytes=data.get("bytes") is True,
        redirect=data.get("redirect") is True,
    )


def read_call(data: Mapping[str, Any], *, method: str = "GET", body: Any = "$record") -> CallRule:
    """One operation on a task; its id stands in the path's {id} unless it is said to stand elsewhere."""
    ident = data.get("id", {"in": "path", "name": "id"})
    usual = read_reply(data.get("answer"), body=body)
    states = {
        state: read_reply(reply, status=usual.status, body=usual.body)
        for state, reply in data.get("states", {}).items()
    }
    return CallRule(
        data.get("method", method), data["path"], ident["in"], ident["name"], Replies(usual, states)
    )


Rule = TypeVar("Rule")


def optional(read: Callable[[Mapping[str, Any]], Rule], data: Mapping[str, Any] | None) -> Rule | None:
    """What `read` makes of an axis that may be left out."""
    return None if data is None else read(data)


def read_service(root: Mapping[str, Any]) -> ServiceRule:
    """The account, headers, limits and idempotency of a description."""
    limits: Mapping[str, Any] = root.get("limits", {})
    return ServiceRule(
        account=_account(root["account"]) if "account" in root else AccountRule(),
        headers=dict(root.get("headers", {})),
        limits=LimitRule(
            active=limits.get("active", 0),
            throttled=limits.get("over") == "throttled",
            per_second=limits.get("per_second", 0),
            headers=dict(limits.get("headers", {})),
        ),
        idempotency=optional(_idempotency, root.get("idempotency")),
    )


def _idempotency(data: Mapping[str, Any]) -> IdempotencyRule:
    return IdempotencyRule(data.get("header", ""), path_of(data.get("field", "")), data["same"])


def _account(data: Mapping[str, Any]) -> AccountRule:
    return AccountRule(
        data["in"],
        data["name"],
        data.get("scheme", ""),
        tuple(map(_account, data.get("also", ()))),
        data.get("refused", ""),
    )


def read_axes(family: Mapping[str, Any], service: ServiceRule, states: tuple[str, ...]) -> Axes:
    """The axes of one family of a description; `states` are those that are not terminal."""
    return Axes(
        record=family["record"],
        service=service,
        create=_create(family["create"]),
        query=read_call(family["query"]),
        batch=optional(_batch, family["query"].get("batch")),
        results=_results_of(family),
        cancel=optional(lambda data: _ending(data, "POST", states), family.get("cancel")),
        delete=optional(lambda data: _ending(data, "DELETE", states), family.get("delete")),
        listing=optional(_listing, family.get("list")),
        stream=optional(_stream, family.get("stream")),
        callback=optional(lambda data: _callback(data, tuple(family["states"])), family.get("callback")),
        failures={
            name: FailureRule(one["reason"], one.get("code", ""), one.get("state", ""))
            for name, one in family.get("failures", {}).items()
        },
        retention_ms=family.get("retention_seconds", 0) * 1000,
        unknown=family.get("unknown", "unknown_task"),
        unknown_reply=optional(read_reply, family.get("unknown_answer")),
        needs_key=family["result"].get("needs_key") is True,
    )


def _batch(data: Mapping[str, Any]) -> BatchRule:
    return BatchRule(
        data.get("method", "POST"),
        data["path"],
        path_of(data["ids"]),
        data["body"],
        data.get("in", "body"),
        data.get("external", ""),
        data.get("most", 0),
    )


def _results_of(family: Mapping[str, Any]) -> ResultsRule | None:
    """The request that fetches results; where a query itself is answered with them, that query."""
    if "results" in family:
        return _results(family["results"])
    query = ResultsRule(read_call(family["query"]))
    return query if query.gives_bytes else None


def _results(data: Mapping[str, Any]) -> ResultsRule:
    return ResultsRule(read_call(data), data.get("variant", ""), dict(data.get("variants", {})))


def _stream(data: Mapping[str, Any]) -> StreamRule:
    return StreamRule(read_call(data), data.get("event", ""), data.get("body", "$record"))


def _create(data: Mapping[str, Any]) -> CreateRule:
    reply = read_reply(data.get("answer"))
    return CreateRule(
        method=data.get("method", "POST"),
        schemas={data["path"]: data.get("schema", {"type": "object"}), **data.get("also", {})},
        media=tuple(data.get("media", (JSON,))),
        headers=dict(data.get("headers", {})),
        reply=reply,
        wait=optional(
            lambda wait: WaitRule(
                wait["header"],
                wait["most_seconds"] * 1000,
                wait.get("status", reply.status),
                wait.get("open_status", reply.status),
            ),
            data.get("wait"),
        ),
    )


def _ending(data: Mapping[str, Any], method: str, states: tuple[str, ...]) -> EndingRule:
    return EndingRule(
        call=read_call({key: value for key, value in data.items() if key != "states"}, method=method),
        states=tuple(data.get("states", states)),
        becomes=data.get("becomes", ""),
        removes=data.get("removes") is True,
        otherwise=optional(read_reply, data.get("otherwise")),
    )


def _listing(data: Mapping[str, Any]) -> ListingRule:
    usual = data.get("usual", 30)
    return ListingRule(
        method=data.get("method", "GET"),
        path=data["path"],
        by=data["by"],
        position=data.get("position", ""),
        size=data.get("size", ""),
        usual=usual,
        most=data.get("most", max(usual, 100)),
        filters=dict(data.get("filters", {})),
        reply=read_reply(data["answer"], body="$records"),
        in_body=data.get("in") == "body",
        choices=optional(_choices, data.get("choices")),
    )


def _choices(data: Mapping[str, Any]) -> ChoicesRule:
    return ChoicesRule(path_of(data["at"]), data["key"], data["values"], dict(data["names"]))


def _callback(data: Mapping[str, Any], states: tuple[str, ...]) -> CallbackRule:
    [(place, name)] = data["at"].items()
    retry: Mapping[str, Any] = data.get("retry", {})
    return CallbackRule(
        place=place,
        name=name,
        on=tuple(data.get("on", states)),
        filter=optional(_filter, data.get("filter")),
        body=data.get("body"),
        headers=dict(data.get("headers", {})),
        retry_ms=tuple(int(seconds * 1000) for seconds in retry["after_seconds"]) if retry else None,
        timeout_ms=int(retry.get("timeout_seconds", 0) * 1000),
        challenge=optional(_challenge, data.get("challenge")),
        signature=_signature(data.get("signature", {})),
    )


def _signature(data: Mapping[str, Any]) -> SignatureRule:
    told: Mapping[str, Any] = data.get("secret_at", {})
    rest = {key: value for key, value in data.items() if key != "secret_at"}
    return SignatureRule(**rest, secret_path=told.get("path", ""), secret_body=told.get("body"))


def _filter(data: Mapping[str, Any]) -> FilterRule:
    words = {word: tuple(states) for word, states in data["words"].items()}
    return FilterRule(path_of(data["field"]), words, tuple(data.get("usual", words)))


def _challenge(data: Mapping[str, Any]) -> ChallengeRule:
    return ChallengeRule(data["body"], data["answer"], data.get("situation", "invalid_parameter"))
