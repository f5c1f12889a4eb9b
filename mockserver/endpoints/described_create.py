"""Creating a task of a described API: JSON or a form, checked, once for each idempotency key."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.accounts.journal import kept
from understudy.mockserver.endpoints.create import MOST_WORDS, misfit, take_slots
from understudy.mockserver.endpoints.described_exchange import read_body
from understudy.mockserver.endpoints.json_body import read_json
from understudy.mockserver.errors import Refused
from understudy.mockserver.play.described import remembered
from understudy.mockserver.play.faults import PROMPT_SCENARIO
from understudy.mockserver.store.tasks import Task, TaskPlan, TaskRequest
from understudy.specs.behaviour.axes import JSON, Reply
from understudy.specs.behaviour.forms import FORMS, read_form
from understudy.specs.behaviour.lifecycle import StateClass
from understudy.specs.behaviour.templates import fill
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.endpoints.described_exchange import DescribedExchange

MOST_KEYS = 10_000
# How often a waiting create looks whether its task has ended, in real seconds: a clock may be moved by hand.
LOOK_SECONDS = 0.05


async def create(exchange: DescribedExchange) -> None:
    """Answer a create; raises Refused."""
    raw = await read_body(exchange)
    exchange.body = kept(raw, None)
    value, unread = examined(exchange, raw)
    prompt = exchange.played.behaviour.asked("prompt", value)
    inner = PROMPT_SCENARIO.search(prompt) if isinstance(prompt, str) else None
    account = exchange.admitted(inner=inner[1] if inner else "")
    if exchange.effects.refuse and not exchange.effects.keep_task:
        raise exchange.chosen_refusal()
    if unread is not None:
        raise unread
    check = exchange.played.checks[exchange.route.path]
    if not check.is_valid(value):
        raise check.refusal(value)
    breach = exchange.played.rules.outcome(value) if exchange.played.rules is not None else None
    if breach is not None and breach.rule.refuses:
        raise misfit(breach)
    if await replayed(exchange, account, value, raw):
        return
    await challenged(exchange, callback_url(exchange, value))
    task = accept(exchange, account, value, breach.rule.fails if breach is not None else "")
    written = exchange.state.store.add(task)
    if written is not None:
        await written
    exchange.task = task.id
    await told(exchange, account, task)
    if task.callback_url:
        exchange.state.outbox.watch(task)


async def told(exchange: DescribedExchange, account: Account, task: Task) -> None:
    """Answer, at once or when the task has ended, with the task as it is then."""
    if exchange.effects.refuse:  # created all the same
        await exchange.refuse(exchange.chosen_refusal(task.external_id))
        return
    if exchange.effects.early and task.callback_url:
        await exchange.state.outbox.now(task)
    rule = exchange.axes.create
    reply = rule.reply
    seconds = willing(exchange)
    waited = seconds > 0 and await ends(exchange, account, task, seconds)
    if seconds and rule.wait is not None:
        status = rule.wait.status if waited else rule.wait.open_status
        reply = Reply(status, reply.headers, reply.body)
    # Without waiting it is told as it began, whatever the pace: as ended it is seen by the first query.
    await exchange.tell(reply, task, account.clock.now() if waited else task.created_at, begun=not waited)


def willing(exchange: DescribedExchange) -> float:
    """The seconds that a client is willing to wait (`Prefer: wait=5`, RFC 7240, 4.3), 0 for none."""
    rule = exchange.axes.create.wait
    if rule is None:
        return 0.0
    name, _, seconds = exchange.header(rule.header).replace(" ", "").partition("=")
    if name.lower() != "wait":
        return 0.0
    most = rule.most_ms / 1000
    return min(most, float(seconds)) if seconds.isdigit() else most


async def ends(exchange: DescribedExchange, account: Account, task: Task, seconds: float) -> bool:
    """Whether the task ends within so many seconds.

    Under the pace "after N polls" time ends no task: nobody waits for it.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not exchange.played.lifecycle.is_terminal(task.status(account.clock.now())):
        if task.plan.rest or loop.time() >= until:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True


# --- the body


def examined(exchange: DescribedExchange, raw: bytes) -> tuple[Any, Refused | None]:
    """(the body's value, why it cannot be read)."""
    kind = exchange.header("content-type")
    media = kind.partition(";")[0].strip().lower()
    known = exchange.axes.create.media
    if media in FORMS and media in known:
        return read_form(kind, raw, exchange.played.checks[exchange.route.path].source), None
    if JSON not in known:
        return None, Refused("invalid_request", reason=f"the body must be {' or '.join(known)}")
    try:
        return read_json(raw, exchange.headers), None
    except Refused as refused:
        return None, refused


# --- the same twice


async def replayed(exchange: DescribedExchange, account: Account, value: Any, raw: bytes) -> bool:
    """Whether the create repeats an idempotency key and has been answered; raises Refused.

    The same key with another body is always refused (Idempotency-Key, draft 08, section 2.6).
    """
    rule = exchange.axes.service.idempotency
    same = exchange.effects.idempotency or (rule.same if rule is not None else "")
    if rule is None or same == "ignore":
        return False
    given = exchange.header(rule.header) if rule.header else ""
    key = str(at(value, rule.path) or "") if rule.path else given
    if not key:
        return False
    known = exchange.played.creates_by_key
    digest = hashlib.sha256(raw).hexdigest()
    first = known.get((account.key, key))
    if first is None:
        if len(known) >= MOST_KEYS:
            known.pop(next(iter(known)))
        exchange.idempotency = (account.key, key, digest)
        return False
    before, task_id = first
    task = exchange.state.store.task(task_id)
    key_ms = exchange.effects.key_ms
    if key_ms and task is not None and account.clock.now() >= task.created_at + key_ms:
        exchange.idempotency = (account.key, key, digest)
        return False
    if same == "reject" or before != digest:
        raise Refused("idempotency_conflict", id=key)
    if task is None:
        return False
    exchange.task = task.id
    await exchange.tell(exchange.axes.create.reply, task, task.created_at)
    return True


# --- the task


def accept(exchange: DescribedExchange, account: Account, value: Any, fails: str = "") -> Task:
    """The new task; `fails` names why its request makes it fail. Raises Refused."""
    state, played, family = exchange.state, exchange.played, exchange.played.behaviour
    external_id = family.asked("external_id", value) or ""
    if external_id and state.store.has_external_id(account.key, str(external_id)):
        raise Refused("duplicate_external_id", id=str(external_id))
    now = exchange.at = account.clock.now()
    task_id = state.ids.task()
    plan = played.plan(account.pace or state.defaults.pace, exchange.effects, task_id, fails=fails)
    prompt, model = family.asked("prompt", value), family.asked("model", value)
    task = Task(
        task_id,
        account.key,
        played.profile.name,
        played.name,
        str(external_id),
        now,
        throttled(exchange, account, plan, now),
        TaskRequest(
            family.count(value),
            str(family.result.aspect_ratio.of(value)),
            seconds(family.result.duration.of(value)) if family.result.duration else "0",
            prompt[:MOST_WORDS] if isinstance(prompt, str) else "",
            None,
            model if isinstance(model, str) else "",
            1,
            remembered(value, exchange.variables, exchange.query, exchange.route.prefix),
        ),
        callback_url(exchange, value),
        exchange.origin(),
        exchange.keeps,
    )
    if account.limits:
        take_slots(state, played, account, task)
    elif exchange.axes.service.limits.active:
        account.running = [
            *(one for one in account.running if not state.is_terminal(one, one.status(now))),
            task,
        ]
    if not account.kept:
        state.accounts.keep(account)
    if exchange.idempotency is not None:
        owner, key, digest = exchange.idempotency
        played.creates_by_key[owner, key] = (digest, task.id)
    return task


async def challenged(exchange: DescribedExchange, url: str) -> None:
    """Ask the callback's address to prove that it listens; raises Refused when it does not."""
    rule = exchange.axes.callback.challenge if exchange.axes.callback is not None else None
    if rule is None or not url:
        return
    known = {"challenge": exchange.state.ids.request(), "null": None}
    sent, expected = (
        fill(template, lambda name: known.get(name, "")) for template in (rule.body, rule.answer)
    )
    told = await exchange.state.sender.ask(url, orjson.dumps(sent))
    try:
        answered = orjson.loads(told) if told else None
    except orjson.JSONDecodeError:
        answered = None
    if answered != expected:
        reason = "did not answer the challenge"
        raise Refused(rule.situation, field="callback_url", reason=reason)


def seconds(value: Any) -> str:
    """A duration in seconds as a number's text: 5, "5s" and "5" are "5"; what is none of those is "5"."""
    text = str(value).removesuffix("s")
    return text if text.replace(".", "", 1).isdigit() else "5"


def callback_url(exchange: DescribedExchange, value: Any) -> str:
    """Where the create wants callbacks, "" for nowhere."""
    rule = exchange.axes.callback
    if rule is None:
        return ""
    if rule.place == "query":
        return exchange.query.get(rule.name, "")
    if rule.place == "header":
        return exchange.header(rule.name)
    found: Any = at(value, rule.name)
    return found if isinstance(found, str) else ""


def throttled(exchange: DescribedExchange, account: Account, plan: TaskPlan, now: int) -> TaskPlan:
    """The plan of one task too many: it waits until another ends. Raises Refused where it may not."""
    limits = exchange.axes.service.limits
    if not limits.active or exchange.active(account) < limits.active:
        return plan
    held = exchange.played.lifecycle.of(StateClass.THROTTLED)
    if not limits.throttled or not held:
        raise Refused("too_many_tasks")
    running = [one for one in account.running if not exchange.state.is_terminal(one, one.status(now))]
    last = sorted(one.created_at + one.plan.offsets[-1] for one in running)[-limits.active]
    wait = max(0, last - now)
    return TaskPlan(
        (held[0], *plan.statuses),
        (0, *(wait + offset for offset in plan.offsets)),
        plan.reason,
        plan.polls,
        plan.rest,
    )
