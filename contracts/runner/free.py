"""What costs nothing while promises are kept: refusals, credentials, unknown ids, lists."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.budget import ZERO
from understudy.contracts.calls import Call
from understudy.contracts.client import OTHER, OWN, VARIABLES, Outgoing
from understudy.contracts.evidence import promised
from understudy.contracts.paging import FAR, paging_of
from understudy.contracts.skips import Skip, SkipKind
from understudy.contracts.strategies import refusals as bad
from understudy.contracts.strategies.generated import generated
from understudy.contracts.strategies.values import bare
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from decimal import Decimal

    from understudy.contracts.budget import Budget
    from understudy.contracts.paging import Paging
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.target_family import TargetFamily

    Step = Callable[[], Awaitable[object]]

AUTH = ("authorization_failed", "authorization_empty", "authorization_invalid")
UNKNOWN = ("unknown_task", "unknown_task_documented")
CREATES_FREE = frozenset(
    {bad.MISSING, bad.TYPES, bad.LIMITS, bad.ENUMS, bad.MODELS, bad.PICTURES, bad.BODIES, bad.MISFITS}
)
LOOKS = ("refusal-shape", "refusal-status", "refusal-code", "refusal-has-message", "refusal-has-no-data")


async def refusals(
    asks: Asking, pays: Budget, records: Recording, bad_requests: list[tuple[TargetFamily, bad.Bad]]
) -> None:
    """Every create that must be refused, a few at once; each could cost money if it were taken."""
    await asks.each(partial(_refuse, asks, pays, records, family, one) for family, one in bad_requests)
    if asks.wants("auth-missing-refused", "auth-malformed-refused", "auth-unknown-key-refused", *LOOKS):
        await asks.each(step for family in asks.families for step in _auth(asks, pays, family))


def generate(asks: Asking) -> list[tuple[TargetFamily, bad.Bad]]:
    """Bad values from Schemathesis for each family; runs in a thread, its import alone takes a second."""
    most = asks.options.generated if asks.promises & CREATES_FREE else 0
    found = []
    for family in asks.families if most else ():
        found += [
            (family, b)
            for b in generated(family, asks.target, most)
            if b.promise in asks.promises and promised(asks.target, family, b.pointer, b.keyword)
        ]
    return found


async def unknown_ids_and_list_limits(asks: Asking) -> None:
    """Unknown ids and list limits: they can wait until tasks are running."""
    await asks.each(step for family in asks.families for step in _ids_and_limits(asks, family))
    await asks.each(step for family in asks.families for step in _misplaced_keys(asks, family))


def _ids_and_limits(asks: Asking, family: TargetFamily) -> Iterator[Step]:
    if asks.wants("unknown-task-refused", "unknown-task-told", *LOOKS):
        # The last is what a client in JavaScript asks for that lost its id.
        for name in ("0" * 18, f"no-such-task-{asks.options.seed}", "undefined"):
            yield partial(_unknown, asks, family, name)
    if asks.wants("list-limits-refused", *LOOKS):
        for name, value, aim in bad.list_refusals(family):
            case = {"aim": aim, "pointer": f"/{name}", "situations": list(bad.INVALID)}
            yield partial(asks.listing, family, {name: value}, trace.LIST_REFUSE, case=case)
    if asks.wants("list-limits-accepted", "list-answer-shape"):
        for name, value, aim in bad.list_edges(family):
            yield partial(asks.listing, family, {name: value}, case={"purpose": "edge", "aim": aim})


async def _refuse(asks: Asking, pays: Budget, records: Recording, family: TargetFamily, one: bad.Bad) -> None:
    body = one.body
    units = family.cost(body if isinstance(body, dict) else {})
    if isinstance(body, dict):
        body = json.loads(json.dumps(body))
        name = family.sent.get("external_id", "")
        # The id may stand in what is broken, or hold it.
        clear = not f"{name}/".startswith(f"{one.pointer}/") and not one.pointer.startswith(f"{name}/")
        if name and clear:
            put(body, name, asks.fresh("bad"))
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    case = {
        "aim": one.aim,
        "promise": one.promise,
        "pointer": one.pointer,
        "keyword": one.keyword,
        "situations": list(bad.INVALID),
    }
    if await refuse(asks, pays, family, data, units, case) is None:
        used_up = Skip(SkipKind.USED_UP, pays.units)
        records.conversation.skipped.setdefault((family.name, one.promise), used_up)


async def refuse(
    asks: Asking,
    pays: Budget,
    family: TargetFamily,
    data: bytes,
    units: Decimal,
    case: dict[str, Any],
    **more: Any,
) -> trace.Exchange | None:
    """Send a create that must be refused; None when the budget could not bear that it is taken. `more` as in
    `Outgoing`."""
    async with pays.risk(units) as allowed:
        if not allowed:
            return None
        label = asks.fresh("taken")
        exchange = await asks.post(family, trace.REFUSE, data, task=label, case=case, **more)
        if asks.target.accepted(family, exchange.response):
            pays.charge(units)
        elif asks.target.may_have_taken(family, exchange):
            pays.charge(units)
            pays.unsure.append(units)
        return exchange


async def _unknown(asks: Asking, family: TargetFamily, name: str) -> None:
    await asks.query(
        family, name, trace.UNKNOWN, case={"aim": "an id that does not exist", "situations": list(UNKNOWN)}
    )


def _auth(asks: Asking, pays: Budget, family: TargetFamily) -> Iterator[Step]:
    rule = asks.target.account
    malformed = (
        (rule.scheme, "a scheme without a key") if rule.scheme else ("two words", "two words for a key")
    )
    wrong = [("none", "", "no credentials"), ("malformed", *malformed)]
    wrong.append(("malformed", "Basic dXNlcjpwYXNz", "another scheme than bearer"))
    if asks.options.closed:
        wrong.append(("unknown", rule.written("never-issued-key"), "a key that was never issued"))
    asked = family.query("0" * 18)
    creating = Call(family.create_method, family.create_path, json.dumps(bare(family)).encode())
    calls = [creating, asked]
    if family.behaviour.operations.list:
        listed = Call(family.list_method, family.list_path, None if family.list_method == "GET" else b"{}")
        calls.insert(1, listed)
    for account, authorization, aim in wrong:
        for call in calls:
            case = {"aim": f"{aim}: {call.method} {call.path}", "situations": list(AUTH)}
            out = Outgoing(
                call.method, asks.url(call.path), family.name, trace.AUTH, account, authorization, call.body,
                case=case,
            )  # fmt: skip
            yield partial(_wrong_credentials, asks, pays, family, out, creates=call is creating)


def _misplaced_keys(asks: Asking, family: TargetFamily) -> Iterator[Step]:
    """The list, asked for with our key where no key belongs."""
    if not asks.wants("task-needs-its-key") or not asks.target.bearer or not family.behaviour.operations.list:
        return
    key, own, url = asks.options.api_key, VARIABLES[OWN], asks.url(family.list_path)
    for authorization, shown, place, aim in (
        (key, own, "", "with its key without a scheme"),
        (f"Basic {key}", f"Basic {own}", "", "with its key behind another scheme"),
        (f"Token {key}", f"Token {own}", "", "with its key behind the scheme Token"),
        ("", "", f"?api_key={key}", "with its key as ?api_key= alone"),
    ):
        case = {"must": "refuse", "purpose": "list", "aim": aim}
        out = Outgoing(
            family.list_method, f"{url}{place}", family.name, trace.WRONG_KEY, "wrong", authorization,
            case=case, shown=shown,
        )  # fmt: skip
        yield partial(asks.client.send, out)


async def _wrong_credentials(
    asks: Asking, pays: Budget, family: TargetFamily, out: Outgoing, *, creates: bool
) -> None:
    units = family.cost({}) if creates else ZERO
    async with pays.risk(units) as allowed:
        if not allowed:
            return
        exchange = await asks.client.send(out)
        if creates and asks.target.accepted(family, exchange.response):
            pays.charge(units)


LISTED = (
    "list-contains-tasks", "list-limits-accepted", "list-agrees-with-query", "list-page-size-kept",
    "list-pages-without-loss", "refusal-creates-nothing", "list-answer-shape", "other-account-cannot-list",
    "list-records-complete", "list-newest-first", "list-families-apart", "list-is-stable",
)  # fmt: skip


async def lists(asks: Asking, records: Recording) -> None:
    """The whole list, then page by page, then whole again: nothing may be lost or repeated."""
    if not asks.wants(*LISTED):
        return
    for family in asks.families:
        paging = paging_of(family)
        if paging is not None:
            await _list(asks, family, paging)
            if records.conversation.other_account and asks.wants("other-account-cannot-list"):
                case = {"aim": "another account's list"}
                await asks.listing(family, {}, trace.OTHER_LIST, case=case, account=OTHER)


async def _list(asks: Asking, family: TargetFamily, paging: Paging) -> None:
    # Where no parameter says so, a page holds the usual number.
    most = paging.most if paging.size else paging.usual
    case = {"purpose": "whole", "size": most, "aim": "the whole list"}
    whole = await asks.listing(family, paging.first(most), case=case)
    tasks = family.records_of(whole.response) or []
    each = (2 if len(tasks) > 2 else 1) if paging.size else paging.usual
    wanted: dict[str, str] | None = paging.first(each)
    for page in range(1, min(3, len(tasks) // each) + 1):
        if wanted is None:
            break
        paged = {"purpose": "page", "page": page, "size": each, "aim": f"page {page} of {each}"}
        answered = await asks.listing(family, wanted, case=paged)
        body = answered.response.json() if answered.response else None
        wanted = paging.following(page + 1, each, body)
    if not family.list_needs:
        plain = {"purpose": "default", "size": paging.usual, "aim": "the list without parameters"}
        await asks.listing(family, {}, case=plain)
    if tasks:
        again = {"purpose": "again", "size": each, "aim": "page 1, read again"}
        await asks.listing(family, paging.first(each), case=again)
    far = paging.beyond(each)
    if far is not None and len(tasks) < (paging.last - 1 if paging.last else FAR) * each:
        await asks.listing(family, far, case={"purpose": "beyond", "aim": "a page beyond the end"})
    await asks.listing(family, paging.first(most), case=case)
