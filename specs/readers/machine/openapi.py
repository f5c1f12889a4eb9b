"""From an OpenAPI tree to operations: schemas flattened to fields, each keyword with the line that says
it."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.forms import FORMS
from understudy.specs.errors import UnderstudyError
from understudy.specs.model import Operation, Parameter
from understudy.specs.readers.derived import moved_fields
from understudy.specs.readers.facts import place_pictures
from understudy.specs.readers.fields.shown_values import with_values
from understudy.specs.readers.machine.described_text import described
from understudy.specs.readers.text.page_text import METHODS, NOISE
from understudy.specs.readers.trees import examples
from understudy.specs.readers.trees.nodes import Node, TooLargeError, plain_value
from understudy.specs.readers.trees.places import line_finder
from understudy.specs.readers.trees.schemas import SchemaReader
from understudy.specs.readers.trees.several_files import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from understudy.specs.documents import Document
    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog

# Every request carries these headers; as parameters they say nothing about the operation.
_JSON = re.compile(r"application/(?:[\w.+-]*\+)?json\b|\*/\*|application/\*", re.IGNORECASE)
_KNOWN = re.compile(r"3\.[012](?:\.\d+)?(?:-.*)?\Z")
KNOWN_VERSIONS = "3.0, 3.1, 3.2"


@dataclass(slots=True)
class OpenApi:
    """What one OpenAPI tree gives: its operations, and the whole document as plain values."""

    operations: tuple[Operation, ...]
    document: Mapping[str, Any]
    # The files that it is made of, its own first.
    files: tuple[Document, ...] = ()


def looks_like_openapi(text: str) -> bool:
    """Whether `text` has the root of an OpenAPI or Swagger document."""
    return bool(re.search(r"""^[ \t{]*["']?(?:openapi|swagger)["']?[ \t]*:""", text, re.MULTILINE))


def read_tree(root: Node, lines: list[str], log: FactLog) -> OpenApi:
    """The operations of the OpenAPI document `root`, which was parsed from `lines`.

    Raises UnderstudyError for Swagger 2.0, for an unknown version, and for a root that is no mapping.
    """
    where = log.document.name
    if root.kind != "map":
        raise UnderstudyError("the OpenAPI document is not a mapping", where=f"{where}:{root.line}")
    _check_version(root, where)
    try:
        document = plain_value(root)
    except TooLargeError as error:
        raise UnderstudyError(error.what, where=f"{where}:{error.line}:{error.column}") from error
    files = Files([log.document], log, [root])
    operations = tuple(_Reader(root, document, lines, log, files).operations())
    return OpenApi(operations, document, tuple(files.documents))


def _check_version(root: Node, where: str) -> None:
    swagger = root.get("swagger")
    if swagger is not None:
        raise UnderstudyError(
            f"this is Swagger {swagger.text}, and OpenAPI {KNOWN_VERSIONS} are read",
            where=f"{where}:{swagger.line}",
            advice="convert it first, for example with swagger2openapi or https://converter.swagger.io",
        )
    version = root.get("openapi")
    if version is None or not _KNOWN.match(version.text):
        said = "no version" if version is None else f"version {version.text!r}"
        raise UnderstudyError(
            f"this OpenAPI document states {said}",
            where=f"{where}:{(version or root).line}",
            advice=f"known: {KNOWN_VERSIONS}",
        )


class _Reader:
    def __init__(
        self, root: Node, document: Mapping[str, Any], lines: list[str], log: FactLog, files: Files
    ) -> None:
        self.root = root
        self.document = document
        self.lines = lines
        self.log = log
        self.schemas = SchemaReader(root, lines, log, files)

    def operations(self) -> list[Operation]:
        paths = self.root.get("paths")
        if paths is None or paths.kind != "map":
            self.log.note("problem", "the OpenAPI document has no paths", (paths or self.root).line)
            return []
        found = []
        for path, item in paths.pairs:
            resolved = self.schemas.resolved(item)
            if path.text.startswith("/") and resolved is not None and resolved.kind == "map":
                found += self._of_path(path, resolved)
            elif not path.text.startswith("x-"):
                self.log.note("problem", f"not a path: {path.text[:80]!r}", path.line, column=path.column)
        return found

    def _of_path(self, path: Node, item: Node) -> list[Operation]:
        found = []
        for key, value in item.pairs:
            method = key.text.lower()
            if method in METHODS and value.kind == "map":
                found.append(self._operation(method, path.text, key, value, item))
            elif method == "additionaloperations":
                self.log.note("problem", "additionalOperations of OpenAPI 3.2 are not read", key.line)
        return found

    def _operation(self, method: str, path: str, key: Node, node: Node, item: Node) -> Operation:
        body = self.schemas.resolved(node.get("requestBody"))
        media = self._json_media(body)
        schema = media.get("schema") if media is not None else None
        request = self.schemas.fields(schema) if schema is not None else []
        told = None if request else self._described(node, node.get("requestBody"), schema)
        if not request and told is not None:
            request = list(told.request)
        request = request or self._shown(media)
        raw = self._raw(path, key, node)
        return Operation(
            method=method,
            path=path,
            request=tuple(place_pictures(request)),
            responses=MappingProxyType(self._responses(node.get("responses"))),
            examples=tuple(self._examples(media, schema)),
            servers=self._servers(node, item),
            raw=raw if isinstance(raw, dict) else None,
            line=key.line,
            parameters=tuple(self._parameters(node, item)),
            form=self._form(body),
        )

    def _form(self, body: Node | None) -> str:
        """The first of the media types of a body that is a form, if none is JSON."""
        content = self.schemas.resolved(body.get("content")) if body is not None else None
        kinds = [key.text for key, _ in content.pairs] if content is not None else []
        forms = [form for form in FORMS if any(kind.lower().startswith(form) for kind in kinds)]
        return forms[0] if forms and not any(map(_JSON.match, kinds)) else ""

    def _described(self, *owners: Node | None) -> Operation | None:
        """What a table or list in the description of one of these says, where the schema says nothing."""
        for owner in owners:
            resolved = self.schemas.resolved(owner)
            text = resolved.get("description") if resolved is not None else None
            if text is not None and text.kind == "scalar":
                told = described(text.text, self._line_in(text), self.log)
                if told is not None:
                    return told
        return None

    def _line_in(self, text: Node) -> Callable[[int], int]:
        """From an offset in a text to its line; most descriptions hold no table, and are never asked."""

        @functools.cache
        def found() -> Callable[[int], int]:
            return line_finder(text, self.lines)

        return lambda offset: found()(offset)  # noqa: PLW0108 - it is not to be called before

    def _shown(self, media: Node | None) -> list[Field]:
        """What the example of a body shows, where nothing else says anything."""
        example = media.get("example") if media is not None else None
        if example is None and media is not None:
            named = media.get("examples")
            first = self.schemas.resolved(named.pairs[0][1]) if named is not None and named.pairs else None
            example = first.get("value") if first is not None else None
        if example is not None and example.kind == "scalar" and example.text.lstrip().startswith("{"):
            text = example.text.lstrip()
            found = examples.shown(text, 0, example.line, self.log, quiet=True, inside=True)
            line = example.line
            shown = examples.shown_fields(found.root, self.log) if found is not None else []
            return list(moved_fields(shown, lambda _: line))
        return examples.shown_fields(example, self.log) if example is not None else []

    def _raw(self, path: str, key: Node, node: Node) -> Any:
        item = self.document["paths"].get(path)
        # A path item behind a reference is not found there.
        return item[key.text] if isinstance(item, dict) and key.text in item else plain_value(node)

    def _json_media(self, body: Node | None) -> Node | None:
        content = body.get("content") if body is not None else None
        content = self.schemas.resolved(content)
        if content is None or not content.pairs:
            return None
        json = [value for key, value in content.pairs if _JSON.match(key.text)]
        if not json:
            names = ", ".join(key.text for key, _ in content.pairs)
            self.log.note(
                "problem", f"no JSON body, but {names}; its fields are read all the same", content.line
            )
        media = self.schemas.resolved((json or [value for _, value in content.pairs])[0])
        return media if media is not None and media.kind == "map" else None

    def _responses(self, responses: Node | None) -> dict[str, tuple[Field, ...]]:
        out: dict[str, tuple[Field, ...]] = {}
        for key, value in responses.pairs if responses is not None else ():
            media = self._json_media(self.schemas.resolved(value))
            schema = media.get("schema") if media is not None else None
            stated = self.schemas.fields(schema) if schema is not None else []
            shown = self._shown(media)
            out[key.text] = tuple(with_values(stated, shown) if stated else shown)
        return out

    def _examples(self, media: Node | None, schema: Node | None) -> list[Any]:
        """Example bodies: of the media type, of its schema, and a schema `default` that is a whole body."""
        found: list[Any] = []
        if media is not None:
            found.append(media.get("example"))
            named = media.get("examples")
            for _, example in named.pairs if named is not None else ():
                resolved = self.schemas.resolved(example)
                found.append(resolved.get("value") if resolved is not None else None)
        resolved = self.schemas.resolved(schema)
        if resolved is not None:
            found += [resolved.get("example"), resolved.get("default")]
            several = resolved.get("examples")
            found += several.items if several is not None else []
        values: list[Any] = []
        for node in found:
            value = plain_value(node) if node is not None else None
            if value is not None and value not in values:
                values.append(value)
        return values

    def _servers(self, *owners: Node) -> tuple[str, ...]:
        """The servers of the operation, else of its path, else of the document."""
        for owner in (*owners, self.root):
            servers = owner.get("servers")
            if servers is not None and servers.items:
                urls = [server.get("url") for server in servers.items]
                return tuple(url.text for url in urls if url is not None)
        return ()

    def _parameters(self, node: Node, item: Node) -> list[Parameter]:
        found: dict[tuple[str, str], Parameter] = {}
        for owner in (item, node):
            listed = owner.get("parameters")
            for entry in listed.items if listed is not None else ():
                parameter = self._parameter(entry)
                if parameter is not None:
                    found[parameter.place, parameter.field.name] = parameter
        return list(found.values())

    def _parameter(self, entry: Node) -> Parameter | None:
        node = self.schemas.resolved(entry)
        name = node.get("name") if node is not None else None
        place = node.get("in") if node is not None else None
        if node is None or name is None or place is None:
            self.log.note("problem", "a parameter without name or place", entry.line, column=entry.column)
            return None
        if place.text == "header" and name.text.lower() in NOISE:
            return None
        return Parameter(place.text, self.schemas.parameter(name.text, node))
