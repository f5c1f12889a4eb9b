"""An OpenAPI document as records: operations with their parameters, bodies, answers, security and servers.

References to parameters, bodies, responses, headers and so on are followed here; schemas stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from specs.diff.source import DocumentError

if TYPE_CHECKING:
    from specs.diff.document import Document, Raw

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
# OpenAPI 3.x, Parameter Object: header parameters of these names are ignored.
IGNORED_HEADERS = ("accept", "content-type", "authorization")
# Addresses that one server with variables is written out to.
MAX_ADDRESSES = 50
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """`name` as written; a path parameter is known by its position, so renaming it is no change."""

    name: str
    location: str
    required: bool
    schema: Raw
    media: str
    style: str
    explode: bool
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Media:
    """A body in one media type; a missing schema takes everything."""

    type: str
    schema: Raw
    encoding: dict[str, Any]
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    required: bool
    content: dict[str, Media]
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """`headers` by lower-case name, `links` by name."""

    status: str
    headers: dict[str, Parameter]
    content: dict[str, Media]
    links: dict[str, Any]
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """`key` is "POST /things/{}" ("callback name expression POST" and "webhook name POST" for those).

    security  alternatives, each a mapping of scheme to scopes; [] asks for nothing
    inverted  the provider sends the request: a callback or a webhook
    """

    key: str
    method: str
    path: str
    parameters: dict[tuple[str, str], Parameter]
    body: Body | None
    responses: dict[str, Response]
    security: list[dict[str, tuple[str, ...]]]
    servers: tuple[str, ...]
    callbacks: dict[str, Operation]
    task: dict[str, Any] | None
    inverted: bool
    raw: dict[str, Any]
    item: dict[str, Any]


@dataclass(slots=True)
class Api:
    document: Document
    operations: dict[str, Operation] = field(default_factory=dict)
    schemes: dict[str, dict[str, Any]] = field(default_factory=dict)


def read(document: Document) -> Api:
    """The records of `document`. Raises DocumentError, with file and line, where its shape is wrong."""
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.root = document.root
        self.api = Api(document)

    def read(self) -> Api:
        components = self.document.mapping(self.root, "components")
        for name in self.document.mapping(components, "securitySchemes"):
            self.api.schemes[name] = self._object(components["securitySchemes"], name)
        paths = self.document.mapping(self.root, "paths")
        for path in paths:
            if not path.startswith("x-"):
                self._item(path, self._object(paths, path), PLACEHOLDER.sub("{}", path), inverted=False)
        hooks = self.document.mapping(self.root, "webhooks")
        for name in hooks:
            if not name.startswith("x-"):
                self._item(name, self._object(hooks, name), f"webhook {name}", inverted=True)
        return self.api

    def _object(self, container: dict[str, Any], key: str) -> dict[str, Any]:
        """The mapping at `key`, its reference followed."""
        value = container[key]
        if isinstance(value, dict) and "$ref" in value:
            value = self.document.follow(value)
        if not isinstance(value, dict):
            raise DocumentError(f"{key} is not a mapping", where=str(self.document.place(container, key)))
        return value

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
                    f"{operation.key} is there twice", where=where, advice=f"also {twin.path}"
                )
            self.api.operations[operation.key] = operation

    def _operations(
        self, path: str, item: dict[str, Any], template: str, *, inverted: bool, depth: int = 0
    ) -> list[Operation]:
        shared = self._parameters(item, path)
        found = []
        for method in METHODS:
            if method not in item:
                continue
            raw = self._object(item, method)
            key = f"{method.upper()} {template}"
            responses = {
                str(status).upper() if status != "default" else status: self._response(status, response)
                for status, response in self._objects(raw, "responses").items()
            }
            found.append(
                Operation(
                    key=key,
                    method=method.upper(),
                    path=path,
                    parameters={**shared, **self._parameters(raw, path)},
                    body=self._body(self._object(raw, "requestBody")) if raw.get("requestBody") else None,
                    responses=responses,
                    security=self._security(raw),
                    servers=self._servers(raw, item),
                    callbacks=self._callbacks(raw, key, depth),
                    task=lifecycle(raw["x-task"]) if isinstance(raw.get("x-task"), dict) else None,
                    inverted=inverted,
                    raw=raw,
                    item=item,
                )
            )
        return found

    def _callbacks(self, raw: dict[str, Any], key: str, depth: int) -> dict[str, Operation]:
        found: dict[str, Operation] = {}
        if depth > 2:  # a callback may have callbacks; nobody has three floors of them
            return found
        for name, callback in self._objects(raw, "callbacks").items():
            for expression in callback:
                if str(expression).startswith("x-"):
                    continue
                template = f"callback {name} of {key}"
                item = self._object(callback, expression)
                for operation in self._operations(
                    str(expression), item, template, inverted=True, depth=depth + 1
                ):
                    found[f"{name} {expression} {operation.method}"] = operation
        return found

    def _parameters(self, container: dict[str, Any], path: str) -> dict[tuple[str, str], Parameter]:
        found: dict[tuple[str, str], Parameter] = {}
        names = PLACEHOLDER.findall(path)
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
            if location == "header" and name in IGNORED_HEADERS:
                continue
            if location == "path" and name in names:
                name = f"#{names.index(name) + 1}"
            found[location, name] = parameter
        return found

    def _parameter(self, name: str, location: str, raw: dict[str, Any]) -> Parameter:
        style = raw.get("style", STYLES[location])
        explode = raw.get("explode", style == "form")
        media, schema = "", raw.get("schema", True)
        content = self.document.mapping(raw, "content")
        if content:
            media = next(iter(content))
            schema = self._object(content, media).get("schema", True)
        required = raw.get("required") is True or location == "path"
        return Parameter(
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

    def _content(self, container: dict[str, Any]) -> dict[str, Media]:
        found = {}
        for name, raw in self._objects(container, "content").items():
            media = media_type(name)
            schema = self._schema(raw.get("schema", True), raw)
            found[media] = Media(media, schema, self.document.mapping(raw, "encoding"), raw)
        return found

    def _response(self, status: str, raw: dict[str, Any]) -> Response:
        headers = {
            name.lower(): self._parameter(name, "header", header)
            for name, header in self._objects(raw, "headers").items()
            if name.lower() != "content-type"
        }
        return Response(str(status), headers, self._content(raw), self._objects(raw, "links"), raw)

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
            alternatives.append({name: tuple(sorted(scopes or ())) for name, scopes in requirement.items()})
        return [] if any(not a for a in alternatives) and len(alternatives) == 1 else alternatives

    def _servers(self, raw: dict[str, Any], item: dict[str, Any]) -> tuple[str, ...]:
        for holder in (raw, item, self.root):
            urls = [
                url
                for server in self.document.listing(holder, "servers")
                if isinstance(server, dict) and "url" in server
                for url in _addresses(server)
            ]
            if urls:
                return tuple(dict.fromkeys(url.rstrip("/") or "/" for url in urls))
        return ("/",)


def _addresses(server: dict[str, Any]) -> list[str]:
    """The addresses of a server: one for each listed value of its variables, where they are listed."""
    urls = [str(server["url"])]
    variables = server.get("variables")
    for name, about in variables.items() if isinstance(variables, dict) else ():
        listed = about.get("enum") if isinstance(about, dict) else None
        values = [str(v) for v in listed] if isinstance(listed, list) else []
        if values and len(values) * len(urls) <= MAX_ADDRESSES:
            urls = [url.replace(f"{{{name}}}", value) for url in urls for value in values]
    return urls


def lifecycle(task: dict[str, Any]) -> dict[str, Any]:
    """An `x-task` with its states, transitions and carries in their shape, or empty."""

    def words(value: Any) -> list[str]:
        return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []

    def lists(value: Any) -> dict[str, list[str]]:
        return {k: words(v) for k, v in value.items()} if isinstance(value, dict) else {}

    shaped = {"states": words, "transitions": lists, "carries": lists}
    return {key: shaped[key](value) if key in shaped else value for key, value in task.items()}


def media_type(name: str) -> str:
    """`name` without parameters, in lower case: "Application/JSON; charset=utf-8" -> "application/json"."""
    return name.split(";", maxsplit=1)[0].strip().lower()
