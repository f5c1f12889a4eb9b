"""`provider.toml`: what a person says about a provider that no document of its own says.

name = "acme"
title = "Acme"
vendor = false                # true for the one whose word goes first
servers = ["https://..."]     # where its documents name none

[[documents]]                 # in the order in which they are read
file = "docs/acme.md"         # from the folder that holds `specs/`
date = 2026-11-21             # when it was taken
kind = "provider"             # "vendor" marks all its evidence as the vendor's
operation = "POST /v1/x"      # what it describes, where the page does not say it, or says another path

[aliases]                     # the provider's field name -> the vendor's
model = "model_name"

[[facts]]                     # known from elsewhere: recorded calls, other pages
operation = "POST /v1/images/multi-image2image"
field = "model_name"          # "image_list[].image" for a field of each item
keyword = "required"
value = true
source = "where it is known from"

[conventions]                 # merged into the root `x-conventions` of the effective spec; TOML knows no
                              # null: the text "$null" stands for it

[conventions.limits.headers]  # in which headers answers tell an account's limits: limit, remaining,
X-RateLimit-Limit = "limit"   # reset_seconds, retry_after, or a text with ${remaining} in it
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError
from understudy.specs.model import Evidence, Keyword
from understudy.specs.places import path_parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from understudy.specs.model import FieldPath

KEYS = {
    "": {"name", "title", "vendor", "servers", "documents", "aliases", "facts", "conventions"},
    "documents": {"file", "url", "date", "kind", "sha256", "operation"},
    "facts": {"operation", "field", "keyword", "value", "source"},
}
NULL = "$null"
KINDS = ("provider", "vendor")
OPERATION = re.compile(r"(?:GET|PUT|POST|DELETE|PATCH) /\S*\Z")


@dataclass(frozen=True, slots=True)
class Source:
    """One document of a provider: where it was found, when, and the SHA-256 of its bytes if it was kept."""

    file: str = ""
    url: str = ""
    date: date | None = None
    kind: str = "provider"
    sha256: str = ""
    operation: str = ""

    @property
    def name(self) -> str:
        """The document's name in evidence: the last part of its file name or URL."""
        return (self.file or self.url.split("?")[0]).rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Fact:
    """A keyword of a field of an operation's request, known from elsewhere."""

    operation: str
    path: FieldPath
    keyword: Keyword


@dataclass(frozen=True, slots=True)
class Profile:
    """A `provider.toml`, checked."""

    name: str
    title: str
    vendor: bool = False
    servers: tuple[str, ...] = ()
    documents: tuple[Source, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    conventions: Mapping[str, Any] = field(default_factory=dict)


def load(path: Path) -> Profile:
    """The profile in the file at `path`.

    Raises UnderstudyError with the file and the key when it cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return parse(text, f"{path.parent.name}/{path.name}")
    except (OSError, UnicodeDecodeError) as error:
        raise UnderstudyError(f"cannot be read: {error}", where=str(path)) from error
    except UnderstudyError as error:
        raise UnderstudyError(error.what, where=f"{path}: {error.where}", advice=error.advice) from error


def parse(text: str, document: str) -> Profile:
    """The profile in the text of a `provider.toml`; `document` names it in the evidence of its facts."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnderstudyError(f"not TOML: {error}", where=document) from error
    _refuse_unknown("", data)
    for table in ("documents", "facts"):
        for entry in _list(data, table):
            _refuse_unknown(table, entry)
    name = _text(data, "name")
    return Profile(
        name=name,
        title=_text(data, "title", name),
        vendor=data.get("vendor", False) is True,
        servers=tuple(_list(data, "servers")),
        documents=tuple(map(_source, _list(data, "documents"))),
        aliases=_table(data, "aliases"),
        facts=tuple(_facts(_list(data, "facts"), text, document)),
        conventions=_with_nulls(_table(data, "conventions")),
    )


def _refuse_unknown(table: str, entry: Any) -> None:
    if not isinstance(entry, dict):
        raise UnderstudyError(f"[[{table}]] holds tables", where=table)
    unknown = sorted(set(entry) - KEYS[table])
    if unknown:
        raise UnderstudyError(
            f"unknown key {unknown[0]!r}",
            where=table or "top",
            advice=f"known: {', '.join(sorted(KEYS[table]))}",
        )


def _text(data: Mapping[str, Any], key: str, default: str = "") -> str:
    value = data.get(key, default)
    if not isinstance(value, str) or not value:
        raise UnderstudyError(f"needs {key!r}, a text", where="top")
    return value


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise UnderstudyError(f"{key!r} is a list", where="top")
    return value


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise UnderstudyError(f"[{key}] is a table", where="top")
    return value


def _with_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_nulls(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_nulls(item) for item in value]
    return None if value == NULL else value


def _source(entry: Mapping[str, Any]) -> Source:
    source = Source(**entry)
    if not source.file and not source.url:
        raise UnderstudyError("a document needs `file` or `url`", where="documents")
    if source.kind not in KINDS:
        raise UnderstudyError(
            f"unknown kind {source.kind!r}", where="documents", advice=f"known: {', '.join(KINDS)}"
        )
    if source.operation and not OPERATION.match(source.operation):
        raise UnderstudyError(
            f"no operation: {source.operation!r}",
            where="documents",
            advice="such as POST /v1/path/of/it",
        )
    return source


def _facts(entries: list[Any], text: str, document: str) -> list[Fact]:
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[facts]]"]
    facts = []
    for index, entry in enumerate(entries):
        missing = sorted(KEYS["facts"] - set(entry))
        if missing:
            raise UnderstudyError(f"a fact needs {missing[0]!r}", where=f"facts[{index}]")
        line = lines[index] if index < len(lines) else 0
        keyword = Keyword(entry["keyword"], entry["value"], Evidence(document, line, "declared"))
        facts.append(Fact(entry["operation"], path_parts(entry["field"]), keyword))
    return facts
