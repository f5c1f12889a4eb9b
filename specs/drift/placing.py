"""Where the parts of a document that was put together from several files stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.specs import library
from understudy.specs.diff.document import Place

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument
    from understudy.specs.source import ParsedSource


def canonical_path(root: Path) -> Path:
    """The canonical spec that providers below `root` are laid over: their own, or the package's."""
    return library.canonical_file(root)


def short(path: Path) -> str:
    """The path as a person would write it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def place_like(document: ApiDocument, node: Any, like: ParsedSource, twin: Any) -> None:
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
