"""An OpenAPI document with its references: where each part stands, and what a `$ref` names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin

from understudy.specs.source import DocumentError, ParsedSource, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Raw = Any  # a piece of the document as parsed
MAX_CHAIN = 100


class Place(NamedTuple):
    """A line of a file, from 1; line 0: not known."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class DocumentProblem(NamedTuple):
    """What is wrong with a part of a document.

    rule   "not-understood": the part was left out; "overlapping-one-of": it was read as it is meant
    value  a JSON value that shows it, or None
    """

    text: str
    place: Place
    rule: str = "not-understood"
    value: Any = None


class BrokenReferenceError(DocumentError):
    """A `$ref` that names nothing, leads back to itself, or leads where nothing is read; it is `holder`'s."""

    holder: Raw = None


class ApiDocument:
    """One side of a comparison.

    name     as the user named it
    version  (3, 0), (3, 1) or (3, 2)
    problems what was left out, in the order in which it was met
    unclear  schemas of which nothing is known, because their reference is broken: by id, kept alive
    """

    def __init__(self, name: str, source: ParsedSource, *, folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder
        self.sources = {source.file: source}
        self.main = source
        self.origin: dict[int, tuple[Raw, Raw]] = {}
        # Places that no source knows: of documents that were put together from several files.
        self.spots: dict[tuple[int, Any], Place] = {}
        self.problems: list[DocumentProblem] = []
        self.unclear: dict[int, Raw] = {}
        # Schemas, by id, of which it was noted that they include themselves.
        self.told: set[int] = set()
        # What `specs.diff.children` found, by id: schemas whose alternatives are their children; what it
        # says there of the kind; what a sender sends of an alternative for other kinds; and the components
        # that take in a component.
        self.implied: set[int] = set()
        self.kinds: set[int] = set()
        self.unnamed: dict[int, Raw] = {}
        self.parents: dict[int, list[tuple[str, Raw]]] | None = None
        # What `specs.diff.schema.upgrade` made, by the id of the schema, which is kept alive beside it.
        self.upgraded: dict[int, tuple[Raw, dict[str, Any]]] = {}
        self._problems_seen: set[tuple[str, Place]] = set()
        self._keep: list[Raw] = []
        self._targets: dict[tuple[str, str], Raw] = {}
        # The same by the id of who refers, which is kept alive.
        self._followed: dict[int, tuple[Any, Raw]] = {}
        self._dynamic: dict[str, list[Raw]] | None = None
        self._addresses: Addresses | None = None
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
            said = "states no OpenAPI version" if version is None else f"OpenAPI {version!r} is not known"
            raise DocumentError(said, where=str(self.place(root, "openapi")), advice="known: 3.0, 3.1, 3.2")
        if not any(key in root for key in ("paths", "webhooks", "components")):
            raise DocumentError("has no paths, webhooks or components", where=f"{file}:1")
        return root, (3, int(parts[1]))

    # --- places

    def owner(self, node: Raw) -> ParsedSource | None:
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

    def problem(self, text: str, container: Raw, key: Any = None, **about: Any) -> None:
        """Note what is wrong with a part, each once; `about` are further fields of a DocumentProblem."""
        self._note(DocumentProblem(text, self.place(container, key), **about))

    def _note(self, found: DocumentProblem) -> None:
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
        """The schema that `holder`'s `$ref` names, one step; where it is broken, an unclear one."""
        try:
            return self._target(holder)
        except BrokenReferenceError as error:
            return self._broken(holder, error)

    def step(self, holder: Mapping[str, Any]) -> Raw:
        """What `holder` refers to, one step. Raises BrokenReferenceError where that is nothing."""
        return self._target(holder)

    def bind(self, holder: dict[str, Any], target: Raw) -> None:
        """Let `holder` refer to `target`, whatever its letters say; both are kept alive."""
        self._followed[id(holder)] = (holder, target)

    def schema(self, node: Raw) -> Raw:
        """A schema, or the one that it names in the end; where that is broken, an unclear one."""
        try:
            return self.follow(node)
        except BrokenReferenceError as error:
            return self._broken(node, error)

    def follow(self, node: Raw) -> Raw:
        """`node`, or what it names in the end. Raises BrokenReferenceError where the reference stands."""
        first = node
        for _ in range(MAX_CHAIN):
            if not (isinstance(node, dict) and reference(node) is not None):
                return node
            node = self._target(node)
        raise BrokenReferenceError(
            f"$ref {reference(first)!r} leads back to itself", where=str(self.place(first, "$ref"))
        )

    def dynamic(self, name: str) -> list[Raw]:
        """The schemas that carry `$dynamicAnchor: name`."""
        if self._dynamic is None:
            self._dynamic = {}
            for node in mappings(self.root):
                if isinstance(anchor := node.get("$dynamicAnchor"), str):
                    self._dynamic.setdefault(anchor, []).append(node)
        return self._dynamic.get(name, [])

    def leave_out(self, raw: dict[str, Any]) -> None:
        """Note that nothing is known about what a schema demands."""
        self.unclear[id(raw)] = raw

    def _broken(self, holder: Mapping[str, Any], error: BrokenReferenceError) -> Raw:
        key = ("", str(reference(holder)))
        self.broken(error, holder)
        if key not in self._targets:
            self._targets[key] = self.made({}, holder)
            self.leave_out(self._targets[key])
        return self._targets[key]

    def _target(self, holder: Mapping[str, Any]) -> Raw:
        known = self._followed.get(id(holder))
        if known is not None:
            return known[1]
        ref = reference(holder)
        if not isinstance(ref, str):
            raise BrokenReferenceError("$ref is not a string", where=str(self.place(holder, "$ref")))
        original = holder
        while id(original) in self.origin:
            original = self.origin[id(original)][1]
        source = self.owner(original) or self.main
        within = self._address(original) if source is self.main else ""
        key = (source.file, urljoin(within, ref))
        if key not in self._targets:
            try:
                self._targets[key] = self._find(ref, source, str(self.place(holder, "$ref")), within)
            except BrokenReferenceError as error:
                error.holder = holder
                raise
        self._followed[id(holder)] = (holder, self._targets[key])
        return self._targets[key]

    def broken(self, error: BrokenReferenceError, raw: Raw) -> None:
        """Note that a part of the document was left out; `raw` is where, if the error does not know."""
        self._note(DocumentProblem(error.what, self.place(error.holder or raw, "$ref")))

    def _address(self, node: Raw) -> str:
        """The address that the `$id` around a schema of the main file gives it, "" without one."""
        if self._addresses is None:
            self._addresses = Addresses(self.root)
        return self._addresses.of(node)

    def _find(self, ref: str, source: ParsedSource, where: str, within: str) -> Raw:
        file, _, fragment = ref.partition("#")
        node = None
        if file:
            node = source.root if self._is_self(file) else self._named(file, source, within)
            if node is None:
                source = self._other(file, source, where)
        node = source.root if node is None else node
        if fragment and not fragment.startswith("/"):
            found = _marked(node, "$anchor", fragment) or _marked(node, "$dynamicAnchor", fragment)
            if found is None:
                text = f"$ref {ref!r} names nothing (no $anchor {fragment!r} there)"
                raise BrokenReferenceError(text, where=where)
            return found
        tokens = [part.replace("~1", "/").replace("~0", "~") for part in unquote(fragment).split("/")[1:]]
        found, missing = _at(node, tokens)
        if missing is not None and node is source.root:
            # Within a schema that has an `$id`, a pointer starts at that schema (JSON Schema 2020-12, 8.2.1).
            inside = [_at(one, tokens)[0] for one in mappings(node) if isinstance(one.get("$id"), str)]
            found = next((one for one in inside if one is not None), None)
            missing = missing if found is None else None
        if missing is not None:
            raise BrokenReferenceError(f"$ref {ref!r} names nothing (no {missing!r} there)", where=where)
        return found

    def _named(self, file: str, source: ParsedSource, within: str) -> Raw:
        """The schema of this address, seen from `within`, or of this very `$id`; None where there is none."""
        found = None
        if source is self.main and self._addresses is not None:
            found = self._addresses.schemas.get(urljoin(within, file))
        return _marked(source.root, "$id", file) if found is None else found

    def _is_self(self, file: str) -> bool:
        """OpenAPI 3.2, `$self`: the address that the document has for itself."""
        own = self.root.get("$self") if self.version >= (3, 2) else None
        return isinstance(own, str) and urljoin(own, file) == own

    def _other(self, name: str, source: ParsedSource, where: str) -> ParsedSource:
        if "://" in name or self.folder is None:
            raise BrokenReferenceError(f"$ref to {name!r} is not followed (bundle the document)", where=where)
        folder = (Path(source.file).parent if source is not self.main else self.folder).resolve()
        path = (folder / unquote(name)).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise BrokenReferenceError(f"$ref to {name!r} leaves the document's folder", where=where)
        if str(path) == str(Path(self.main.file).resolve()):
            return self.main
        if str(path) not in self.sources:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeError) as error:
                raise BrokenReferenceError(f"$ref to {name!r}: cannot read that file", where=where) from error
            self.sources[str(path)] = parse(text, str(path))
        return self.sources[str(path)]


class Addresses:
    """The addresses that schemas of a file have by `$id`, each resolved against the one around it (JSON
    Schema 2020-12, 8.2.1).

    schemas  by address, without an empty fragment
    """

    def __init__(self, root: Raw) -> None:
        self.schemas: dict[str, Raw] = {}
        self._around: dict[int, str] = {}
        if any(isinstance(node.get("$id"), str) for node in mappings(root)):
            own = root.get("$self", "")
            self._walk(root, own if isinstance(own, str) else "")

    def of(self, node: Raw) -> str:
        """The address around a schema, "" without one."""
        return self._around.get(id(node), "")

    def _walk(self, root: Raw, around: str) -> None:
        stack: list[tuple[Raw, str]] = [(root, around)]
        while stack:
            node, address = stack.pop()
            if isinstance(node, list):
                stack += [(item, address) for item in node]
            elif isinstance(node, dict):
                if isinstance(node.get("$id"), str):
                    address = urljoin(address, node["$id"]).removesuffix("#")
                    self.schemas.setdefault(address, node)
                self._around[id(node)] = address
                stack += [(value, address) for value in node.values()]


def reference(node: Mapping[str, Any]) -> Any:
    """What a schema or object refers to: its `$ref` or `$dynamicRef`; None where it refers to nothing."""
    return node.get("$ref", node.get("$dynamicRef"))


def _at(node: Raw, tokens: list[str]) -> tuple[Raw, str | None]:
    """What `tokens` lead to below `node`, or None with the first token that is not there."""
    for token in tokens:
        if isinstance(node, dict) and token in node:
            node = node[token]
        elif isinstance(node, list) and token.isdigit() and int(token) < len(node):
            node = node[int(token)]
        else:
            return None, token
    return node, None


def mappings(root: Raw) -> Iterator[dict[str, Any]]:
    """Every mapping of a document, once."""
    stack: list[Raw] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack += node.values()
        elif isinstance(node, list):
            stack += node


def _marked(root: Raw, key: str, name: str) -> Raw:
    """The schema below `root` whose `$id` or `$anchor` is `name`, or None."""
    return next((node for node in mappings(root) if node.get(key) == name), None)
