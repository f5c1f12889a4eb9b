"""Provider documents, of any format that has a reader, as the promise that the normaliser makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs import library
from understudy.specs.build import known_fields, usual_names, vendor_in
from understudy.specs.diff.document import ApiDocument, Place
from understudy.specs.drift.placing import canonical_path, place_like, short
from understudy.specs.effective import effective
from understudy.specs.normalise import provider_spec
from understudy.specs.places import REQUEST, fields, json_media, operations
from understudy.specs.profile import Profile
from understudy.specs.readers import read
from understudy.specs.source import LineTable, ParsedSource, parse
from understudy.specs.tree import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from understudy.specs import documents
    from understudy.specs.model import Field, FieldPath, ProviderSpec


def promised(name: str, found: Sequence[documents.Document], about: Profile | None = None) -> ApiDocument:
    """What the documents `found` promise, as an OpenAPI document; `name` is what reports call it.

    `about` is the provider's profile, for its aliases, facts and conventions. Raises UnderstudyError, with
    the place, for a document in no known format.
    """
    root = library.canonical_file().parents[1]
    return promise_of(name, stated(found, about or Profile(name, name)), root)


def stated(found: Sequence[documents.Document], about: Profile) -> ProviderSpec:
    """What the documents state. Raises UnderstudyError, with the place, for one in no known format."""
    readings = [read(document) for document in found]
    return provider_spec(
        about, readings, known_fields(vendor_in(library.canonical_file().parents[1])), usual_names()
    )


def promise_of(name: str, spec: ProviderSpec, root: Path) -> ApiDocument:
    """What is stated, laid over the canonical spec of the folder `root`, or of this package."""
    path = canonical_path(root)
    canonical = parse(path.read_text(encoding="utf-8"), short(path))
    data = effective(canonical.root, spec)
    document = ApiDocument(name, ParsedSource(canonical.file, data, LineTable()))
    place_like(document, data, canonical, canonical.root)
    _place_evidence(document, data, spec)
    return document


def _place_evidence(document: ApiDocument, data: dict[str, Any], spec: ProviderSpec) -> None:
    """What the provider states stands at the line of its own document."""
    for key, operation in operations(data):
        stated = spec.operations.get(key)
        if stated is None:
            continue
        bodies = {REQUEST: stated.request, **stated.responses}
        for body, several in bodies.items():
            holder = operation.get("requestBody") if body == REQUEST else operation["responses"].get(body)
            media = json_media(resolved(data, holder) or {})
            if media is None:
                continue
            found = {path: node for path, node, _ in fields(data, media["schema"])}
            found[()] = resolved(data, media["schema"])
            for one in several:
                _place_field(document, found, one, spec.aliases.get(key, {}))


def _place_field(
    document: ApiDocument, found: dict[FieldPath, Any], one: Field, aliases: Mapping[FieldPath, str]
) -> None:
    above = one.path[:-1]
    node = found.get((*above, aliases[one.path]) if one.path in aliases else one.path)
    holder = found.get(above)
    if not isinstance(node, dict):
        return
    for word in one.keywords:
        place = Place(word.evidence.document, word.evidence.line)
        if word.name == "required" and isinstance(holder, dict):
            document.spots[id(holder), "required"] = place
        elif word.name in node and node[word.name] == word.value:
            document.spots[id(node), word.name] = place
        document.spots[id(node), None] = place
        if isinstance(holder, dict) and isinstance(holder.get("properties"), dict):
            document.spots[id(holder["properties"]), one.name] = place
