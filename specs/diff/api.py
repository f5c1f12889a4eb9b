"""Reads an OpenAPI document into records.

References to parameters, bodies, responses, headers and so on are followed here; schemas stay as they are.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.operations import TASK
from understudy.specs.behaviour.stated import stated_task
from understudy.specs.diff.document import BrokenReferenceError
from understudy.specs.diff.dynamic import DynamicReferences, has_templates
from understudy.specs.diff.octets import as_bytes
from understudy.specs.diff.records import Api, ApiMedia, ApiOperation, ApiParameter, ApiResponse, Body
from understudy.specs.diff.servers import PLACEHOLDER, ROOT, read_servers
from understudy.specs.source import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.diff.document import ApiDocument, Raw
    from understudy.specs.diff.servers import Servers

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form", "querystring": "form"}
# OpenAPI 3.x, Parameter Object: header parameters of these names are ignored.
IGNORED_HEADERS = ("accept", "content-type", "authorization")
SCHEMES = "#/components/securitySchemes/"


_Entry = ApiParameter | ApiMedia | ApiResponse


def read(document: ApiDocument) -> Api:
    """The records of `document`. Raises DocumentError, with file and line, where its shape is wrong."""
    if document.version >= (3, 1) and has_templates(document.root):
        DynamicReferences(document).bind()
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        self.root = document.root
        self.api = Api(document)

    def read(self) -> Api:
        components = self.document.mapping(self.root, "components")
        for name in self.document.mapping(components, "securitySchemes"):
            with self._leaving_out(self.api.left_out, f"scheme {name}"):
                self.api.schemes[name] = self._object(components["securitySchemes"], name)
        paths = self.document.mapping(self.root, "paths")
        for path in paths:
            if not path.startswith("x-"):
                template = PLACEHOLDER.sub("{}", path)
                with self._leaving_out(self.api.left_out, f"* {template}"):
                    self._item(path, self._path_item(paths, path), template, inverted=False)
        hooks = self.document.mapping(self.root, "webhooks")
        for name in hooks:
            if not name.startswith("x-"):
                with self._leaving_out(self.api.left_out, f"* webhook {name}"):
                    self._item(name, self._path_item(hooks, name), f"webhook {name}", inverted=True)
        if "paths" not in self.root and "webhooks" not in self.root:
            said = "has no paths and no webhooks; components are compared only where an operation uses them"
            self.document.problem(said, self.root)
        return self.api

    @contextmanager
    def _leaving_out(self, parts: set[str], name: str) -> Iterator[None]:
        """A part whose reference is broken is noted as a problem, and left out by name."""
        try:
            yield
        except BrokenReferenceError as error:
            self.document.broken(error, self.root)
            parts.add(name)

    def _object(self, container: dict[str, Any], key: str) -> dict[str, Any]:
        """The mapping at `key`, its reference followed."""
        value = container[key]
        if isinstance(value, dict) and "$ref" in value:
            value = self.document.follow(value)
        if not isinstance(value, dict):
            raise DocumentError(f"{key} is not a mapping", where=str(self.document.place(container, key)))
        return value

    def _path_item(self, container: dict[str, Any], key: str) -> dict[str, Any]:
        """A path with its operations. What stands beside its `$ref` counts as well (OpenAPI 3.x, Path Item
        Object: undefined only where both say the same field; what stands here is taken then)."""
        target, own = self._object(container, key), container[key]
        if target is own or not own.keys() - {"$ref", "summary", "description"}:
            return target
        beside = {name: value for name, value in own.items() if name != "$ref"}
        for name in sorted(beside.keys() & target.keys() - {"summary", "description"}):
            self.document.problem(
                f"{name} stands beside a $ref that has it too; read as it is here", own, name
            )
        return self.document.made({**target, **beside}, own)

    def _objects(self, container: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
        """The objects of a map by name. A name may begin with x-, as headers' do, in a map whose names are
        free; of others that is an extension."""
        mapping = self.document.mapping(container, key)
        names = [n for n in mapping if key != "responses" or not str(n).startswith("x-")]
        return {name: self._object(mapping, name) for name in names}

    # --- operations

    def _item(self, path: str, item: dict[str, Any], template: str, *, inverted: bool) -> None:
        for operation in self._operations(path, item, template, inverted=inverted):
            twin = self.api.operations.get(operation.key)
            if twin is not None:
                where = str(self.document.place(operation.raw))
                raise DocumentError(
                    f"{operation.key} is defined twice", where=where, advice=f"also {twin.path}"
                )
            self.api.operations[operation.key] = operation

    def _methods(self, item: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The operations of a path by method; further ones stand under `additionalOperations` (OpenAPI 3.2,
        read in every version, as `query` is: who writes it means it)."""
        found = {method.upper(): self._object(item, method) for method in METHODS if method in item}
        more = self.document.mapping(item, "additionalOperations")
        return found | {str(method): self._object(more, method) for method in more}

    def _operations(
        self, path: str, item: dict[str, Any], template: str, *, inverted: bool, depth: int = 0
    ) -> list[ApiOperation]:
        shared_left_out: set[str] = set()
        shared: dict[tuple[str, str], ApiParameter] = {}
        with self._leaving_out(shared_left_out, "parameters"):
            shared = self._parameters(item, path)
        found = []
        for method, raw in self._methods(item).items():
            key = f"{method} {template}"
            left_out = set(shared_left_out)
            parameters, body = dict(shared), None
            callbacks: dict[str, ApiOperation] = {}
            with self._leaving_out(left_out, "parameters"):
                parameters |= self._parameters(raw, path)
            with self._leaving_out(left_out, "requestBody"):
                body = self._body(self._object(raw, "requestBody")) if raw.get("requestBody") else None
            with self._leaving_out(left_out, "callbacks"):
                callbacks = self._callbacks(raw, key, depth)
            found.append(
                ApiOperation(
                    key=key,
                    method=method,
                    path=path,
                    parameters=parameters if inverted else self._by_place(parameters, path, item),
                    body=body,
                    responses=self._responses(raw, left_out),
                    security=self._security(raw),
                    servers=self._servers(raw, item),
                    callbacks=callbacks,
                    left_out=frozenset(left_out),
                    task=stated_task(raw.get(TASK)),
                    inverted=inverted,
                    raw=raw,
                    item=item,
                )
            )
        return found

    def _responses(self, raw: dict[str, Any], left_out: set[str]) -> dict[str, ApiResponse]:
        """The answers by status as HTTP spells it: "404", "4XX", "default"."""
        found: dict[str, ApiResponse] = {}
        mapping = self.document.mapping(raw, "responses")
        for name in mapping:
            if str(name).startswith("x-"):
                continue
            status = str(name).upper() if str(name).lower() != "default" else "default"
            with self._leaving_out(left_out, f"responses {status}"):
                response = self._object(mapping, name)
                if not self._repeated(f"response {status}", found.get(status), response, mapping, name):
                    found[status] = self._response(status, response)
        return found

    def _repeated(
        self, what: str, known: _Entry | None, raw: dict[str, Any], container: Raw, key: Any
    ) -> bool:
        """Whether an entry only repeats one that is the same to HTTP: X-A and x-a, 2XX and 2xx.

        Raises DocumentError where the two differ: either could be meant, and the other would be lost.
        """
        if known is None:
            return False
        if known.raw != raw:
            first = f"also line {self.document.place(known.raw).line}"
            where = str(self.document.place(container, key))
            raise DocumentError(f"{what} is defined twice", where=where, advice=first)
        return True

    def _callbacks(self, raw: dict[str, Any], key: str, depth: int) -> dict[str, ApiOperation]:
        found: dict[str, ApiOperation] = {}
        if depth > 2:  # a callback may have callbacks; nobody has three floors of them
            return found
        for name, callback in self._objects(raw, "callbacks").items():
            for expression in callback:
                if str(expression).startswith("x-"):
                    continue
                template = f"callback {name} of {key}"
                item = self._path_item(callback, expression)
                for operation in self._operations(
                    str(expression), item, template, inverted=True, depth=depth + 1
                ):
                    found[f"{name} {expression} {operation.method}"] = operation
        return found

    def _parameters(self, container: dict[str, Any], path: str) -> dict[tuple[str, str], ApiParameter]:
        found: dict[tuple[str, str], ApiParameter] = {}
        for raw in self.document.listing(container, "parameters"):
            value = self.document.follow(raw)
            where = str(self.document.place(value if isinstance(value, dict) else container))
            if not isinstance(value, dict) or not isinstance(value.get("name"), str):
                raise DocumentError("a parameter has no name", where=where)
            location = value.get("in")
            if not isinstance(location, str) or location not in STYLES:
                raise DocumentError(
                    f"parameter {value['name']!r} is in {location!r}",
                    where=where,
                    advice=f"known: {', '.join(STYLES)}",
                )
            parameter = self._parameter(value["name"], location, value)
            name = parameter.name.lower() if location == "header" else parameter.name
            if location == "querystring":
                name = ""  # there is one at most: the whole query
            if location == "header" and name in IGNORED_HEADERS:
                continue
            what = f"{location} parameter {parameter.name}"
            if not self._repeated(what, found.get((location, name)), value, raw, "name"):
                found[location, name] = parameter
        return found

    def _by_place(
        self, parameters: dict[tuple[str, str], ApiParameter], path: str, item: dict[str, Any]
    ) -> dict[tuple[str, str], ApiParameter]:
        """Path parameters by their place in the path, "#1"; one that the path does not name stands for the
        only place that nothing else names."""
        names = PLACEHOLDER.findall(path)
        free = [name for name in names if ("path", name) not in parameters]
        strangers = [key for key in parameters if key[0] == "path" and key[1] not in names]
        found: dict[tuple[str, str], ApiParameter] = {}
        for key, parameter in parameters.items():
            location, name = key
            if key in strangers and len(free) == len(strangers) == 1:
                said = f"path parameter {name!r} is not in the path {path}: read as {{{free[0]}}}"
                self.document.problem(said, parameter.raw, "name")
                name = free[0]
            place = f"#{names.index(name) + 1}" if location == "path" and name in names else name
            found[location, place] = parameter
        for number, name in enumerate(names, 1):
            if ("path", f"#{number}") not in found:  # a path has it all the same, and takes any text there
                schema = self.document.made({"type": "string"}, item)
                raw = self.document.made({}, item)
                made = ApiParameter(name, "path", True, schema, "", "simple", False, raw)
                found["path", f"#{number}"] = made
        return found

    def _parameter(self, name: str, location: str, raw: dict[str, Any]) -> ApiParameter:
        style = raw.get("style", STYLES[location])
        explode = raw.get("explode", style == "form")
        media, schema = "", raw.get("schema", True)
        content = self.document.mapping(raw, "content")
        if content:
            written = next(iter(content))
            media, schema = media_type(written), self._object(content, written).get("schema", True)
        required = raw.get("required") is True or location == "path"
        return ApiParameter(
            name, location, required, self._schema(schema, raw), media, str(style), bool(explode), raw
        )

    def _schema(self, schema: Raw, raw: dict[str, Any]) -> Raw:
        """A missing schema stands where the thing that misses it does."""
        if isinstance(schema, bool):
            return self.document.made({} if schema else {"not": {}}, raw)
        if not isinstance(schema, dict):
            raise DocumentError("schema is not a mapping", where=str(self.document.place(raw, "schema")))
        return schema

    def _body(self, raw: dict[str, Any]) -> Body:
        return Body(raw.get("required") is True, self._content(raw), raw)

    def _content(self, container: dict[str, Any]) -> dict[str, ApiMedia]:
        """The bodies by media type; by its parameters too where a document tells them apart."""
        objects = self._objects(container, "content")
        types = Counter(media_type(name) for name in objects)
        found: dict[str, ApiMedia] = {}
        for name, raw in objects.items():
            media, details = media_type(name), media_details(name)
            if types[media] > 1 and details:
                media, details = f"{media};{details}", ""
            if self._repeated(name, found.get(media), raw, container["content"], name):
                continue
            schema = as_bytes(media, self._schema(raw.get("schema", True), raw), self.document)
            if "itemSchema" in raw and self.document.version >= (3, 2):
                schema = self._stream(raw, schema)
            found[media] = ApiMedia(media, details, schema, _encoding(raw), raw)
        return found

    def _stream(self, raw: dict[str, Any], schema: Raw) -> Raw:
        """OpenAPI 3.2, Media Type Object, Sequential Media Types: a stream is the list of its items."""
        items = self._schema(raw["itemSchema"], raw)
        made = self.document.made({"type": "array", "items": items}, raw)
        return self.document.made({"allOf": [schema, made]}, raw) if "schema" in raw else made

    def _response(self, status: str, raw: dict[str, Any]) -> ApiResponse:
        headers: dict[str, ApiParameter] = {}
        for written, header in self._objects(raw, "headers").items():
            name = written.lower()
            if name == "content-type":
                continue
            if not self._repeated(f"header {name}", headers.get(name), header, raw["headers"], written):
                headers[name] = self._parameter(written, "header", header)
        return ApiResponse(str(status), headers, self._content(raw), self._objects(raw, "links"), raw)

    # --- security, servers

    def _security(self, raw: dict[str, Any]) -> list[dict[str, tuple[str, ...]]]:
        """Effective requirements; a scheme that is not defined stays by its name."""
        holder = raw if "security" in raw else self.root
        alternatives = []
        for requirement in self.document.listing(holder, "security"):
            if not isinstance(requirement, dict):
                raise DocumentError(
                    "a security requirement is not a mapping",
                    where=str(self.document.place(holder, "security")),
                )
            for name, scopes in requirement.items():
                if not isinstance(scopes or [], list) or not all(isinstance(s, str) for s in scopes or ()):
                    where = str(self.document.place(requirement, name))
                    raise DocumentError(f"the scopes of {name} are not a list of words", where=where)
            alternatives.append(
                {self._scheme(name): tuple(sorted(scopes or ())) for name, scopes in requirement.items()}
            )
        return [] if any(not a for a in alternatives) and len(alternatives) == 1 else alternatives

    def _scheme(self, name: str) -> str:
        """The name of a scheme; OpenAPI 3.2 lets a requirement say where the scheme stands instead."""
        return name if name in self.api.schemes else name.rpartition(SCHEMES)[2]

    def _servers(self, raw: dict[str, Any], item: dict[str, Any]) -> Servers:
        stated = (read_servers(self.document.listing(holder, "servers")) for holder in (raw, item, self.root))
        return next(filter(None, stated), ROOT)


def media_type(name: str) -> str:
    """`name` without parameters, in lower case: "Application/JSON; charset=utf-8" -> "application/json"."""
    return name.split(";", maxsplit=1)[0].strip().lower()


def media_details(name: str) -> str:
    """The parameters of a media type, sorted, without charset: "a/b; V=2;charset=utf-8" -> "v=2"."""
    pairs = [part.partition("=") for part in name.split(";")[1:] if part.strip()]
    named = sorted((key.strip().lower(), value.strip().strip('"')) for key, _, value in pairs)
    return ";".join(f"{key}={value}" for key, value in named if key != "charset")


def _encoding(raw: dict[str, Any]) -> dict[str, Any]:
    """How the parts of a body are written: `encoding`, and in OpenAPI 3.2 `prefixEncoding` and
    `itemEncoding`."""
    keys = ("encoding", "prefixEncoding", "itemEncoding")
    return {key: raw[key] for key in keys if raw.get(key)}
