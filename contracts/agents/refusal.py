"""Why a mock refused a request: the situation, what of the document was broken, and where that is stated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.contracts.evidence import field_source, stated_in
from understudy.contracts.target import target_from
from understudy.specs.behaviour import SituationKind
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.contracts.agents.mocks import HeldMock
    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily

REFUSED = "refused"
# What must change before the same request is taken.
NEXT = {
    SituationKind.REQUEST: "the request itself is at fault: fix it; sending it again changes nothing",
    SituationKind.ACCOUNT: "the caller is at fault: the key, its balance or its permissions",
    SituationKind.PACE: "requests come too fast, or too many tasks are running: wait (Retry-After)",
    SituationKind.SERVER: "the provider is at fault, and may have made the task all the same: "
    "look for it by your external id before ordering again",
    SituationKind.TRANSPORT: "the connection to the provider is at fault, and the task may exist: "
    "look for it by your external id before ordering again",
}


def explain(mock: HeldMock, place: int = -1) -> dict[str, Any]:
    """The refusal at `place` in the list of refused requests, by default the last; -2 is the one before.

    Raises UnderstudyError when there is none.
    """
    entries = mock.account.requests_to(verdict=REFUSED)
    if not entries:
        raise UnderstudyError(
            "nothing has been refused", where=mock.name, advice="read_journal shows what was said"
        )
    try:
        entry = entries[place]
    except IndexError:
        what = f"there are {len(entries)} refused requests"
        raise UnderstudyError(what, where="refusal", advice="-1 is the last, 0 the first") from None
    name, given = mock.provider_of(entry["target"])
    client = mock.client(name)
    situation = client.behaviour.refusals.situations.get(entry["verdict"])
    told: dict[str, Any] = {
        "request": {key: entry[key] for key in ("method", "target", "request")},
        "answer": {"status": entry["status"], "body": entry["answer"]},
        "situation": entry["verdict"],
        "field": entry["field"],
        "scenario": entry["scenario"],
    }
    if entry["scenario"]:
        told["because"] = "a scenario asked for it; choose_scenario with an empty text ends that"
    if situation is not None:
        told |= {"kind": str(situation.kind), "next": NEXT[situation.kind]}
    target = target_from(given, client.behaviour.document)
    family = next((one for one in target.families if one.name == entry["family"]), None)
    if family is not None and isinstance(entry["request"], dict) and entry["operation"] == "create":
        told["broken"] = _broken(target, family, entry["request"])
    return told


def _broken(target: Target, family: TargetFamily, body: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every keyword of the request's schema that `body` breaks, and where it is stated."""
    return [
        {
            "field": pointer,
            "keyword": keyword,
            "says": sentence,
            "stated_in": stated_in(target, family, pointer, keyword),
            "spec": field_source(target, family, pointer, keyword),
        }
        for pointer, keyword, sentence in family.request_shape.errors(body)
    ]
