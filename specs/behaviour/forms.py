"""Bodies that are forms: multipart/form-data (RFC 7578), application/x-www-form-urlencoded (WHATWG URL, 5).

A form holds texts. What they mean stands in the schema of the body, as in OpenAPI 3.1 ("Encoding Object"): a
list of texts or numbers is a field that comes several times, an object is JSON, bytes are a file. Files are
Base64 as values, as pictures are in JSON.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MULTIPART, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
FORMS = (MULTIPART, URLENCODED)
INTEGER, NUMBER = (
    re.compile(r"[+-]?\d{1,300}"),
    re.compile(r"[+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,2})?"),
)
WORDS = {"true": True, "false": False}


def is_bytes(schema: Mapping[str, Any]) -> bool:
    """Whether a field is a file: `format: binary` (OpenAPI 3.0), or a media type and no encoding (3.1)."""
    return schema.get("format") == "binary" or (
        "contentMediaType" in schema and "contentEncoding" not in schema and "type" not in schema
    )


def written(media: str, value: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, bytes]:
    """(Content-Type, body) of the form that holds `value`; null is left out, for a form has no word for it.

    >>> written(URLENCODED, {"n": 2, "loud": True, "tags": ["a", "b"]}, {})
    ('application/x-www-form-urlencoded', b'n=2&loud=true&tags=a&tags=b')
    """
    known = schema.get("properties", {})
    fields = [(name, one) for name, given in value.items() for one in _several(given)]
    if media == URLENCODED:
        return media, urlencode([(n, _text(one)) for n, one in fields], errors="replace").encode()
    parts = [b"".join(_part(name, one, known.get(name, {}))) for name, one in fields]
    # The same body each time for the same value, so that a run can be told from another by what it sent.
    boundary = f"form-{hashlib.sha256(b''.join(parts)).hexdigest()[:24]}"
    mark = f"--{boundary}".encode()
    body = b"".join(b"%s\r\n%s\r\n" % (mark, part) for part in parts) + mark + b"--\r\n"
    return f"{media}; boundary={boundary}", body


def _several(value: Any) -> Iterator[Any]:
    plain = isinstance(value, list) and value and not any(isinstance(one, list | dict) for one in value)
    if plain:
        yield from value
    elif value is not None:
        yield value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _part(name: str, value: Any, schema: Mapping[str, Any]) -> Iterator[bytes]:
    # RFC 7578, 2 and 4.2; quotes and line ends as the WHATWG HTML standard has them.
    shown = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'Content-Disposition: form-data; name="{shown}"'
    if not is_bytes(schema.get("items", schema)):
        yield f"{head}\r\n\r\n".encode()
        yield _text(value).encode("utf-8", "replace")
        return
    yield f'{head}; filename="{shown}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
    text = _text(value)
    try:
        yield base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        yield text.encode("utf-8", "replace")


def read_form(kind: str, raw: bytes, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The value that a form holds; `kind` is its Content-Type. What does not fit its type stays a text.

    >>> read_form(URLENCODED, b"n=2&size=big", {"properties": {"n": {"type": "integer"}}})
    {'n': 2, 'size': 'big'}
    """
    multipart = kind.partition(";")[0].strip().lower() == MULTIPART
    found: dict[str, list[Any]] = {}
    for name, value in _parts(kind, raw) if multipart else _pairs(raw):
        found.setdefault(name.removesuffix("[]"), []).append(value)
    known = schema.get("properties", {})
    return {name: _value(values, known.get(name, {})) for name, values in found.items()}


def _pairs(raw: bytes) -> Iterable[tuple[str, Any]]:
    return parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)


def _parts(kind: str, raw: bytes) -> Iterator[tuple[str, Any]]:
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
    message: Any = BytesParser(policy=HTTP).parsebytes(head + raw)
    for part in message.iter_parts() if message.is_multipart() else ():
        name = str(part.get_param("name", header="content-disposition"))
        data: bytes = part.get_payload(decode=True) or b""
        file = part.get_filename()
        if file is None:
            yield name, data.decode("utf-8", "replace")
        else:
            yield name, _File(file, part.get_content_type(), data)


class _File:
    """A file of a form, until its field's schema says what becomes of it."""

    def __init__(self, name: str, kind: str, data: bytes) -> None:
        self.name, self.kind, self.data = name, kind, data


def _value(values: list[Any], schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "array":
        inner = schema.get("items", {})
        if len(values) == 1 and isinstance(values[0], str) and isinstance(_json(values[0]), list):
            return _json(values[0])
        return [_one(value, inner) for value in values]
    return _one(values[-1], schema)


def _one(value: Any, schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if isinstance(value, _File):
        if kind == "string" or is_bytes(schema):
            return base64.b64encode(value.data).decode()
        return {"filename": value.name, "type": value.kind, "size": len(value.data)}
    if kind == "integer" and INTEGER.fullmatch(value):
        return int(value)
    if kind == "number" and NUMBER.fullmatch(value):
        return float(value)
    if kind == "boolean":
        return WORDS.get(value, value)
    if kind == "object" and isinstance(_json(value), dict):
        return _json(value)
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
