"""The source of a promise: the file and line of the spec that states it."""

from __future__ import annotations

import functools
import tomllib
from typing import TYPE_CHECKING, Any

from understudy.contracts.shapes import resolve
from understudy.specs import library
from understudy.specs.behaviour.rules import RULE
from understudy.specs.errors import UnderstudyError
from understudy.specs.pointers import at, path_of
from understudy.specs.profile import load
from understudy.specs.stated import named, parsed, spec_files

if TYPE_CHECKING:
    from pathlib import Path

    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily


def source_of(
    target: Target,
    family: TargetFamily,
    source: str,
    operation: str = "create",
    files: list[Path] | None = None,
) -> str:
    """`specs/…/openapi.yaml:120` for a source of the promise table; the nearest stated parent counts.

    Falls back to the pointer itself when no file of the provider has it. `files` are the provider's spec
    files, for who asks often: they are looked for in folders.
    """
    base = family.pointers.get(operation, family.pointers["create"])
    if source.startswith(("x-task", "callbacks", "requestBody")) or "/links/" in source:
        base = family.pointers["create"]
    return _line(target, source if source.startswith("/") else f"{base}/{source}", files)


def field_source(target: Target, family: TargetFamily, pointer: str, keyword: str = "") -> str:
    """File and line of a request field (a pointer into a body), or of one keyword of its schema."""
    place = f"{family.pointers['create']}/requestBody/content/application~1json/schema"
    for part in pointer.split("/")[1:]:
        place = _followed(target, place) + ("/items" if part.isdigit() else f"/properties/{part}")
    place = _followed(target, place)
    return _line(target, f"{place}/{keyword}" if keyword else place)


@functools.cache
def _own_spec(provider: str) -> tuple[dict[str, Any], dict[str, str]] | None:
    """What the provider's own documents state, and where they lie by name; None when it has none."""
    try:
        own = library.folder_of(provider)
    except UnderstudyError:  # a document in no folder of ours
        return None
    if own is None or not (own / "openapi.yaml").exists():
        return None
    settings = tomllib.loads((own / "provider.toml").read_text(encoding="utf-8"))
    files = [str(d.get("file", "")) for d in settings.get("documents", ())]
    return library.load_yaml(own / "openapi.yaml"), {f.rpartition("/")[2]: f for f in files}


def stated_in(target: Target, family: TargetFamily, pointer: str, keyword: str) -> str:
    """Line of the provider's own document that states a keyword of a request field; "" when none does.

    Provider specs keep it as `x-evidence`: keyword -> "document:line kind". Without a keyword, the line of
    the field itself.
    """
    own = _own_spec(target.provider)
    if own is None:
        return ""
    document, files = own
    node = at(document, f"{family.pointers['create']}/requestBody/content/application~1json/schema", {})
    for part in pointer.split("/")[1:]:
        node = at(resolve(node, document), "/items" if part.isdigit() else f"/properties/{part}", {})
    said = resolve(node, document).get("x-evidence", {}) if isinstance(node, dict) else {}
    place = str(said.get(keyword or "type", "")).split(" ")[0]
    name, _, line = place.rpartition(":")
    return f"{files.get(name, name)}:{line}" if name else ""


def promised(target: Target, family: TargetFamily, pointer: str, keyword: str) -> bool:
    """Whether the provider promises to refuse what breaks a keyword of a request field.

    A provider whose documents describe the create is held to what they state; a limit that is only inherited
    from the canonical spec is unknown there, and no promise. Without such documents the canonical spec holds.
    """
    own = _own_spec(target.provider)
    if keyword == RULE:
        # Rules stand in the vendor's promise alone; no reader finds them in a page.
        return own is None or is_vendor(target.provider)
    described = own is not None and at(own[0], f"{family.pointers['create']}/requestBody") is not None
    return not described or not pointer or bool(stated_in(target, family, pointer, keyword))


def is_vendor(provider: str) -> bool:
    """Whether a provider's documents are the vendor's promise."""
    folder = library.folder_of(provider)
    return folder is not None and load(folder / library.PROFILE_FILE).vendor


def _followed(target: Target, place: str) -> str:
    node = at(target.document, place)
    while isinstance(node, dict) and "$ref" in node:
        place = str(node["$ref"]).removeprefix("#")
        node = at(target.document, place)
    return place


def _line(target: Target, pointer: str, files: list[Path] | None = None) -> str:
    for path in spec_files(target.provider) if files is None else files:
        place, line = parsed(path).place(pointer)
        # A parent counts, as long as it still says more than "somewhere below paths or components".
        if place and (len(place) > 3 or place == path_of(pointer)):
            return f"{named(path)}:{line}"
    return f"#{pointer}"
