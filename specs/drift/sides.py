"""What a user names as a side of a comparison, as a document.

a file              openapi.yaml, openapi.json; a pipe as <(git show main:openapi.yaml), file:///…
-                   what stands on standard input
a URL               https://api.example.com/openapi.json
canonical           the canonical spec of this package
a provider          chainhub: what it promises, which is the canonical spec with its overlay
provider@gitref     the same as it was at a commit, tag or branch of the repository around us
any other document  Markdown, a page's text: what its reader and the normaliser make of it
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import yaml

from understudy.specs import documents, library
from understudy.specs.behaviour.description import read_text
from understudy.specs.behaviour.openapi import document_of
from understudy.specs.diff.document import ApiDocument, Place
from understudy.specs.drift.placing import canonical_path, place_like, short
from understudy.specs.errors import UnderstudyError
from understudy.specs.overlay import apply, place_of
from understudy.specs.source import DocumentError, LineTable, ParsedSource, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ADVICE = "a side is a file, a URL, `canonical`, a provider, provider@gitref or a provider's document"

# Characters of an unknown name that are shown.
MOST_SHOWN = 100


def load(name: str) -> ApiDocument:
    """The document that `name` names. Raises UnderstudyError where there is none, or it cannot be read."""
    if name.startswith(("http://", "https://")):
        return _any(name, documents.load(name), None)
    if name == "-":
        data = sys.stdin.buffer.read(documents.MAX_BYTES + 1)
        return _any(name, documents.Document.from_bytes(name, data), Path())
    path = _path(name)
    if _is_file(path):
        # What comes through a pipe stands in no folder: it may name files beside us.
        return _any(name, documents.load_file(path), path.parent if path.is_file() else Path())
    if name in library.profiles():
        return _profile(name, _file)
    if name in library.apis():
        return _described(name, _file)
    provider, at, ref = name.rpartition("@")
    if at and provider in library.names() and ref:
        return _past(provider, ref)
    known = ", ".join(library.names())
    called = name if len(name) <= MOST_SHOWN else f"{name[:MOST_SHOWN]}…"
    raise UnderstudyError(f"there is nothing called {called!r}", advice=f"{ADVICE}; known: {known}")


def _is_file(path: Path) -> bool:
    """Whether there is such a file or pipe; a name that is too long for one names none."""
    try:
        return path.exists() and not path.is_dir()
    except OSError:
        return False


def _path(name: str) -> Path:
    """Where a side would be as a file. Raises UnderstudyError for a file:// address on another host."""
    if not name.startswith("file:"):
        return Path(name)
    parts = urlsplit(name)
    if parts.netloc not in ("", "localhost"):
        raise UnderstudyError(f"{parts.netloc} is another host", where=name, advice="use its https URL")
    return Path(unquote(parts.path))


def _any(name: str, found: documents.Document, folder: Path | None) -> ApiDocument:
    """An OpenAPI document as it is; any other through its reader and the normaliser.

    Raises UnderstudyError where there is nothing to read, as when two sides are one pipe.
    """
    if not found.text.strip():
        raise UnderstudyError("is empty", where=name)
    if name.endswith((".yaml", ".yml", ".json")):
        return from_text(name, found.text, folder=folder)
    try:
        root = parse(found.text, name).root
    except DocumentError:
        root = None
    if isinstance(root, dict) and ("openapi" in root or "swagger" in root):
        return from_text(name, found.text, folder=folder)
    # Here: the readers take a second to load, and most sides need none.
    from understudy.specs.drift.normalised import promised

    return promised(name, [found])


def from_text(name: str, text: str, *, folder: Path | None = None) -> ApiDocument:
    """An OpenAPI document from its text. Raises DocumentError, with file and line, when it is not one."""
    return ApiDocument(name, parse(text, name), folder=folder)


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


def _described(name: str, read: Callable[[Path], str], label: str = "") -> ApiDocument:
    """What the description of an API promises."""
    path = library.apis()[name]
    description = read_text(read(path), path, library.apis().get)
    return ApiDocument(label or name, ParsedSource(short(path), document_of(description.data), LineTable()))


def _past(name: str, ref: str) -> ApiDocument:
    """A profile at a commit; a canonical spec that is not in the repository of the provider is today's."""
    if name in library.apis():
        return _described(name, lambda path: _at(path, ref), f"{name}@{ref}")
    if name == library.CANONICAL:
        return _profile(name, lambda path: _at(path, ref), f"{name}@{ref}")
    folder = library.folders()[name]
    top = _git(folder, "rev-parse", "--show-toplevel").stdout.strip()

    def read(path: Path) -> str:
        inside = bool(top) and path.resolve().is_relative_to(Path(top).resolve())
        return _at(path, ref) if inside or path.name != library.SPEC_FILE else _file(path)

    return _profile(name, read, f"{name}@{ref}")


def _profile(name: str, read: Callable[[Path], str], label: str = "") -> ApiDocument:
    """What a profile promises, each part with its line in the canonical spec or in the overlay."""
    path = library.folders()[name] / library.OVERLAY_FILE if name != library.CANONICAL else None
    spec = canonical_path(path.parents[2]) if path else library.canonical_file()
    canonical = parse(read(spec), short(spec))
    if path is None:
        return ApiDocument(label or name, canonical)
    text = read(path)
    overlay = parse(text, short(path))
    # The overlay's own engine applies it, to plain data; lines are looked up by place afterwards.
    promised = apply(canonical.root, yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506
    document = ApiDocument(label or name, ParsedSource(canonical.file, promised, LineTable()))
    place_like(document, promised, canonical, canonical.root)
    _place_actions(document, promised, overlay)
    return document


def _place_actions(document: ApiDocument, promised: Any, overlay: ParsedSource) -> None:
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
