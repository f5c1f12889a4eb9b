"""The canonical spec: the vendor's document with the others' evidence merged in, every dispute recorded.

The vendor's structure stays: paths, answers, links, callbacks, lifecycle. Of the others' evidence
* an enum marked `x-dated` takes every name (such enums move: what the vendor sells today, a reseller sold
  yesterday), while its default stays the vendor's;
* a schema keyword about which the vendor is silent is taken when all who speak say the same; extensions,
  which the engine acts upon, are the vendor's alone;
* everything else is the vendor's. What the others say instead is in their overlays, and every disagreement
  is recorded with who says what and where; nothing is averaged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.specs.model import Disagreement, Evidence
from understudy.specs.places import ITEM, REQUEST, Editor
from understudy.specs.tree import copied, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from understudy.specs.model import Field, FieldPath, ProviderSpec
    from understudy.specs.tree import Object

DATED = "x-dated"
# Not schema keywords: whether there is such a field, and what it is called.
PRESENCE = "field"
NAME = "name"

VENDOR_FIRST = "the vendor's word goes first"
EVERY_NAME = "the enum moves with time: every name in evidence, the vendor's default"
AGREED = "the vendor is silent and all who speak say the same"
OPEN = "the vendor is silent and the others disagree: left open"
NOT_THE_VENDORS = "unknown to the vendor: stands in the provider's overlay alone"

# One keyword of one field of one body of one operation.
Subject = tuple[str, str, "FieldPath", str]


# Who says what about one keyword of one field: (provider, value, evidence), the vendor first.
Saying = tuple[str, Any, "Evidence"]


@dataclass(frozen=True, slots=True)
class Canonical:
    """The merged document; every disagreement; and what was taken from others where the vendor is silent."""

    document: Object
    disagreements: tuple[Disagreement, ...]
    taken: tuple[Disagreement, ...]


def merge(document: Mapping[str, Any], vendor: ProviderSpec, others: Sequence[ProviderSpec]) -> Canonical:
    """The canonical spec from the vendor's OpenAPI document, its spec, and the other providers' specs."""
    editor = Editor(document)
    editor.document["servers"] = [{"url": prefix} for prefix in prefixes([vendor, *others])]
    records = [
        _settle(editor, subject, says, vendor.name)
        for subject, says in _said(vendor, sorted(others, key=lambda spec: spec.name)).items()
    ]
    order = {
        body: index
        for index, body in enumerate(dict.fromkeys((key, body) for key, body, _ in vendor.fields()))
    }
    found = [record for record in records if record is not None]
    found.sort(key=lambda record: order.get((record.operation, record.body), len(order)))
    return Canonical(
        editor.finished(),
        tuple(record for record in found if record.why != AGREED),
        tuple(record for record in found if record.why == AGREED),
    )


def prefixes(specs: Iterable[ProviderSpec]) -> list[str]:
    """What the providers put in front of the canonical paths: "/kling", and last "/" for nothing."""
    found = {urlsplit(url).path.rstrip("/") for spec in specs for url in spec.servers}
    return [*sorted(found - {""}), "/"]


def natural(text: Any) -> list[tuple[int, int, str]]:
    """A sort key in which v9 comes before v10."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"(\d+)", str(text))
        if part
    ]


def _said(vendor: ProviderSpec, others: Sequence[ProviderSpec]) -> dict[Subject, list[Saying]]:
    """Who says what about each keyword of each field, the vendor's fields first."""
    said: dict[Subject, list[Saying]] = {}
    names: dict[tuple[str, str, FieldPath], Saying] = {}
    for key, body, one in vendor.fields():
        names[key, body, one.path] = (vendor.name, one.name, _evidence(one))
        for word in one.keywords:
            said[key, body, one.path, word.name] = [(vendor.name, word.value, word.evidence)]
    for spec in others:
        for key, body, one in spec.fields():
            place = (key, body, one.path)
            if key not in vendor.operations or not one.keywords:
                continue
            if place not in names:
                if one.name not in ("", ITEM):
                    said.setdefault((*place, PRESENCE), []).append((spec.name, "present", _evidence(one)))
                continue
            alias = spec.aliases.get(key, {}).get(one.path) if body == REQUEST else None
            if alias:
                said.setdefault((*place, NAME), [names[place]]).append((spec.name, alias, _evidence(one)))
            for word in one.keywords:
                said.setdefault((*place, word.name), []).append((spec.name, word.value, word.evidence))
    return said


def _evidence(one: Field) -> Evidence:
    return one.keywords[0].evidence if one.keywords else Evidence("", one.line, "declared")


def _settle(editor: Editor, subject: Subject, says: list[Saying], vendor: str) -> Disagreement | None:
    """What is chosen for one keyword, done in the document if it is to change; None when all agree."""
    operation, body, path, keyword = subject
    by_vendor = says[0][0] == vendor
    agreed = all(_agree(keyword, says[0][1], value) for _, value, _ in says)
    node = _node(editor, operation, body, path)
    chosen: Any = None
    if keyword == PRESENCE:
        chosen, why = None, NOT_THE_VENDORS
    elif by_vendor and agreed:
        return None
    elif by_vendor and keyword == "enum" and node is not None and DATED in node:
        chosen, why = _every_name(value for _, value, _ in says), EVERY_NAME
        node["enum"] = chosen
    elif by_vendor:
        chosen, why = says[0][1], VENDOR_FIRST
    elif body != REQUEST or keyword.startswith("x-"):
        return None
    elif agreed:
        chosen, why = says[0][1], AGREED
        if keyword == "required":
            # Required is what the vendor requires; its silence means that the field may be left out.
            chosen, why = False, VENDOR_FIRST
        elif node is not None:
            node[keyword] = copied(chosen)
    else:
        chosen, why = None, OPEN
    return Disagreement(operation, body, path, keyword, tuple(says), chosen, why)


def _node(editor: Editor, operation: str, body: str, path: FieldPath) -> Object | None:
    schema = editor.body(operation, body)
    spot = None if schema is None else editor.field(schema, path)
    return None if spot is None else editor.own(*spot)


def _every_name(enums: Iterable[Sequence[Any]]) -> list[Any]:
    names: list[Any] = []
    for enum in enums:
        names.extend(name for name in enum if name not in names)
    return sorted(names, key=natural)


def _agree(keyword: str, one: Any, other: Any) -> bool:
    """Whether two statements can both be true. Order in an enum is no matter, nor silence in an extension."""
    if keyword in {"enum", "type"}:
        return _as_set(one) == _as_set(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree("", one[key], other[key]) for key in one.keys() & other.keys())
    return same(one, other)


def _as_set(value: Any) -> set[str]:
    return {repr(item) for item in (value if isinstance(value, list) else [value])}
