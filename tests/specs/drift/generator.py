"""OpenAPI documents by chance, with one known change each, or the same in other words.

All from a seed: the same seed gives the same document, change and wording.
"""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = ("3.0.3", "3.1.1", "3.2.0")
METHODS = ("get", "put", "post", "patch", "query")
KINDS = ("string", "integer", "boolean", "object", "array")
FORM = "application/x-www-form-urlencoded"
ADDRESS = "https://api.example/openapi.json"
Schema = dict[str, Any]


class Maker:
    """Makes one document."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.version = self.chance.choice(VERSIONS)
        self.components: dict[str, Schema] = {}

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def document(self) -> dict[str, Any]:
        paths = {f"/r{n}/{{id{n}}}": self.item(n) for n in range(self.chance.randint(1, 2))}
        scheme = {"type": "http", "scheme": self.chance.choice(["bearer", "Bearer"])}
        flows = {"clientCredentials": {"tokenUrl": "https://a.example/t", "scopes": {"r": "x", "w": "x"}}}
        schemes = {"key": scheme, "oauth": {"type": "oauth2", "flows": flows}}
        made: dict[str, Any] = {"openapi": self.version, "info": {"title": "t", "version": "1"}}
        if self.version == "3.2.0" and self.maybe(0.5):
            made["$self"] = ADDRESS
        made["servers"] = [{"url": self.chance.choice(["/", "https://a.example/v1"])}]
        made["security"] = [self.chance.choice([{"key": []}, {"oauth": ["r"]}])]
        made["paths"] = paths
        if self.version != "3.0.3" and self.maybe(0.2):
            made["webhooks"] = {"done": {"post": self.operation(called=True)}}
        return {**made, "components": {"schemas": self.components, "securitySchemes": schemes}}

    def item(self, n: int) -> dict[str, Any]:
        own = {"name": f"id{n}", "in": "path", "required": True, "schema": {"type": "string"}}
        item: dict[str, Any] = {"parameters": [own]}
        method = self.chance.choice(["post", "put", "patch"])
        if self.version == "3.2.0" and self.maybe(0.3):
            method = "query"
        if self.version == "3.2.0" and self.maybe(0.2):
            item["additionalOperations"] = {"COPY": self.operation()}
        else:
            item[method] = self.operation()
        return item

    def operation(self, *, called: bool = False) -> dict[str, Any]:
        made: dict[str, Any] = {"responses": self.responses()}
        parameters = [] if called else self.parameters()
        if parameters:
            made["parameters"] = parameters
        if called or self.maybe(0.7):
            made["requestBody"] = {"required": True, "content": self.content()}
        if not called and self.maybe(0.1):
            hook = {"{$request.body#/url}": {"post": self.operation(called=True)}}
            made["callbacks"] = {"told": hook}
        return made

    def parameters(self) -> list[dict[str, Any]]:
        places = self.chance.choices(["query", "header", "cookie"], k=self.chance.randint(0, 3))
        if self.version == "3.2.0" and self.maybe(0.1):
            whole = {FORM: {"schema": self.object(0, flat=True)}}
            return [{"name": "all", "in": "querystring", "required": True, "content": whole}]
        return [self.parameter(f"{where[0]}{n}", where) for n, where in enumerate(places)]

    def parameter(self, name: str, where: str) -> dict[str, Any]:
        made: dict[str, Any] = {"name": name, "in": where, "required": self.maybe(0.4)}
        made["schema"] = self.scalar()
        if where == "query" and self.maybe(0.2):
            made["schema"] = {"type": "array", "items": self.scalar()}
        if where == "query" and self.maybe(0.1):
            made["allowReserved"] = True
        return made

    def responses(self) -> dict[str, Any]:
        keys = [self.chance.choice(["200", "201", "2XX"])]
        keys += self.chance.sample(["404", "4XX", "5XX", "default"], k=self.chance.randint(0, 2))
        return {key: self.response() for key in keys}

    def response(self) -> dict[str, Any]:
        made: dict[str, Any] = {"description": "x", "content": self.content(answer=True)}
        if self.maybe(0.2):
            made["headers"] = {"X-Left": {"required": self.maybe(0.5), "schema": self.scalar()}}
        return made

    def content(self, *, answer: bool = False) -> dict[str, Any]:
        ranges = ["application/json"] * 5 + ["application/*", "*/*", "application/problem+json"]
        kind = self.chance.choice(ranges)
        if not answer and self.maybe(0.2):
            forms = [FORM, "multipart/form-data"]
            return {self.chance.choice(forms): {"schema": self.object(0, flat=True)}}
        if answer and self.version == "3.2.0" and self.maybe(0.3):
            return {"application/jsonl": {"itemSchema": self.object(1)}}
        return {kind: {"schema": self.object(self.chance.randint(1, 2))}}

    # --- schemas

    def scalar(self) -> Schema:
        made: list[Schema] = [
            {"type": "string"},
            {"type": "string", "minLength": 1, "maxLength": 20},
            {"type": "string", "maxLength": 20_000_000},
            {"type": "string", "pattern": r"^\d+$"},
            {"type": "string", "pattern": "^(?:ab|cd)+$"},
            {"type": "string", "enum": ["a", "b", "c"]},
            {"type": "integer"},
            {"type": "integer", "minimum": 0, "maximum": 50},
            {"type": "boolean"},
        ]
        return copy.deepcopy(self.chance.choice(made))

    def schema(self, depth: int) -> Schema:
        roll = self.chance.random()
        if depth <= 0 or roll < 0.4:
            return self.scalar()
        if roll < 0.55:
            return {"type": "array", "items": self.schema(depth - 1)}
        if roll < 0.65:
            return self.optional(self.object(depth - 1))
        if roll < 0.75:
            return self.union(depth - 1)
        if roll < 0.8:
            return {"type": "object", "additionalProperties": self.scalar()}
        if roll < 0.85 and self.version != "3.0.3":
            return {"type": "object", "patternProperties": {"^x-": self.scalar()}}
        if roll < 0.88 and self.version != "3.0.3":
            held = {"contentMediaType": "application/json", "contentSchema": self.object(0)}
            return {"type": "string", **held}
        made = self.object(depth - 1)
        return self.named(made) if roll < 0.95 else made

    def object(self, depth: int, *, flat: bool = False) -> Schema:
        names = self.chance.sample(["id", "name", "size", "kind_of", "note"], k=self.chance.randint(1, 3))
        properties = {name: self.scalar() if flat else self.schema(depth) for name in names}
        required = [name for name in names if self.maybe(0.5)]
        return {"type": "object", "properties": properties, **({"required": required} if required else {})}

    def named(self, schema: Schema) -> Schema:
        name = f"C{len(self.components)}"
        self.components[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    def optional(self, schema: Schema) -> Schema:
        if self.version == "3.0.3":
            return self.chance.choice(
                [{"anyOf": [schema, {"nullable": True}]}, {"allOf": [schema], "nullable": True}]
            )
        return {self.chance.choice(["anyOf", "oneOf"]): [schema, {"type": "null"}]}

    def family(self, depth: int) -> Schema:
        """A parent that lists no children, and two children that take it in."""
        kind = {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}}}
        parent = self.named({**kind, "discriminator": {"propertyName": "t"}})
        for _ in range(2):
            self.named({"allOf": [parent, self.object(depth)]})
        return parent

    def union(self, depth: int) -> Schema:
        if self.maybe(0.2):
            return self.family(depth)
        members = []
        for n in range(self.chance.choice([2, 3, 4, 12])):
            member = self.object(depth)
            member["properties"]["t"] = {"type": "string", "enum": [f"t{n}"]}
            member["required"] = sorted({*member.get("required", ()), "t"})
            members.append(member)
        if self.maybe(0.3):
            parts = [self.named(member) for member in members]
            mapping = {f"t{n}": part["$ref"] for n, part in enumerate(parts)}
            return {"oneOf": parts, "discriminator": {"propertyName": "t", "mapping": mapping}}
        return {"oneOf": members}


# --- what stands in a document


def mappings(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping, from above."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from mappings(value)
    elif isinstance(node, list):
        for value in node:
            yield from mappings(value)


def schemas(node: Any) -> list[Schema]:
    """The schemas with a type that is not null."""
    return [m for m in mappings(node) if isinstance(m.get("type"), str) and m["type"] in KINDS]


def under(node: Any, key: str) -> list[Any]:
    """What stands under `key`, everywhere."""
    return [m[key] for m in mappings(node) if key in m]


def operations(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations of paths, not those that the provider calls."""
    found = []
    for item in data["paths"].values():
        found += [item[method] for method in METHODS if method in item]
        found += item.get("additionalOperations", {}).values()
    return found


# --- changes: each gives the ways in which it can be made to a document


def keywords(data: dict[str, Any]) -> list[Any]:
    """Another limit of a schema that messages are held to."""
    children = [c["allOf"][1:] for c in data["components"]["schemas"].values() if "allOf" in c]
    held = {"paths": data["paths"], "webhooks": data.get("webhooks", {}), "children": children}
    return [_set(node, key, value) for node in schemas(held) for key, value in _limits(node)]


def _limits(node: Schema) -> list[tuple[str, Any]]:
    """Keywords that can be set, or taken away (None), so that other values are taken."""
    kind = node["type"]
    if kind == "string" and "enum" in node:
        return [("enum", node["enum"][:-1])] if len(node["enum"]) > 1 else []
    if kind == "string":
        ways: list[tuple[str, Any]] = [("maxLength", 10)]
        return [*ways, ("pattern", None)] if "pattern" in node else ways
    if kind == "integer":
        return [("maximum", 5), *([("minimum", None)] if "minimum" in node else [])]
    if kind == "array":
        return [("maxItems", 1), ("minItems", 2)]
    if kind == "object" and "properties" in node:
        optional = [n for n in node["properties"] if n not in node.get("required", ())]
        ways = [("required", [*node.get("required", ()), optional[0]])] if optional else []
        return [*ways, ("required", None)] if node.get("required") and "t" not in node["required"] else ways
    return []


def _set(node: dict[str, Any], key: str, value: Any) -> Any:
    def change() -> None:
        if value is None:
            node.pop(key, None)
        else:
            node[key] = value

    return change


def _moved(mapping: dict[str, Any], old: str, new: str, value: Any) -> Any:
    """`old` gives way to `new`, in its place."""

    def change() -> None:
        items = [(new, value) if key == old else (key, its) for key, its in mapping.items()]
        mapping.clear()
        mapping.update(items)

    return change


OTHER_BODY = {"type": "object", "properties": {"zz": {"type": "integer"}}, "required": ["zz"]}


def statuses(data: dict[str, Any]) -> list[Any]:
    """The same status under another key, with another body."""
    keys = {"404": ["4XX", "default"], "4XX": ["404", "default"], "5XX": ["500", "503"], "200": ["2XX"]}
    body = {"description": "x", "content": {"application/json": {"schema": OTHER_BODY}}}
    return [
        _moved(responses, key, new, body)
        for responses in under(data["paths"], "responses")
        for key, news in keys.items()
        if key in responses
        for new in news
        if new not in responses
    ]


def media_types(data: dict[str, Any]) -> list[Any]:
    """The same media type under a range with another body, or another media type."""
    found = []
    for content in under(data["paths"], "content"):
        for key in content:
            if "schema" in content[key] and key == "application/json":
                found += [
                    _moved(content, key, new, {"schema": OTHER_BODY}) for new in ("application/*", "*/*")
                ]
            found.append(_moved(content, key, "text/csv", {"schema": {"type": "string"}}))
    return found


def parameters(data: dict[str, Any]) -> list[Any]:
    """A parameter that must be there or need not, comes, goes, or is written in another way."""
    found = []
    for operation in operations(data):
        listed = operation.get("parameters", [])
        found.append(
            _set(
                operation,
                "parameters",
                [*listed, {"name": "new", "in": "query", "required": True, "schema": {"type": "string"}}],
            )
            if not any(p["in"] == "querystring" for p in listed)
            else _set(operation, "parameters", None)
        )
        for one in listed:
            if one["in"] == "querystring":
                continue
            found.append(_set(one, "required", not one.get("required", False)))
            if one["in"] == "query":
                found.append(_set(one, "allowReserved", not one.get("allowReserved", False)))
            if one["in"] == "query" and one["schema"]["type"] in ("integer", "boolean"):
                found.append(_set(one, "allowEmptyValue", True))
            if one["schema"]["type"] == "array" and one["schema"]["items"]["type"] != "boolean":
                found.append(_set(one, "style", "pipeDelimited"))
            found.append(_set(operation, "parameters", [p for p in listed if p is not one]))
    return found


def headers(data: dict[str, Any]) -> list[Any]:
    """A header of an answer that is always sent or not."""
    return [
        _set(header, "required", not header["required"])
        for mapping in under(data["paths"], "headers")
        for header in mapping.values()
    ]


def securities(data: dict[str, Any]) -> list[Any]:
    """Other credentials, further scopes, none."""
    others = [[{"key": []}], [{"oauth": ["r", "w"]}], [{"oauth": []}], []]
    return [_set(data, "security", other) for other in others if other != data["security"]]


def bodies(data: dict[str, Any]) -> list[Any]:
    """A body that must be there or need not, comes or goes."""
    found = []
    for operation in operations(data):
        if "requestBody" in operation:
            found.append(_set(operation["requestBody"], "required", False))
            found.append(_set(operation, "requestBody", None))
        else:
            body = {"required": True, "content": {"application/json": {"schema": OTHER_BODY}}}
            found.append(_set(operation, "requestBody", body))
    return found


def choices(data: dict[str, Any]) -> list[Any]:
    """An alternative goes, or null does."""
    found = []
    for node in mappings(data["paths"]):
        for key in ("oneOf", "anyOf"):
            members = node.get(key)
            if isinstance(members, list) and len(members) > 1 and "discriminator" not in node:
                found.append(_set(node, key, members[:-1]))
        if node.get("nullable") is True and "allOf" in node:
            found.append(_set(node, "nullable", False))
    return found


def unknowns(data: dict[str, Any]) -> list[Any]:
    """What is not understood: a keyword, a field."""
    held = [node for node in schemas(data["paths"]) if node["type"] == "object"]
    found = [_set(node, "minWidth", 3) for node in held]
    return found + [_set(operation, "rateLimit", 5) for operation in operations(data)]


def calls(data: dict[str, Any]) -> list[Any]:
    """An operation goes, or what the provider calls does."""
    found = []
    for item in data["paths"].values():
        for holder in (item, item.get("additionalOperations", {})):
            keys = [key for key in holder if key in METHODS or key == "COPY"]
            found += [_set(holder, key, None) for key in keys]
    for operation in operations(data):
        if "callbacks" in operation:
            found.append(_set(operation, "callbacks", None))
    return found + ([_set(data, "webhooks", None)] if "webhooks" in data else [])


CHANGES: tuple[Any, ...] = (
    keywords,
    keywords,
    keywords,
    statuses,
    media_types,
    parameters,
    headers,
    securities,
    bodies,
    choices,
    unknowns,
    calls,
)


def changed(data: dict[str, Any], seed: int) -> tuple[str, dict[str, Any]]:
    """The document with one change, and what kind it is of."""
    chance = random.Random(seed)
    made = copy.deepcopy(data)
    able = [(change.__name__, ways) for change in CHANGES if (ways := change(made))]
    name, ways = chance.choice(able)
    chance.choice(ways)()
    return name, made


# --- the same in other words


def reworded(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """The document in other words: references, spellings, defaults spelt out, the order of keys."""
    chance = random.Random(seed)
    made = json.loads(json.dumps(data))
    for n, holder in enumerate(_media(made)):
        roll = chance.random()
        key = "schema" if "schema" in holder else "itemSchema"
        if key not in holder:
            continue
        if roll < 0.4:
            made["components"]["schemas"][f"Moved{n}"] = holder[key]
            holder[key] = {"$ref": f"#/components/schemas/Moved{n}"}
        elif roll < 0.7:
            holder[key] = {"allOf": [holder[key]]}
    for node in list(mappings(made)):
        _respelt(node, made["openapi"], chance)
    text = json.dumps(made)
    if "$self" in data:
        text = text.replace('"#/components', f'"{ADDRESS}#/components')
    for old, new in SPELLINGS.items():
        text = text.replace(old, new)
    return _backwards(json.loads(text))


SPELLINGS = {
    '"application/json":': '"Application/JSON; charset=utf-8":',
    "{id0}": "{key}",
    '"name": "id0"': '"name": "key"',
    '"name": "h': '"name": "H',
    '"X-Left":': '"x-left":',
    '"scheme": "Bearer"': '"scheme": "bearer"',
    '"url": "https://a.example/v1"': '"url": "https://a.example/v1/"',
    '"4XX":': '"4xx":',
    '"maximum": 50': '"maximum": 50.0',
}
PATTERNS = {"^x-": "^[x][-]", r"^\d+$": "^[0-9]{1,}$", "^(?:ab|cd)+$": "^(cd|ab)(?:cd|ab)*$"}


def _respelt(node: dict[str, Any], version: str, chance: random.Random) -> None:
    """A schema or object with a part said otherwise."""
    if node.get("pattern") in PATTERNS:
        node["pattern"] = PATTERNS[node["pattern"]]
    if "patternProperties" in node:
        node["patternProperties"] = {PATTERNS[p]: s for p, s in node["patternProperties"].items()}
    for key in ("enum", "oneOf", "anyOf", "required"):
        if isinstance(node.get(key), list):
            node[key] = node[key][::-1]
    if node.get("type") == "object" and "properties" in node and "additionalProperties" not in node:
        node["additionalProperties"] = True
    if node.get("type") == "string" and "enum" not in node:
        node.setdefault("minLength", 0)
    if version != "3.0.3" and node.get("type") in KINDS and chance.random() < 0.3:
        node["type"] = [node["type"]]
    if version != "3.0.3" and isinstance(node.get("enum"), list) and len(node["enum"]) == 1:
        node["const"] = node.pop("enum")[0]
    if isinstance(node.get("mapping"), dict):
        node["mapping"] = {k: v.rpartition("/")[2] for k, v in node["mapping"].items()}
    if node.get("in") == "query":
        node |= {"style": "form", "explode": True, "allowEmptyValue": False}
    if node.get("required") is False and "in" in node:
        del node["required"]


def _media(node: Any) -> list[dict[str, Any]]:
    contents = [content for content in under(node, "content") if isinstance(content, dict)]
    return [media for content in contents for media in content.values() if isinstance(media, dict)]


def _backwards(node: Any) -> Any:
    """The same mapping, its keys the other way round."""
    if isinstance(node, list):
        return [_backwards(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _backwards(node[key]) for key in reversed(list(node))}
