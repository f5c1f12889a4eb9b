"""What a user names as a side of a comparison, as a document.

a file              openapi.yaml, openapi.json
a URL               https://api.example.com/openapi.json
canonical           the canonical spec of this package
a provider          chainhub: what it promises, which is the canonical spec with its overlay
provider@gitref     the same as it was at a commit, tag or branch of the repository around us
any other document  Markdown, a page's text: what its reader and the normaliser make of it
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from specs import documents, library
from specs.diff.document import Document, Place
from specs.diff.source import DocumentError, Source, parse
from specs.errors import UnderstudyError
from specs.overlay import apply, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ADVICE = "a side is a file, a URL, `canonical`, a provider, provider@gitref or a provider's document"


def load(name: str) -> Document:
    """The document that `name` names. Raises UnderstudyError where there is none, or it cannot be read."""
    if name.startswith(("http://", "https://")):
        return _any(name, documents.load(name), None)
    path = Path(name)
    if path.is_file():
        return _any(name, documents.load_file(path), path.parent)
    if name in library.profiles():
        return _profile(name, _file)
    provider, at, ref = name.rpartition("@")
    if at and provider in library.profiles() and ref:
        return _past(provider, ref)
    known = ", ".join(library.profiles())
    raise UnderstudyError(f"nothing is called {name!r}", advice=f"{ADVICE}; known: {known}")


def _any(name: str, found: documents.Document, folder: Path | None) -> Document:
    """An OpenAPI document as it is; any other through its reader and the normaliser."""
    if name.endswith((".yaml", ".yml", ".json")):
        return from_text(name, found.text, folder=folder)
    try:
        root = parse(found.text, name).root
    except DocumentError:
        root = None
    if isinstance(root, dict) and ("openapi" in root or "swagger" in root):
        return from_text(name, found.text, folder=folder)
    from specs.drift.normalised import promised

    return promised(name, [found])


def from_text(name: str, text: str, *, folder: Path | None = None) -> Document:
    """An OpenAPI document from its text. Raises DocumentError, with file and line, when it is not one."""
    return Document(name, parse(text, name), folder=folder)


# --- the documents of this package


def _file(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _at(path: Path, ref: str) -> str:
    """The text of a file as it was at `ref`."""
    if ref.startswith("-"):
        raise UnderstudyError(f"{ref!r} is not a commit", advice="name a commit, tag or branch")
    done = _git(path.parent, "show", f"{ref}:./{path.name}", "--")
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        raise UnderstudyError(f"git has no {path.name} at {ref}: {said}", where=str(path))
    return done.stdout


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise UnderstudyError(f"cannot ask git: {error}", where=str(folder)) from error


def canonical_path(root: Path) -> Path:
    """The canonical spec that providers below `root` are laid over: their own, or the package's."""
    return library.canonical_file(root)


def _past(name: str, ref: str) -> Document:
    """A profile at a commit; a canonical spec that is not in the repository of the provider is today's."""
    if name == library.CANONICAL:
        return _profile(name, lambda path: _at(path, ref), f"{name}@{ref}")
    folder = library.folders()[name]
    top = _git(folder, "rev-parse", "--show-toplevel").stdout.strip()

    def read(path: Path) -> str:
        inside = bool(top) and path.resolve().is_relative_to(Path(top).resolve())
        return _at(path, ref) if inside or path.name != library.SPEC_FILE else _file(path)

    return _profile(name, read, f"{name}@{ref}")


def _profile(name: str, read: Callable[[Path], str], label: str = "") -> Document:
    """What a profile promises, each part with its line in the canonical spec or in the overlay."""
    path = library.folders()[name] / library.OVERLAY_FILE if name != library.CANONICAL else None
    spec = canonical_path(path.parents[2]) if path else library.canonical_file()
    canonical = parse(read(spec), short(spec))
    if path is None:
        return Document(label or name, canonical)
    text = read(path)
    overlay = parse(text, short(path))
    # The overlay's own engine applies it, to plain data; lines are looked up by place afterwards.
    promised = apply(canonical.root, yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506
    document = Document(label or name, Source(canonical.file, promised, {}))
    place_like(document, promised, canonical, canonical.root)
    _place_actions(document, promised, overlay)
    return document


def short(path: Path) -> str:
    """The path as a person would write it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def place_like(document: Document, node: Any, like: Source, twin: Any) -> None:
    """Give `node` and what is below it the lines of `twin`, its counterpart in `like`."""
    if not isinstance(node, dict | list):
        return
    same = isinstance(twin, type(node))
    start, lines = like.lines.get(id(twin), (0, {})) if same else (0, {})
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        other = None
        if isinstance(twin, dict):
            other = twin.get(key)
        elif isinstance(twin, list) and key < len(twin):
            other = twin[key]
        if key in lines:
            document.spots[id(node), key] = Place(like.file, lines[key])
        place_like(document, value, like, other)
    if start:
        document.spots[id(node), None] = Place(like.file, start)


def _place_actions(document: Document, promised: Any, overlay: Source) -> None:
    """What an action of the overlay put in place stands at its line there."""
    for action in overlay.root.get("actions", ()):
        target = place_of(action.get("target", ""))
        if target is None or "update" not in action:
            continue
        node = _at_place(promised, target)
        place_like(document, node, overlay, action["update"])
        where = Place(overlay.file, overlay.lines[id(action)][0])
        holder = _at_place(promised, target[:-1]) if target else None
        if holder is not None:
            document.spots[id(holder), target[-1]] = where


def _at_place(node: Any, place: Sequence[Any]) -> Any:
    for key in place:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            return None
    return node
