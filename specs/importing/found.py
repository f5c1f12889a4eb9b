"""What is found in the spec that an import made: limits, notes and gaps that a person should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.model import UNTOLD_NAME
from understudy.specs.places import path_text
from understudy.specs.readers.told.untold import EXAMPLES_ONLY
from understudy.specs.render.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.model import Field, Note, ProviderSpec

# Behind the path of a family of the vendor of which no operation is documented.
WHOLE_FAMILY = ": the whole family"


def said_in_prose(spec: ProviderSpec) -> tuple[tuple[str, Field], ...]:
    """The fields of which a sentence says something, each with its operation."""
    return tuple(
        (key, one)
        for key, _, one in spec.fields()
        if any(word.evidence.kind == "prose" for word in one.keywords)
    )


def undocumented(spec: ProviderSpec, vendor: ProviderSpec) -> list[str]:
    """The vendor's operations, and fields of requests, that the provider's documents do not mention; of a
    family none of whose operations they mention, its path alone."""
    missing: list[str] = []
    mentioned = {_collection(key) for key in spec.operations}
    for key, operation in vendor.operations.items():
        if key not in spec.operations:
            family = _collection(key)
            said = key if family in mentioned else f"{family}{WHOLE_FAMILY}"
            missing += [said] if said not in missing else []
            continue
        present = {one.path for one in spec.operations[key].request}
        named = {note.field for note in spec.notes if note.code == UNTOLD_NAME}
        top = [one.path for one in operation.request if len(one.path) == 1]
        missing.extend(f"{key} {path_text(path)}" for path in top if path not in {*present, *named})
    return missing


def _collection(key: str) -> str:
    """The path of a family's create, of any of its operations: "GET /v1/x/{id}" -> "/v1/x"."""
    return key.partition(" ")[2].partition("/{")[0]


def untold_in(spec: ProviderSpec) -> list[Note]:
    """What stands in the documents and is in no fact: limits, alternatives, names."""
    return [note for note in spec.notes if note.kind == "untold" and note.code != EXAMPLES_ONLY]


def limits_told(limits: Sequence[tuple[str, Field]]) -> list[str]:
    """Each limit that stood in prose, in one line with its place."""
    return [
        f"{key}: {path_text(one.path)} {word.name} {shown(word.value)} ({word.evidence})"
        for key, one in limits
        for word in one.keywords
        if word.evidence.kind == "prose"
    ]


def shown_only(spec: ProviderSpec) -> list[str]:
    """The bodies of whose fields nothing is declared: an example shows them, and no more."""
    shown: dict[str, list[str]] = {}
    for key, body, one in spec.fields():
        shows = any(word.name != "required" for word in one.keywords)  # else the example is without it
        if shows and all(word.evidence.kind == "example" for word in one.keywords):
            shown.setdefault(f"{key} {body}", []).append(path_text(one.path))
    return [f"{place}: {', '.join(fields)}" for place, fields in shown.items()]


def by_operation(spec: ProviderSpec) -> Mapping[str, int]:
    """How many fields of its request and answers each operation has."""
    counts: dict[str, int] = dict.fromkeys(spec.operations, 0)
    for key, _, _ in spec.fields():
        counts[key] += 1
    return counts
