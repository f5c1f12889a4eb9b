"""Values that are sent as texts: parameters, headers, forms, parts of multipart bodies, bodies of plain text.

There 5 and "5" are one text, null is the text "null", and a list of one item is that item. So a schema is
asked about texts: `as_texts` makes of what a taker demands a schema of the values whose text it takes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from understudy.specs.algebra import Answer, Judge, Values, covers
from understudy.specs.diff.records import ApiMedia
from understudy.specs.witness.wire import read_texts, text_of, typed

if TYPE_CHECKING:
    from understudy.specs.algebra import Schema
    from understudy.specs.diff.records import ApiParameter

# parameter  one value, list or object of texts, by its style
# form       a name with one text or several; what is an object is JSON (OpenAPI 3.1, Encoding Object)
# text       the body is one text
Way = Literal["parameter", "form", "text", ""]
INTEGER = "^-?(0|[1-9][0-9]*)$"
NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
SCALARS = ["boolean", "null", "number", "string"]
# How far below the whole value texts stand: its properties and items, and the items of a property.
DEEPEST = 2
PLAIN_TEXT = ("text/event-stream", "text/json", "text/xml", "text/yaml", "text/x-yaml", "text/vnd.yaml")


def way_of(root: ApiParameter | ApiMedia) -> Way:
    """How the values of a surface are written as texts; "" where they are JSON."""
    if not isinstance(root, ApiMedia):
        return "parameter" if not root.media else _of_media(root.media)
    return _of_media(root.type.partition(";")[0])


def _of_media(media: str) -> Way:
    if media == "application/x-www-form-urlencoded" or media.startswith("multipart/"):
        return "form"
    return "text" if media.startswith("text/") and media not in PLAIN_TEXT else ""


# --- parameters and headers

# Styles that put nothing before a text, so that each of them reads what another one wrote.
PLAIN_STYLES = ("simple", "form", "spaceDelimited", "pipeDelimited")


def reads_what_is_written(writer: ApiParameter, reader: ApiParameter) -> bool:
    """Whether a reader finds in its own style the text that a writer wrote."""
    if writer.media or reader.media:
        return False
    plain = writer.style in PLAIN_STYLES and reader.style in PLAIN_STYLES
    return plain or (writer.style == reader.style and writer.style in ("label", "matrix"))


def writes_one_text(parameter: ApiParameter, sent: Values) -> bool:
    """Whether each of the values `sent` stands on the wire as one text, as 5 and "1,2" do, and "p=1&p=2" does
    not."""
    if not parameter.explode or parameter.style in ("simple", "label", "matrix"):
        return True
    return covers(Values({"type": SCALARS}), sent) is Answer.YES


def takes_every_text(taken: Values) -> bool:
    """Whether one text, whatever it is, is taken: as a text, or as the list that it is split into."""
    every: list[Schema] = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    return any(covers(taken, Values(schema)) is Answer.YES for schema in every)


# --- bodies


def body_taken(way: Way, value: Any, judge: Judge) -> bool:
    """Whether a body, written as a form or as a plain text, is taken in some reading."""
    if judge.takes(value):
        return True
    if way == "form" and isinstance(value, dict):
        parts = {name: _texts(part) for name, part in value.items()}
        return read_texts(judge, {name: _readings(texts) for name, texts in parts.items()})
    if isinstance(value, dict | list):
        return False
    return any(judge.takes(v) for v in typed(text_of(value)))


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [json.dumps(item) if isinstance(item, dict | list) else text_of(item) for item in part]
    return [json.dumps(part) if isinstance(part, dict) else text_of(part)]


def _readings(texts: list[str]) -> list[Any]:
    """What the texts under one name may mean, most special first; a single one may be a list of one."""
    each = [_one(text) for text in texts]
    lists = [[ways[min(n, len(ways) - 1)] for ways in each] for n in range(max(map(len, each), default=1))]
    return [*each[0], *lists] if len(texts) == 1 else lists


def _one(text: str) -> list[Any]:
    if text[:1] in ("{", "["):
        try:
            return [json.loads(text), text]
        except ValueError:
            return [text]
    return typed(text)


# --- what a taker demands


def as_texts(schema: Schema, level: int = 0, *, lists: bool = True) -> Schema:
    """A schema for at least the values of `schema`, and for no value whose text it refuses.

    level   how far below the whole value it stands; texts end at DEEPEST
    lists   whether a single text may be a list of one
    """
    if isinstance(schema, bool):
        return schema
    defs = schema.get("$defs", {})
    return _Widener(defs, lists=lists).run({k: v for k, v in schema.items() if k != "$defs"}, level)


class _Widener:
    def __init__(self, defs: dict[str, Schema], *, lists: bool) -> None:
        self.defs = defs
        self.lists = lists
        self.made: dict[str, Schema] = {}

    def run(self, schema: dict[str, Any], level: int) -> Schema:
        made = self.value(schema, level)
        defs = {**self.defs, **self.made}
        if not defs or isinstance(made, bool):
            return made
        return {**made, "$defs": defs}

    def value(self, schema: Schema, level: int) -> Schema:
        """A whole value: the schema, or what has a text that it takes."""
        if isinstance(schema, bool) or level > DEEPEST:
            return schema
        more = self._more(schema, level)
        inner = self.inside(schema, level)
        return {"anyOf": [inner, *more]} if more else inner

    def inside(self, schema: Schema, level: int) -> Schema:
        """The schema with its properties and items as texts."""
        if isinstance(schema, bool) or level >= DEEPEST:
            return schema
        out = dict(schema)
        if level == 0:
            for key in ("properties", "patternProperties"):
                if key in out:
                    out[key] = {name: self.value(child, 1) for name, child in out[key].items()}
            if isinstance(out.get("additionalProperties"), dict):
                out["additionalProperties"] = self.value(out["additionalProperties"], 1)
        if "items" in out:
            out["items"] = self.value(out["items"], level + 1)
        if "prefixItems" in out:
            out["prefixItems"] = [self.value(child, level + 1) for child in out["prefixItems"]]
        for key in ("allOf", "anyOf", "oneOf"):
            if key in out:
                out[key] = [self.inside(member, level) for member in out[key]]
        if "$ref" in out:
            out["$ref"] = self._refer(str(out["$ref"]), level)
        return out

    def _refer(self, ref: str, level: int) -> str:
        name = ref.removeprefix("#/$defs/")
        renamed = f"t{level}-{name}"
        if name in self.defs and renamed not in self.made:
            self.made[renamed] = True  # while it is being made
            self.made[renamed] = self.inside(self.defs[name], level)
        return f"#/$defs/{renamed}" if name in self.defs else ref

    def _more(self, schema: dict[str, Any], level: int) -> list[Schema]:
        """What else has a text that the schema takes."""
        whole = {**schema, "$defs": self.defs} if self.defs else schema
        judge, taken = Judge(whole), Values(whole)
        more: list[Schema] = []
        same: list[Any] = [v for v in (True, False, None) if judge.takes(text_of(v))]
        same += [text_of(v) for v in (True, False, None) if judge.takes(v)]
        listed = schema.get("enum", [schema["const"]] if "const" in schema else [])
        same += [v for text in listed if isinstance(text, str) for v in typed(text)[:-1]]
        same += [text_of(v) for v in listed if isinstance(v, int | float)]
        if same:
            more.append({"enum": [v for n, v in enumerate(same) if not any(_same(v, w) for w in same[:n])]})
        for name, pattern in (("number", NUMBER), ("integer", INTEGER)):
            written: Schema = {"type": "string", "pattern": pattern}
            if covers(taken, Values({"type": "string"})) is Answer.YES or _takes(taken, written):
                more.append({"type": name})
                break
        for name, pattern in (("number", NUMBER), ("integer", INTEGER)):
            if _takes(taken, {"type": name}):
                more.append({"type": "string", "pattern": pattern})
                break
        if self.lists and _only_list(schema) and level < DEEPEST:
            item = self.value(schema.get("items", True), level + 1)
            more.append({"allOf": [{"type": SCALARS}, item]})
        elif self.lists and level < DEEPEST:
            single: Schema = {"allOf": [{"type": SCALARS}, schema]}
            more.append({"type": "array", "items": single, "minItems": 1, "maxItems": 1})
        return more


def _takes(taken: Values, schema: Schema) -> bool:
    return covers(taken, Values(schema)) is Answer.YES


def _only_list(schema: dict[str, Any]) -> bool:
    return schema.get("type") in (["array"], "array") and schema.get("minItems", 0) <= 1


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
