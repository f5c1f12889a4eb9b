"""Which providers would refuse the client's requests as sent, and why."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from understudy.contracts.client_verifier.card import ClientFinding
from understudy.contracts.client_verifier.verdict import broken, kept, not_exercised
from understudy.contracts.shapes import request_schema, shape
from understudy.specs.behaviour import read
from understudy.specs.library import CANONICAL, api_of, effective, members, profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from understudy.contracts.client_verifier.trace import Trace
    from understudy.contracts.shapes import Shape

PROMISE = "portable"
MOST_TEXT = 160
Refusals = dict[str, tuple[str, ...]]


def refusals(requests: Iterable[tuple[str, Any]], among: Iterable[str] | None = None) -> Refusals:
    """(family, body) pairs -> {profile: what it has against them}, without profiles that take them all.

    `among` are the profiles asked, all by default.
    """
    sent = list(requests)
    found: Refusals = {}
    for name in among if among is not None else profiles():
        problems = dict.fromkeys(
            problem for family, body in sent for problem in _problems(name, family, body)
        )
        if problems:
            found[name] = tuple(problems)
    return found


def comparable(played: str) -> list[str]:
    """The profiles of the API that was played: no request suits two APIs."""
    api = api_of(played)
    return profiles() if api == CANONICAL else members(api)


def portability(runs: Sequence[Trace], played: str, promised: Sequence[str]) -> ClientFinding:
    """The finding of the row `portable`: broken when one of the providers in `promised` would refuse, or all
    others than `played`, the one that was played.

    What only some of them would refuse is told, and breaks nothing, for no request suits them all; more than
    half are worth a look.
    """
    requests = {e.order: (e.family, e.request) for run in runs for e in run.creates if e.request is not None}
    name = runs[0].scenario if runs else ""
    if not requests:
        return ClientFinding(PROMISE, name, not_exercised("no create was sent"))
    others = [one for one in comparable(played) if one != played]
    found = refusals(requests.values(), dict.fromkeys([*promised, *others]))
    told = _told(found)
    if any(provider in found for provider in promised):
        return ClientFinding(PROMISE, name, broken(told))
    if others and all(provider in found for provider in others):
        return ClientFinding(PROMISE, name, broken(f"no other provider would accept them: {told}"))
    few = 2 * len(found) <= len(others)
    return ClientFinding(
        PROMISE, name, kept(told or "every provider would accept its requests", warning=not few)
    )


def _told(found: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{provider} would refuse: {', '.join(why)}" for provider, why in found.items())


def _problems(name: str, family: str, body: Any) -> list[str]:
    known = _request_shape(name, family)
    if known is None:
        return [f"it has no {family}"]
    return [_sentence(pointer, keyword, text) for pointer, keyword, text in known.errors(body)]


@functools.cache
def _request_shape(name: str, family: str) -> Shape | None:
    """What a create of the family must be like; None when there is none. Nothing else is compiled."""
    behaviour = read(effective(name), name)
    creates = (one.operations.create.raw for one in behaviour.families if one.name == family)
    create = next(creates, None)
    if create is None:
        return None
    return shape(request_schema(create, behaviour.document), behaviour.document)


def _sentence(pointer: str, keyword: str, text: str) -> str:
    """ "n is required" as it is; other errors with the place in front, values cut short: what is wrong with
    one stands at the end."""
    if keyword == "required" or not pointer:
        return text
    short = text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT // 2]}…{text[-MOST_TEXT // 2 :]}"
    return f"{pointer[1:].replace('/', '.')}: {short}"
