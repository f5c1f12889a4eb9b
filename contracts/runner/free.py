"""Everything that costs nothing while the provider keeps its promises: refusals, doors, lists."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from contracts import trace
from contracts.budget import ZERO
from contracts.client import OTHER
from contracts.evidence import promised
from contracts.shapes import put
from contracts.strategies import refusals as bad
from contracts.strategies.covering import bare
from contracts.strategies.generated import generated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from decimal import Decimal

    from contracts.runner.run import Run
    from contracts.target import Family

    Step = Callable[[], Awaitable[object]]

AUTH = ("authorization_failed", "authorization_empty", "authorization_invalid")
UNKNOWN = ("unknown_task", "unknown_task_documented")
CREATES_FREE = frozenset(
    {bad.MISSING, bad.TYPES, bad.LIMITS, bad.ENUMS, bad.MODELS, bad.PICTURES, bad.BODIES}
)
LOOKS = ("refusal-shape", "refusal-status", "refusal-code", "refusal-has-message", "refusal-has-no-data")


async def refusals(run: Run, extra: list[tuple[Family, bad.Bad]]) -> None:
    """Every create that must be refused, a few at once; each could cost money if it were taken."""
    planned = [(f, one) for f in run.families for one in run.plan.bad[f.name]]
    await run.each(partial(_refuse, run, family, one) for family, one in [*planned, *extra])
    if run.wants("auth-missing-refused", "auth-malformed-refused", "auth-unknown-key-refused", *LOOKS):
        await run.each(step for family in run.families for step in _auth(run, family))


def generate(run: Run) -> list[tuple[Family, bad.Bad]]:
    """Bad values from Schemathesis for each family; runs in a thread, its import alone takes a second."""
    most = run.options.generated if run.promises & CREATES_FREE else 0
    found = []
    for family in run.families if most else ():
        found += [
            (family, b)
            for b in generated(family, run.target, most)
            if b.promise in run.promises and promised(run.target, family, b.pointer, b.keyword)
        ]
    return found


async def doors(run: Run) -> None:
    """Unknown ids and list limits: they can wait until tasks are running."""
    await run.each(step for family in run.families for step in _doors(run, family))


def _doors(run: Run, family: Family) -> Iterator[Step]:
    if run.wants("unknown-task-refused", *LOOKS):
        for name in ("0" * 18, f"no-such-task-{run.options.seed}"):
            yield partial(_unknown, run, family, name)
    if run.wants("list-limits-refused", *LOOKS):
        for name, value, aim in bad.list_refusals(family):
            case = {"aim": aim, "pointer": f"/{name}", "situations": list(bad.INVALID)}
            yield partial(listing, run, family, {name: value}, trace.LIST_REFUSE, case)
    if run.wants("list-limits-accepted", "list-answer-shape"):
        for name, value, aim in bad.list_edges(family):
            yield partial(listing, run, family, {name: value}, case={"purpose": "edge", "aim": aim})


async def _refuse(run: Run, family: Family, one: bad.Bad) -> None:
    body = one.body
    units = family.cost(body if isinstance(body, dict) else {})
    if isinstance(body, dict):
        body = json.loads(json.dumps(body))
        name = family.sent.get("external_id", "")
        if name and name != one.pointer and not one.pointer.startswith(f"{name}/"):
            put(body, name, run.fresh("bad"))
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    case = {
        "aim": one.aim,
        "promise": one.promise,
        "pointer": one.pointer,
        "keyword": one.keyword,
        "situations": list(bad.INVALID),
    }
    if await refuse(run, family, data, units, case) is None:
        reason = "the budget was used up by requests that should have been refused"
        run.conversation.skipped.setdefault((family.name, one.promise), reason)


async def refuse(
    run: Run, family: Family, data: bytes, units: Decimal, case: dict[str, Any], within: float | None = None
) -> trace.Exchange | None:
    """Send a create that must be refused; None when the budget could not bear that it is taken."""
    async with run.money.risk(units) as allowed:
        if not allowed:
            return None
        exchange = await run.client.send(
            "POST",
            run.url(family.create_path),
            family=family.name,
            role=trace.REFUSE,
            body=data,
            task=run.fresh("taken"),
            case=case,
            within=within,
        )
        if run.target.accepted(family, exchange.response):
            run.ledger.charge(units)
        elif run.target.may_have_taken(family, exchange):
            run.ledger.charge(units)
            run.unsure.append(units)
        return exchange


async def _unknown(run: Run, family: Family, name: str) -> None:
    await query(
        run, family, name, trace.UNKNOWN, case={"aim": "an id that nobody has", "situations": list(UNKNOWN)}
    )


def _auth(run: Run, family: Family) -> Iterator[Step]:
    wrong = [("none", "", "no credentials"), ("malformed", "Bearer", "a bearer without a key")]
    wrong.append(("malformed", "Basic dXNlcjpwYXNz", "another scheme than bearer"))
    if run.options.closed:
        wrong.append(("unknown", "Bearer never-issued-key", "a key that was never issued"))
    for account, authorization, aim in wrong:
        for method, path in (
            ("POST", family.create_path),
            ("GET", family.create_path),
            ("GET", family.query_path.replace(f"{{{family.query_parameter}}}", "0" * 18)),
        ):
            yield partial(_knock_wrongly, run, family, method, path, account, authorization, aim)


async def _knock_wrongly(
    run: Run, family: Family, method: str, path: str, account: str, authorization: str, aim: str
) -> None:
    units = family.cost({}) if method == "POST" else ZERO
    async with run.money.risk(units) as allowed:
        if not allowed:
            return
        exchange = await run.client.send(
            method,
            run.url(path),
            family=family.name,
            role=trace.AUTH,
            account=account,
            authorization=authorization,
            body=json.dumps(bare(family)).encode() if method == "POST" else None,
            case={"aim": f"{aim}: {method} {path}", "situations": list(AUTH)},
        )
        if method == "POST" and run.target.accepted(family, exchange.response):
            run.ledger.charge(units)


async def query(
    run: Run,
    family: Family,
    name: str,
    role: str,
    *,
    account: str = "own",
    task: str = "",
    case: dict[str, Any] | None = None,
    within: float | None = None,
) -> trace.Exchange:
    """Ask for one task by either id."""
    path = family.query_path.replace(f"{{{family.query_parameter}}}", quote(name, safe=""))
    return await run.client.send(
        "GET", run.url(path), family=family.name, role=role, account=account, task=task, case=case,
        within=within,
    )  # fmt: skip


async def listing(
    run: Run,
    family: Family,
    parameters: dict[str, str],
    role: str = trace.LIST,
    case: dict[str, Any] | None = None,
    account: str = "own",
    within: float | None = None,
) -> trace.Exchange:
    """Ask for a list."""
    url = run.url(family.create_path) + (f"?{urlencode(parameters)}" if parameters else "")
    return await run.client.send(
        "GET", url, family=family.name, role=role, account=account, case=case, within=within
    )


LISTED = (
    "list-contains-tasks", "list-agrees-with-query", "list-page-size-kept", "list-pages-without-loss",
    "refusal-creates-nothing", "list-answer-shape", "other-account-cannot-list",
)  # fmt: skip


async def lists(run: Run) -> None:
    """The whole list, then page by page, then whole again: nothing may be lost or repeated."""
    if not run.wants(*LISTED):
        return
    for family in run.families:
        number, size = (family.task.get("page", {}).get(n, "") for n in ("number", "size"))
        if not number or not size:
            continue
        most = int(family.list_parameters.get(size, {}).get("maximum", 100))
        case = {"purpose": "whole", "size": most, "aim": "the whole list"}
        whole = await listing(run, family, {number: "1", size: str(most)}, case=case)
        records = family.records(whole.response.json() if whole.response else None) or []
        each = 2 if len(records) > 2 else 1
        for page in range(1, min(3, len(records) // each) + 1):
            paged = {"purpose": "page", "page": page, "size": each, "aim": f"page {page} of {each}"}
            await listing(run, family, {number: str(page), size: str(each)}, case=paged)
        await listing(run, family, {number: "1", size: str(most)}, case=case)
        if run.conversation.other_account and run.wants("other-account-cannot-list"):
            await listing(run, family, {}, trace.OTHER_LIST, {"aim": "another account's list"}, OTHER)
