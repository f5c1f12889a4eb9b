"""The answers that `understudy drift --live` judges: out of a recording, or asked for now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from understudy.specs import library
from understudy.specs.drift import compare, load
from understudy.specs.drift.exchanges import Asked, read_har
from understudy.specs.drift.probe import probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from understudy.specs.cli.network import Network
    from understudy.specs.diff.document import ApiDocument
    from understudy.specs.drift import Finding


class Ask(Protocol):
    """Buys tasks at a live provider, which this package cannot; see contracts.cli.drift."""

    def __call__(
        self,
        url: str,
        document: Mapping[str, Any],
        findings: Iterable[Finding],
        *,
        name: str,
        api_key: str,
        budget: Decimal,
        network: Network,
    ) -> Asked: ...


@dataclass(frozen=True, slots=True)
class LiveAccess:
    """What a live provider is asked with: the key, the units that may be spent, and the way there."""

    api_key: str
    budget: Decimal
    network: Network


def answers(target: str, document: ApiDocument, *, ask: Ask | None, name: str, access: LiveAccess) -> Asked:
    """What a recording holds, or what the provider at a URL answers now; `stopped` says why there is none."""
    if not is_web(target):
        asked = Asked(read_har(Path(target)))
        asked.stopped = (
            "" if asked.exchanges else "the recording contains no answers: record a client at work"
        )
        return asked
    network = access.network
    if ask is None or not has_tasks(document.root):
        way = network.way(target)
        asked = probe(target, document, api_key=access.api_key, proxy=way, tls=network.tls())
        if not asked.exchanges:
            asked.stopped = (
                "no operation of this document can be called without cost: record a client at work instead"
            )
        return asked
    findings = compare(load(library.CANONICAL), document, whole=False).findings
    return ask(
        target,
        document.root,
        findings,
        name=name,
        api_key=access.api_key,
        budget=access.budget,
        network=network,
    )


def is_web(target: str) -> bool:
    return target.startswith(("http://", "https://"))


def has_tasks(root: Mapping[str, Any]) -> bool:
    """Whether a document says how tasks live."""
    items = [item for item in root.get("paths", {}).values() if isinstance(item, dict)]
    return any(
        "x-task" in operation for i in items for operation in i.values() if isinstance(operation, dict)
    )
