"""Where a promise stands: the file and line of the spec that states it."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from contracts.shapes import at, resolve
from specs import library
from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.target import Family, Target


@functools.cache
def lines(path: Path) -> dict[str, int]:
    """JSON pointer -> line (from 1) of every key in a YAML file."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = yaml.compose(path.read_text(encoding="utf-8"), loader)
    return dict(_walk(root, "")) if root is not None else {}


def _walk(node: Any, pointer: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{pointer}/{str(key.value).replace('~', '~0').replace('/', '~1')}"
            yield inner, key.start_mark.line + 1
            yield from _walk(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield f"{pointer}/{number}", value.start_mark.line + 1
            yield from _walk(value, f"{pointer}/{number}")


def _folder(provider: str) -> Path | None:
    """The provider's folder; None for `canonical`, and for a document that stands in no folder."""
    try:
        return library.folder_of(provider)
    except UnderstudyError:
        return None


def documents(provider: str) -> list[Path]:
    """The spec files in which a provider's promises stand, the most particular first."""
    own = _folder(provider)
    found = [] if own is None else [own / "promise.yaml", own / "openapi.yaml"]
    found.append(library.canonical_file(own.parents[1] if own else None))
    return [p for p in found if p.exists()]


def source_of(target: Target, family: Family, source: str, operation: str = "create") -> str:
    """`specs/…/openapi.yaml:120` for a source of the promise table; the nearest stated parent counts.

    Falls back to the pointer itself when no file of the provider has it.
    """
    base = family.pointers.get(operation, family.pointers["create"])
    if source.startswith(("x-task", "callbacks", "requestBody")) or "/links/" in source:
        base = family.pointers["create"]
    return _line(target, source if source.startswith("/") else f"{base}/{source}")


def field_source(target: Target, family: Family, pointer: str, keyword: str = "") -> str:
    """File and line of a request field (a pointer into a body), or of one keyword of its schema."""
    place = f"{family.pointers['create']}/requestBody/content/application~1json/schema"
    for part in pointer.split("/")[1:]:
        place = _followed(target, place) + ("/items" if part.isdigit() else f"/properties/{part}")
    place = _followed(target, place)
    return _line(target, f"{place}/{keyword}" if keyword else place)


@functools.cache
def _own_spec(provider: str) -> tuple[dict[str, Any], dict[str, str]] | None:
    """What the provider's own documents state, and where they lie by name; None when it has none."""
    own = _folder(provider)
    if own is None or not (own / "openapi.yaml").exists():
        return None
    settings = tomllib.loads((own / "provider.toml").read_text(encoding="utf-8"))
    files = [str(d.get("file", "")) for d in settings.get("documents", ())]
    return library.load_yaml(own / "openapi.yaml"), {f.rpartition("/")[2]: f for f in files}


def stated_in(target: Target, family: Family, pointer: str, keyword: str) -> str:
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


def promised(target: Target, family: Family, pointer: str, keyword: str) -> bool:
    """Whether the provider promises to refuse what breaks a keyword of a request field.

    A provider whose documents describe the create is held to what they state; a limit that is only inherited
    from the canonical spec is unknown there, and no promise. Without such documents the canonical spec holds.
    """
    own = _own_spec(target.provider)
    described = own is not None and at(own[0], f"{family.pointers['create']}/requestBody") is not None
    return not described or not pointer or bool(stated_in(target, family, pointer, keyword))


def _followed(target: Target, place: str) -> str:
    node = at(target.document, place)
    while isinstance(node, dict) and "$ref" in node:
        place = str(node["$ref"]).removeprefix("#")
        node = at(target.document, place)
    return place


def _shown(path: Path) -> str:
    """The file from the folder that holds the package, or from the current one."""
    for folder in (library.HERE.parent, Path.cwd()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.as_posix()


def _line(target: Target, pointer: str) -> str:
    for path in documents(target.provider):
        known, place = lines(path), pointer
        while place and place not in known:
            place = place.rpartition("/")[0]
        # A parent counts, as long as it still says more than "somewhere below paths or components".
        if place and (place == pointer or place.count("/") > 3):
            return f"{_shown(path)}:{known[place]}"
    return f"#{pointer}"
