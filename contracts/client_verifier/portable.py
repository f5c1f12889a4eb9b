"""Which providers would refuse the client's requests as sent, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.client_verifier.card import Finding
from contracts.client_verifier.judges import Verdict, kept, not_exercised
from contracts.target import read_target
from specs.library import profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contracts.client_verifier.trace import Trace

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


def portability(runs: Sequence[Trace], promised: Sequence[str]) -> Finding:
    """The finding of the row `portable`: broken when one of the providers in `promised` would refuse.

    What the other providers would say is told as well: no request suits them all, so it breaks nothing.
    """
    requests = {e.order: (e.family, e.request) for run in runs for e in run.creates if e.request is not None}
    name = runs[0].scenario if runs else ""
    if not requests:
        return Finding(PROMISE, name, not_exercised("no create was sent"))
    found = refusals(requests.values())
    told = _told(found)
    if any(provider in found for provider in promised):
        return Finding(PROMISE, name, Verdict("broken", told))
    return Finding(PROMISE, name, kept(told or "every provider would take its requests"))


def _told(found: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{provider} would refuse: {', '.join(why)}" for provider, why in found.items())


def _problems(name: str, family: str, body: Any) -> list[str]:
    known = next((f for f in read_target(name).families if f.name == family), None)
    if known is None:
        return [f"it has no {family}"]
    return [_sentence(pointer, keyword, text) for pointer, keyword, text in known.request_shape.errors(body)]


def _sentence(pointer: str, keyword: str, text: str) -> str:
    """ "n is required" as it is; other errors with the place in front, values cut short."""
    if keyword == "required" or not pointer:
        return text
    return f"{pointer[1:].replace('/', '.')}: {text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + '…'}"
