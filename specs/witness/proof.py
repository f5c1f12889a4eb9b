"""What a proof is: a witness, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Audience = Literal["clients", "providers"]
SideName = Literal["base", "revision"]
OTHER: dict[SideName, SideName] = {"base": "revision", "revision": "base"}


@dataclass(frozen=True, slots=True)
class Witness:
    """A payload that `taken_by` takes and `refused_by` refuses, checked with both validators.

    kind     "payload" (a value for a schema), "message" (a whole request or answer), "history" (the states
             of a task), "meaning": both take it and read it differently, "silence": a value as well,
             with both documents read strictly, so that what nobody documented is refused, "seen": what a
             provider (the revision) sent or was sent, against its document (the base), or "overlap": a value
             that several alternatives of a oneOf of one document take
    surface  where the payload goes: "POST /things application/json"
    refusal  what the refusing side says, or how the readings differ
    """

    kind: Literal["payload", "message", "history", "meaning", "silence", "seen", "overlap"]
    payload: Any
    surface: str
    taken_by: SideName
    refused_by: SideName
    refusal: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A verdict with its reason.

    proven  with a witness
    strict  with a witness that only a sender sends who sends what his document does not declare
    none    shown: no payload tells the sides apart
    open    no payload found, and not shown either that there is none
    """

    verdict: Literal["proven", "strict", "none", "open"]
    reason: str = ""
    witness: Witness | None = None


UNDOCUMENTED = "the provider's documents do not mention it: unknown, neither promised nor refused"
DOCUMENTED = "the provider's documents mention it now, and did not before"
# What is said of a part that a provider is silent about on one side only, by action.
SILENT = {
    f"{part}-{action}": said
    for part in ("operation", "parameter", "body", "status", "header", "property")
    for action, said in (("undocumented", UNDOCUMENTED), ("documented", DOCUMENTED))
}


def silence(action: str, witness: Witness | None = None) -> Proof | None:
    """What is to be said when a provider is silent on one side only; None when `action` is about else."""
    reason = SILENT.get(action)
    return Proof("none", reason, witness) if reason else None


ONLY_UNDECLARED = "what a sender's document declares is taken; only what it does not declare is refused"
NOTHING_DEMANDED = Proof("none", "the other side demands nothing in this respect")


def sender_of(direction: str, audience: Audience) -> SideName:
    """Who sends when those who stay behind are `audience`.

    Clients that stay with the base send requests by the base and get answers by the revision; providers that
    stay get requests by the revision and send answers by the base.
    """
    return "base" if (direction == "request") == (audience == "clients") else "revision"
