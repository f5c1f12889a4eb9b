"""The answers that `understudy drift --live` judges: out of a recording, or asked for now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from specs import library
from specs.drift import compare, load
from specs.drift.exchanges import Asked, read_har
from specs.drift.probe import probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from specs.diff.document import Document
    from specs.drift import Finding


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
    ) -> Asked: ...


def answers(
    target: str, document: Document, *, ask: Ask | None, name: str, api_key: str, budget: Decimal
) -> Asked:
    """What a recording holds, or what the provider at a URL answers now; `stopped` says why there is none."""
    if not is_web(target):
        asked = Asked(read_har(Path(target)))
        asked.stopped = "" if asked.exchanges else "the recording holds no answer: record a client at work"
        return asked
    if ask is None or not has_tasks(document.root):
        asked = probe(target, document, api_key=api_key)
        if not asked.exchanges:
            asked.stopped = "nothing in this document can be asked freely: record a client at work instead"
        return asked
    findings = compare(load(library.CANONICAL), document, whole=False).findings
    return ask(target, document.root, findings, name=name, api_key=api_key, budget=budget)


def is_web(target: str) -> bool:
    return target.startswith(("http://", "https://"))


def has_tasks(root: Mapping[str, Any]) -> bool:
    """Whether a document says how tasks live."""
    items = [item for item in root.get("paths", {}).values() if isinstance(item, dict)]
    return any(
        "x-task" in operation for i in items for operation in i.values() if isinstance(operation, dict)
    )
