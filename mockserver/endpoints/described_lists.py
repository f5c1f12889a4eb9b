"""Operations of described APIs on several tasks: lists, and queries for more than one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.mockserver.endpoints.described_exchange import account_tasks, read_body
from understudy.mockserver.endpoints.json_body import read_json
from understudy.mockserver.endpoints.query import polled
from understudy.mockserver.errors import Refused
from understudy.specs.behaviour.axes import Reply
from understudy.specs.behaviour.templates import MISSING, fill
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from understudy.mockserver.endpoints.described_exchange import DescribedExchange
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour.axes import ListingRule

TIMES = ("since", "until")


async def listing(exchange: DescribedExchange) -> None:
    rule = exchange.axes.listing
    if rule is None:
        return
    body = read_json(await read_body(exchange) or b"{}", exchange.headers) if rule.in_body else None
    account = exchange.admitted()
    if exchange.effects.refuse:
        raise exchange.chosen_refusal()
    asked = ListRequest(rule, exchange.query, body)
    now = exchange.at = account.clock.now()
    chosen = [task for task in account_tasks(exchange, account) if asked.chooses(task, now)]
    size = min(rule.most, max(1, number(asked.text(rule.size), rule.usual)))
    start, position = begin(asked, chosen, size)
    shown = chosen[start : start + size]
    more = start + size < len(chosen)
    request_id = exchange.state.ids.request()
    records = [exchange.record(task, now, request_id) for task in shown]
    following = shown[-1].id if more and shown else None
    values = {
        "records": records, "total": len(chosen), "count": len(records), "page": position, "page_size": size,
        "has_more": more, "next": following, "next_url": following and next_url(exchange, rule, following),
        "previous": None,
        "first_id": shown[0].id if shown else None, "last_id": shown[-1].id if shown else None,
        "null": None, "absent": MISSING, "request_id": request_id, "code": 0,
    }  # fmt: skip
    await exchange.tell(rule.reply, None, now, fill(rule.reply.body, lambda name: values.get(name, "")))


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a request for a list asks for, in its query string or in its body."""

    rule: ListingRule
    query: dict[str, str]
    body: Any

    def text(self, name: str) -> str:
        """A parameter's value as text, "" when it is absent; several values with commas between."""
        value = at(self.body, name) if self.rule.in_body and name else self.query.get(name)
        if isinstance(value, list):
            return ",".join(map(str, value))
        return "" if value is None else str(value)

    def chooses(self, task: Task, now: int) -> bool:
        """Whether a task is among those that the filters leave. A cursor overrides the times."""
        held = {"status": task.status(now), "id": task.id, "model": task.request.model}
        goes_on = self.rule.by == "cursor" and bool(self.text(self.rule.position))
        for name, what in self.rule.filters.items():
            wanted = self.text(name)
            if what not in TIMES and wanted and held[what] not in wanted.split(","):
                return False
            if what in TIMES and not goes_on and not in_time(what, number(wanted, 0), task.created_at):
                return False
        return all(held[what] in wanted for what, wanted in self._choices())

    def _choices(self) -> list[tuple[str, list[str]]]:
        """(what, the wanted values) of the body's list of choices, without those that are not known."""
        rule = self.rule.choices
        listed = at(self.body, rule.path) if rule is not None else None
        if rule is None or not isinstance(listed, list):
            return []
        known = [one for one in listed if isinstance(one, dict) and one.get(rule.key) in rule.names]
        return [(rule.names[one[rule.key]], list(map(str, one.get(rule.values) or ()))) for one in known]


def in_time(bound: str, limit: int, created: int) -> bool:
    """Whether a time of creation keeps to one bound, both in milliseconds; 0 is no bound."""
    return not limit or (created >= limit if bound == "since" else created <= limit)


def begin(asked: ListRequest, tasks: list[Task], size: int) -> tuple[int, int]:
    """(the index of the first task shown, the position as the client said it); raises Refused."""
    rule, given = asked.rule, asked.text(asked.rule.position)
    if rule.by == "cursor":
        after = next((i + 1 for i, task in enumerate(tasks) if task.id == given), None)
        if given and after is None:
            raise Refused("invalid_parameter", field=rule.position, reason="unknown cursor")
        return after or 0, 0
    if rule.by == "offset":
        offset = max(0, number(given, 0))
        return offset, offset
    page = max(1, number(given, 1)) if rule.by == "page" else 1
    return (page - 1) * size, page


def number(text: str, usual: int) -> int:
    return int(text) if text.isdigit() and len(text) < 16 else usual


def next_url(exchange: DescribedExchange, rule: ListingRule, cursor: str) -> str:
    return f"{exchange.origin()}{exchange.route.prefix}{rule.path}?{rule.position}={cursor}"


def asks_for_several(exchange: DescribedExchange) -> bool:
    """Whether a query names more than one task, where the API asks for them at the same place."""
    rule = exchange.axes.batch
    if rule is None or rule.place != "query" or rule.path != exchange.axes.query.path:
        return False
    one = exchange.query.get("/".join(rule.ids), "")
    return "," in one or (not one and bool(exchange.query.get(rule.external)))


async def batch(exchange: DescribedExchange) -> None:
    rule = exchange.axes.batch
    if rule is None:
        return
    field = "/".join(rule.ids)
    if rule.place == "query":
        account = exchange.admitted()
        told = exchange.query.get(field) or exchange.query.get(rule.external, "")
        ids: Any = [one for one in told.split(",") if one]
    else:
        body = read_json(await read_body(exchange), exchange.headers)
        account = exchange.admitted()
        ids = at(body, rule.ids)
    if not isinstance(ids, list):
        raise Refused("invalid_parameter", field=field, reason="must be a list of ids")
    if rule.most and len(ids) > rule.most:
        raise Refused("invalid_parameter", field=field, reason=f"must be at most {rule.most} ids")
    now = exchange.at = account.clock.now()
    named = (exchange.find(account, str(one)) for one in ids)
    tasks = list({task.id: task for task in named if task is not None}.values())
    for task in tasks:
        if task.plan.rest:
            await polled(exchange.state, task, now)
    records = [exchange.record(task, now) for task in tasks]
    values = {
        "records": records, "total": len(records), "count": len(records), "null": None, "code": 0,
        "request_id": exchange.state.ids.request(),
    }  # fmt: skip
    await exchange.tell(Reply(200), None, now, fill(rule.body, lambda name: values.get(name, "")))
