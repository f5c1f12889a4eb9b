"""Is anybody there, is it this API, does it know our key? A few free requests before all others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from understudy.contracts import trace
from understudy.contracts.client import Stopped
from understudy.contracts.problems import ProblemKind, advice_for
from understudy.contracts.runner.free import UNKNOWN, refuse
from understudy.contracts.strategies import refusals as bad
from understudy.specs.behaviour import SituationKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.contracts.budget import Budget
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.target_family import TargetFamily

# Seconds for the first answer: whoever listens says something by then, or a person should look.
DEADLINE = 10.0
# Statuses that say that there is nothing at a path (RFC 9110, 15.5.5, 15.5.6, 15.6.2).
NOWHERE = frozenset({404, 405, 501})
OK, BAD_REQUEST, UNAUTHORIZED, TOO_MANY, SERVER_ERROR = 200, 400, 401, 429, 500
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SHOWN = 160


async def locate(asks: Asking, pays: Budget, records: Recording) -> None:
    """Find the address below which the API answers; raises Stopped when there is none.

    Tried are the URL itself, the path prefix of the provider's own servers below it, and the URL without the
    part of an operation's path that it ends with. What was found is the URL that is asked from then on.
    """
    given = asks.options.url
    servers = asks.target.servers
    within = min(DEADLINE, asks.options.timeout, asks.options.answer_timeout)
    tried: list[trace.Exchange] = []
    for address in addresses(given, asks.families, servers):
        asks.options = asks.options.at(address)
        records.phase = f"waiting for an answer from {address}, at most {within:g} s"
        if await _answers(asks, pays, tried, within):
            _settle(asks.options.url, records, given)
            return
    asks.options = asks.options.at(given)
    raise Stopped(_nothing(asks, tried, servers))


def addresses(url: str, families: Sequence[TargetFamily], servers: Sequence[str]) -> list[str]:
    """Where the API may be when a person gave `url`, the likeliest first.

    >>> addresses("http://h/api", [], ["/kling"])
    ['http://h/api', 'http://h/api/kling']
    >>> addresses("http://h/kling", [], ["/kling"])
    ['http://h/kling', 'http://h']
    """
    whole, part = _shared(url, families)
    bases = [cut(url, whole)] if whole else [url, cut(url, part)] if part else [url]
    prefixes = [urlsplit(server).path.rstrip("/") for server in servers]
    found = []
    for base in bases:
        below = [p for p in prefixes if not urlsplit(base).path.endswith(p)]
        found += [base + prefix for prefix in ["", *below]]
    above = [
        base.removesuffix(p) for base in bases for p in prefixes if p and urlsplit(base).path.endswith(p)
    ]
    return list(dict.fromkeys([*found, *above]))


def cut(url: str, segments: int) -> str:
    """The URL without the last `segments` of its path."""
    parts = urlsplit(url)
    path = "/".join(parts.path.rstrip("/").split("/")[:-segments])
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _shared(url: str, families: Sequence[TargetFamily]) -> tuple[int, int]:
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


def _settle(found: str, records: Recording, given: str) -> None:
    """Go on with the address that was found; what was tried elsewhere says nothing about the provider."""
    exchanges = records.conversation.exchanges
    exchanges[:-1] = [dataclasses.replace(e, family="") for e in exchanges[:-1]]
    records.conversation.url = found
    if found != given:
        records.say(f"the API answers below {found}, so that is used; the URL given was {given}")


async def _answers(asks: Asking, pays: Budget, tried: list[trace.Exchange], within: float) -> bool:
    """Whether the API is at the URL that is asked now; raises Stopped when no try elsewhere could help."""
    family = asks.families[0]
    case: dict[str, Any] = {"purpose": trace.LOCATE, "aim": "the first list"}
    if family.behaviour.operations.list is not None:
        exchange = await asks.listing(family, {}, case=case, within=within)
        tried.append(exchange)
        _stop_unless_open(asks, exchange)
        if _here(asks, family, exchange):
            return True
    # A provider that knows the query says that it does not know the task.
    case |= {"aim": "an id that does not exist", "situations": list(UNKNOWN)}
    exchange = await asks.query(family, "0" * 18, trace.UNKNOWN, case=case, within=within)
    tried.append(exchange)
    if family.behaviour.operations.list is None:
        _stop_unless_open(asks, exchange)
    if _here(asks, family, exchange):
        return True
    # Which may look as if there were nothing at that path. A create without any field says more.
    case |= {"aim": "an empty object", "situations": list(bad.INVALID)}
    refused = await refuse(asks, pays, family, b"{}", family.cost({}), case, within=within)
    if refused is not None:
        tried.append(refused)
    return refused is not None and _here(asks, family, refused)


def _here(asks: Asking, family: TargetFamily, exchange: trace.Exchange) -> bool:
    """Whether an answer is this API's: JSON, no 5xx, not "nothing at this path", and, if it is no refusal,
    with at least one member that the contract's answers have.
    """
    if not _is_json(exchange) or exchange.status >= SERVER_ERROR or _unknown_place(asks, exchange):
        return False
    body = _body(exchange)
    known = {n for shape in (family.created, family.queried, family.refused) for n in shape.members()}
    known.update(*(t for t in family.behaviour.answers.templates.values() if isinstance(t, dict)))
    return exchange.status >= BAD_REQUEST or (isinstance(body, dict) and not known.isdisjoint(body))


def _stop_unless_open(asks: Asking, exchange: trace.Exchange) -> None:
    """Raise Stopped for what is the same at every path: nobody there, a redirect, a key refused."""
    url = asks.options.url
    if exchange.response is None:
        advice = advice_for(ProblemKind(exchange.case.get("problem", "other")), urlsplit(url).scheme)
        raise Stopped(_message(f"{url}: {exchange.problem}", [exchange], advice))
    said = f"{exchange.status} {_said(exchange)}".strip()
    if exchange.status in REDIRECTS:
        where = urljoin(exchange.request.url, trace.header(exchange.response.headers, "location"))
        path = asks.families[0].create_path
        better = f"if the provider is there, give {where.removesuffix(path)}"
        advice = better if where.endswith(path) else f"give the URL that stands before {path}"
        raise Stopped(_message(f"{url} redirects to {where}", [exchange], advice))
    about = asks.target.recognised(exchange.response)
    key = bool(about) and all(s.kind is SituationKind.ACCOUNT and s.status == UNAUTHORIZED for s in about)
    if exchange.status == UNAUTHORIZED or key:
        advice = "set UNDERSTUDY_API_KEY, or give --api-key: the key alone, as the provider shows it"
        raise Stopped(_message(f"the provider refuses the key: {said}", [exchange], advice))
    if asks.target.of_kind(exchange.response, SituationKind.ACCOUNT):
        advice = "this is about the account (money, rights, address), not about promises: fix that first"
        raise Stopped(_message(f"the provider refuses this account: {said}", [exchange], advice))
    if exchange.status == TOO_MANY:
        advice = "wait, and use --rate to ask more slowly; if it stays so, the account has a problem"
        raise Stopped(_message(f"the provider refuses for now: {said}", [exchange], advice))


def _nothing(asks: Asking, tried: list[trace.Exchange], servers: list[str]) -> str:
    """The message when somebody answers, but not this API."""
    url, path = asks.options.url, asks.families[0].create_path
    if all(e.status >= SERVER_ERROR and e.status not in NOWHERE for e in tried):
        said = f"{tried[0].status} {_said(tried[0])}".strip()
        return _message(f"the provider is not healthy: {said}", tried, "try again later")
    if all("html" in _content(e) for e in tried):
        what = f"{url} answers with web pages (HTML), not as this API does"
    elif all(_unknown_place(asks, e) for e in tried):
        what = f"{url} has nothing at {path}"
    else:
        what = f"{url} answers, but not as this API does"
    named = next((s for s in servers if s.startswith("http")), "")
    example = (
        f"the documents of {asks.target.provider} name {named}" if named else "or is it another provider?"
    )
    return _message(what, tried, f"give the URL that stands before {path}; {example}")


def _message(what: str, tried: Sequence[trace.Exchange], advice: str) -> str:
    """The headline, then what was tried, what came back and what to do, a line each."""
    lines, last = [what], (0, "")
    first = next((e.role for e in tried), trace.LIST)
    for exchange in tried:
        # A query and a create that fared as what was asked first, most often a list, say nothing more.
        if exchange.role == first or last != (exchange.status, _content(exchange)):
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


def _unknown_place(asks: Asking, exchange: trace.Exchange) -> bool:
    """Whether an answer says that there is nothing at this path."""
    body = _body(exchange)
    code = str(asks.target.refusals.code_in(body))
    unknown = {c for _, c in asks.target.expected(["unknown_resource"])}
    invalid = {c for _, c in asks.target.expected(bad.INVALID)}
    return exchange.status in NOWHERE or (exchange.status == OK and code in unknown - invalid)
