"""Provider documents, of any format that has a reader, as the promise that the normaliser makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specs import library, profile
from specs.build import known_fields, package_vendor, usual_names
from specs.diff.document import Document
from specs.diff.source import Source, parse
from specs.drift.sides import place_like, short
from specs.effective import effective
from specs.normalise import provider_spec
from specs.profile import Profile
from specs.readers import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specs import documents


def promised(name: str, found: Sequence[documents.Document], about: Profile | None = None) -> Document:
    """What the documents `found` promise, as an OpenAPI document; `name` is what reports call it.

    `about` is the provider's profile, for its aliases, facts and conventions. Raises UnderstudyError, with
    the place, for a document in no known format.
    """
    readings = [read(document) for document in found]
    spec = provider_spec(
        about or Profile(name, name), readings, known_fields(package_vendor()), usual_names()
    )
    path = library.HERE / library.CANONICAL / library.SPEC_FILE
    canonical = parse(path.read_text(encoding="utf-8"), short(path))
    data = effective(canonical.root, spec)
    document = Document(name, Source(canonical.file, data, {}))
    place_like(document, data, canonical, canonical.root)
    return document


def profile_of(provider: str) -> Profile:
    """The committed profile of a provider."""
    return profile.load(library.folders()[provider] / library.PROFILE_FILE)
