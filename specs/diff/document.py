"""An OpenAPI document with its references: where each part stands, and what a `$ref` names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from specs.diff.source import DocumentError, Source, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

Raw = Any  # a piece of the document as parsed
MAX_CHAIN = 100


class Place(NamedTuple):
    """A line of a file, from 1; line 0: not known."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Problem(NamedTuple):
    """A part of a document that means nothing and was left out of the comparison."""

    text: str
    place: Place


class Document:
    """One side of a comparison.

    name     as the user named it
    version  (3, 0), (3, 1) or (3, 2)
    problems what was left out, in the order in which it was met
    """

    def __init__(self, name: str, source: Source, *, folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder
        self.sources = {source.file: source}
        self.main = source
        self.origin: dict[int, tuple[Raw, Raw]] = {}
        # Places that no source knows: of documents that were put together from several files.
        self.spots: dict[tuple[int, Any], Place] = {}
        self.problems: list[Problem] = []
        # What `specs.diff.schema.upgrade` made, by the id of the schema, which is kept alive beside it.
        self.upgraded: dict[int, tuple[Raw, dict[str, Any]]] = {}
        self._problems_seen: set[tuple[str, Place]] = set()
        self._keep: list[Raw] = []
        self._targets: dict[tuple[str, str], Raw] = {}
        self.root, self.version = self._check(source.root)

    def _check(self, root: Raw) -> tuple[dict[str, Any], tuple[int, int]]:
        file = self.main.file
        if not isinstance(root, dict):
            raise DocumentError("is not an OpenAPI document: no mapping at the top", where=f"{file}:1")
        if "swagger" in root:
            raise DocumentError(
                f"is Swagger {root['swagger']}",
                where=str(self.place(root, "swagger")),
                advice="convert it first",
            )
        version = root.get("openapi")
        parts = str(version).split(".")
        if len(parts) < 2 or parts[0] != "3" or parts[1] not in ("0", "1", "2"):
            said = "says no OpenAPI version" if version is None else f"OpenAPI {version!r} is not known"
            raise DocumentError(said, where=str(self.place(root, "openapi")), advice="known: 3.0, 3.1, 3.2")
        if not any(key in root for key in ("paths", "webhooks", "components")):
            raise DocumentError("has no paths, webhooks or components", where=f"{file}:1")
        return root, (3, int(parts[1]))

    # --- places

    def owner(self, node: Raw) -> Source | None:
        """The file that a dict or list of this document was read from."""
        return next((s for s in self.sources.values() if id(node) in s.lines), None)

    def place(self, container: Raw, key: Any = None) -> Place:
        """Where `container` starts, or where its key stands. A made part stands where it was made from."""
        while id(container) in self.origin:
            container = self.origin[id(container)][1]
        for spot in ((id(container), key), (id(container), None)):
            if spot in self.spots:
                return self.spots[spot]
        source = self.owner(container)
        if source is None:
            return Place(self.main.file, 0)
        start, keys = source.lines[id(container)]
        return Place(source.file, keys.get(key, start))

    def made(self, node: dict[str, Any], like: Raw) -> dict[str, Any]:
        """Note that `node` was made by us and stands where `like` does. Both are kept alive."""
        self.origin[id(node)] = (node, like)
        return node

    def problem(self, text: str, container: Raw, key: Any = None) -> None:
        """Note a part that is left out; each once."""
        found = Problem(text, self.place(container, key))
        if (found.text, found.place) not in self._problems_seen:
            self._problems_seen.add((found.text, found.place))
            self.problems.append(found)

    def mapping(self, container: Mapping[str, Any], key: str) -> dict[str, Any]:
        """The mapping at `key`, or {}; anything else there is an error with its place."""
        value = container.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise DocumentError(f"{key} is not a mapping", where=str(self.place(container, key)))
        return value

    def listing(self, container: Mapping[str, Any], key: str) -> list[Any]:
        """The list at `key`, or []; anything else there is an error with its place."""
        value = container.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise DocumentError(f"{key} is not a list", where=str(self.place(container, key)))
        return value

    # --- references

    def target(self, holder: Mapping[str, Any]) -> Raw:
        """What `holder`'s `$ref` names, one step. Raises DocumentError where the reference stands."""
        ref = holder["$ref"]
        where = str(self.place(holder, "$ref"))
        if not isinstance(ref, str):
            raise DocumentError("$ref is not a string", where=where)
        original = holder
        while id(original) in self.origin:
            original = self.origin[id(original)][1]
        source = self.owner(original) or self.main
        key = (source.file, ref)
        if key not in self._targets:
            self._targets[key] = self._find(ref, source, where)
        return self._targets[key]

    def follow(self, node: Raw) -> Raw:
        """`node`, or what it names in the end. Raises DocumentError for a ring of references."""
        first = node
        for _ in range(MAX_CHAIN):
            if not (isinstance(node, dict) and "$ref" in node):
                return node
            node = self.target(node)
        raise DocumentError(
            f"$ref {first['$ref']!r} leads back to itself", where=str(self.place(first, "$ref"))
        )

    def _find(self, ref: str, source: Source, where: str) -> Raw:
        file, _, fragment = ref.partition("#")
        node = _marked(source.root, "$id", file) if "://" in file else None
        if file and node is None:
            source = self._other(file, source, where)
        node = source.root if node is None else node
        if fragment and not fragment.startswith("/"):
            found = _marked(node, "$anchor", fragment)
            if found is None:
                advice = f"no $anchor {fragment!r} there"
                raise DocumentError(f"$ref {ref!r} names nothing", where=where, advice=advice)
            return found
        for part in unquote(fragment).split("/")[1:]:
            token = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and token in node:
                node = node[token]
            elif isinstance(node, list) and token.isdigit() and int(token) < len(node):
                node = node[int(token)]
            else:
                raise DocumentError(f"$ref {ref!r} names nothing", where=where, advice=f"no {token!r} there")
        return node

    def _other(self, name: str, source: Source, where: str) -> Source:
        if "://" in name or self.folder is None:
            raise DocumentError(
                f"$ref to {name!r} is not followed", where=where, advice="bundle the document"
            )
        folder = (Path(source.file).parent if source is not self.main else self.folder).resolve()
        path = (folder / unquote(name)).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise DocumentError(f"$ref to {name!r} leaves the document's folder", where=where)
        if str(path) == str(Path(self.main.file).resolve()):
            return self.main
        if str(path) not in self.sources:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeError) as error:
                raise DocumentError(f"$ref to {name!r}: cannot read that file", where=where) from error
            self.sources[str(path)] = parse(text, str(path))
        return self.sources[str(path)]


def _marked(root: Raw, key: str, name: str) -> Raw:
    """The schema below `root` whose `$id` or `$anchor` is `name`, or None."""
    stack: list[Raw] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get(key) == name:
                return node
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return None
