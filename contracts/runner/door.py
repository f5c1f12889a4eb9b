"""Is anybody there, is it this API, does it know our key? A few free requests before all others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from contracts import trace
from contracts.client import Stopped
from contracts.problems import advice_for
from contracts.runner import events, free
from contracts.strategies import refusals as bad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.runner.run import Run
    from contracts.target import Family

# Seconds for the first answer: whoever listens says something by then, or a person should look.
DEADLINE = 10.0
# Statuses that say that there is nothing at a path (RFC 9110, 15.5.5, 15.5.6, 15.6.2).
NOWHERE = frozenset({404, 405, 501})
OK, BAD_REQUEST, UNAUTHORIZED, TOO_MANY, SERVER_ERROR = 200, 400, 401, 429, 500
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SHOWN = 160


async def knock(run: Run) -> None:
    """Find the address below which the API answers; raises Stopped when there is none.

    Tried are the URL itself, the path prefix of the provider's own servers below it, and the URL without the
    part of an operation's path that it ends with. What was found is the run's URL from then on.
    """
    given = run.options.url
    servers = [str(s.get("url", "")) for s in run.target.document.get("servers", ())]
    within = min(DEADLINE, run.options.timeout, run.options.answer_timeout)
    tried: list[trace.Exchange] = []
    for address in addresses(given, run.families, servers):
        run.options = run.options.at(address)
        run.phase = f"waiting for an answer from {address}, at most {within:g} s"
        if await _answers(run, tried, within):
            _settle(run, given)
            return
    run.options = run.options.at(given)
    raise Stopped(_nothing(run, tried, servers))


def addresses(url: str, families: Sequence[Family], servers: Sequence[str]) -> list[str]:
    """Where the API may be when a person gave `url`, the likeliest first.

    >>> addresses("http://h/kling/v1", [], ["/kling"])
    ['http://h/kling/v1', 'http://h/kling/v1/kling']
    """
    whole, part = _shared(url, families)
    bases = [cut(url, whole)] if whole else [url, cut(url, part)] if part else [url]
    prefixes = [urlsplit(server).path.rstrip("/") for server in servers]
    found = []
    for base in bases:
        below = [p for p in prefixes if not urlsplit(base).path.endswith(p)]
        found += [base + prefix for prefix in ["", *below]]
    return list(dict.fromkeys(found))


def cut(url: str, segments: int) -> str:
    """The URL without the last `segments` of its path."""
    parts = urlsplit(url)
    path = "/".join(parts.path.rstrip("/").split("/")[:-segments])
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _shared(url: str, families: Sequence[Family]) -> tuple[int, int]:
    """How many segments at the URL's end are an operation's whole path, and how many a path's beginning."""
    have = [s for s in urlsplit(url).path.split("/") if s]
    whole = part = 0
    for family in families:
        for path in (family.query_path, family.create_path):
            want = [s for s in path.split("/") if s]
            for size in range(1, min(len(have), len(want)) + 1):
                if not all(w.startswith("{") or w == h for w, h in zip(want, have[-size:], strict=False)):
                    continue
                whole = max(whole, size if size == len(want) else 0)
                part = max(part, size)
    return whole, part


def _settle(run: Run, given: str) -> None:
    """Go on with the address that was found; what was tried elsewhere says nothing about the provider."""
    found, exchanges = run.options.url, run.conversation.exchanges
    exchanges[:-1] = [dataclasses.replace(e, family="") for e in exchanges[:-1]]
    run.conversation.url = found
    if found != given:
        text = f"the API answers below {found}, so that is used; the URL given was {given}"
        run.conversation.notes.append(text)
        run.listener(events.Said(text))


async def _answers(run: Run, tried: list[trace.Exchange], within: float) -> bool:
    """Whether the API is at the run's URL; raises Stopped when no try elsewhere could help."""
    family = run.families[0]
    case: dict[str, Any] = {"purpose": trace.KNOCK, "aim": "the first list"}
    exchange = await free.listing(run, family, {}, case=case, within=within)
    tried.append(exchange)
    _stop_unless_open(run, exchange)
    if _here(run, family, exchange):
        return True
    # There may be no list; a provider that knows the query says that it does not know the task.
    case |= {"aim": "an id that nobody has", "situations": list(free.UNKNOWN)}
    exchange = await free.query(run, family, "0" * 18, trace.UNKNOWN, case=case, within=within)
    tried.append(exchange)
    if _here(run, family, exchange):
        return True
    # Which may look as if there were nothing at that path. A create without any field says more.
    case |= {"aim": "an empty object", "situations": list(bad.INVALID)}
    refused = await free.refuse(run, family, b"{}", family.cost({}), case, within=within)
    if refused is not None:
        tried.append(refused)
    return refused is not None and _here(run, family, refused)


def _here(run: Run, family: Family, exchange: trace.Exchange) -> bool:
    """Whether an answer is this API's: JSON, no 5xx, not "nothing at this path", and, if it is no refusal,
    with at least one member that the contract's answers have.
    """
    if not _is_json(exchange) or exchange.status >= SERVER_ERROR or _unknown_place(run, exchange):
        return False
    body = _body(exchange)
    known = {n for shape in (family.created, family.queried, family.refused) for n in shape.members()}
    known.update(*family.answers.values())
    return exchange.status >= BAD_REQUEST or (isinstance(body, dict) and not known.isdisjoint(body))


def _stop_unless_open(run: Run, exchange: trace.Exchange) -> None:
    """Raise Stopped for what is the same at every path: nobody there, a redirect, a key refused."""
    url = run.options.url
    if exchange.response is None:
        advice = advice_for(exchange.problem, urlsplit(url).scheme)
        raise Stopped(_message(f"{url}: {exchange.problem}", [exchange], advice))
    said = f"{exchange.status} {_said(exchange)}".strip()
    situation = _situation(run, exchange)
    if exchange.status in REDIRECTS:
        where = urljoin(exchange.request.url, trace.header(exchange.response.headers, "location"))
        path = run.families[0].create_path
        better = f"if the provider is there, give {where.removesuffix(path)}"
        advice = better if where.endswith(path) else f"give the URL that stands before {path}"
        raise Stopped(_message(f"{url} redirects to {where}", [exchange], advice))
    if exchange.status == UNAUTHORIZED or situation.startswith("authorization_"):
        advice = "set UNDERSTUDY_API_KEY, or give --api-key: the key alone, as the provider shows it"
        raise Stopped(_message(f"the provider refuses the key: {said}", [exchange], advice))
    if situation == "no_permission" or run.target.permanent(exchange.response):
        advice = "this is about the account (money, rights, address), not about promises: mend it there first"
        raise Stopped(_message(f"the provider refuses this account: {said}", [exchange], advice))
    if exchange.status == TOO_MANY:
        advice = "wait, and give --rate to ask more slowly; if it stays so, the account is not well"
        raise Stopped(_message(f"the provider refuses for now: {said}", [exchange], advice))


def _situation(run: Run, exchange: trace.Exchange) -> str:
    """The situation that an answer's code names, if its HTTP status fits; else ""."""
    body = _body(exchange)
    code = body.get("code") if isinstance(body, dict) else None
    situation = run.target.situation_of(code) if code is not None else ""
    fits = situation and run.target.refusals[situation].status == exchange.status
    return situation if fits else ""


def _nothing(run: Run, tried: list[trace.Exchange], servers: list[str]) -> str:
    """The message when somebody answers, but not this API."""
    url, path = run.options.url, run.families[0].create_path
    if all(e.status >= SERVER_ERROR and e.status not in NOWHERE for e in tried):
        said = f"{tried[0].status} {_said(tried[0])}".strip()
        return _message(f"the provider is not well: {said}", tried, "try again later")
    if all("html" in _content(e) for e in tried):
        what = f"{url} answers with web pages (HTML), not with this API"
    elif all(_unknown_place(run, e) for e in tried):
        what = f"{url} has nothing at {path}"
    else:
        what = f"{url} answers, but not as this API does"
    named = next((s for s in servers if s.startswith("http")), "")
    example = (
        f"the documents of {run.target.provider} name {named}" if named else "or is it another provider?"
    )
    return _message(what, tried, f"give the URL that stands before {path}; {example}")


def _message(what: str, tried: Sequence[trace.Exchange], advice: str) -> str:
    """The headline, then what was tried, what came back and what to do, a line each."""
    lines, last = [what], (0, "")
    for exchange in tried:
        # A query and a create that fared as the list did before them say nothing more.
        if exchange.role == trace.LIST or last != (exchange.status, _content(exchange)):
            lines.append(f"tried: {exchange.request.method} {exchange.request.url}")
            lines.append(f"came back: {_came(exchange)}")
        last = exchange.status, _content(exchange)
    return "\n  ".join([*lines, f"what to do: {advice}"] if advice else lines)


def _came(exchange: trace.Exchange) -> str:
    if exchange.response is None:
        return f"nothing ({exchange.problem})"
    text = " ".join(exchange.response.body.decode("utf-8", "replace").split())
    shown = text[:SHOWN] + ("…" if len(text) > SHOWN else "")
    return f"{exchange.status} {_content(exchange) or 'without a content type'} {shown}".rstrip()


def _content(exchange: trace.Exchange) -> str:
    headers = exchange.response.headers if exchange.response else ()
    return trace.header(headers, "content-type").partition(";")[0].strip().lower()


def _body(exchange: trace.Exchange) -> Any:
    return exchange.response.json() if exchange.response else None


def _is_json(exchange: trace.Exchange) -> bool:
    return _body(exchange) is not None or "json" in _content(exchange)


def _said(exchange: trace.Exchange) -> str:
    """What an error body says, wherever gateways put it."""
    body = _body(exchange)
    for name in ("message", "error", "msg", "detail"):
        found = body.get(name) if isinstance(body, dict) else None
        found = found.get("message") if isinstance(found, dict) else found
        if isinstance(found, str) and found:
            return found[:SHOWN]
    return ""


def _unknown_place(run: Run, exchange: trace.Exchange) -> bool:
    """Whether an answer says that there is nothing at this path."""
    body = _body(exchange)
    code = str(body.get("code")) if isinstance(body, dict) else ""
    row = run.target.refusals.get("unknown_resource")
    return exchange.status in NOWHERE or (
        row is not None
        and exchange.status in (row.status, OK)
        and code == row.code
        and row.code not in {r.code for r in run.target.expected(bad.INVALID)}
    )
