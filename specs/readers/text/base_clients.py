"""Clients of a program that have a base, and the calls that are made by them, with their whole addresses.

const api = axios.create({ baseURL: "https://api.example.com/v1" });
const made = await api.post("/clips", body);      →  const made = await axios.post("https://api.example.com/v1/clips", body);
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document

MAX_LINES = 10_000
MAX_LINE = 2_000
MAX_BELOW = 6  # so many lines below its beginning a client says its base
MAX_CLIENTS = 20

_NAME = r"[A-Za-z_$][\w$]{0,40}"
_KINDS = r"(?P<script>axios\.create|ky\.(?:create|extend)|got\.extend)|httpx\.(?:Async)?Client|aiohttp\.ClientSession|requests\.Session"
_CLIENT = re.compile(
    rf"(?:(?<![\w.$])(?:this\.|self\.)?(?P<name>{_NAME})\s{{0,3}}=\s{{0,3}}(?:await\s)?(?:{_KINDS})\(|\bwith\s(?:httpx\.(?:Async)?Client|aiohttp\.ClientSession)\([^\n]{{0,400}}\)\sas\s(?P<held>{_NAME}):)"
)
_BASE = re.compile(
    r"\b(?:base_?url|prefixUrl)[\"']?\s?[:=]\s?[\"'`](?P<url>https?://[^\"'`\s{}]{1,200}?)/?[\"'`]",
    re.IGNORECASE,
)


def with_base_clients(document: Document) -> Document:
    """The document, each call by such a client as one of the library with the whole address."""
    if not any(
        word in document.text for word in ("axios.create", "Client(", "Session(", "ky.", "got.extend")
    ):
        return document
    lines = document.lines[:MAX_LINES]
    clients = _clients(lines)
    if not clients:
        return document
    names = "|".join(map(re.escape, clients))
    called = re.compile(
        rf"(?<![\w.$])(?:this\.|self\.)?(?P<name>{names})\.(?P<method>get|post|put|patch|delete)\((?P<quote>\s?f?[\"'`])(?=/[\w{{$])"
    )

    def whole(call: re.Match[str]) -> str:
        library, base = clients[call["name"]]
        return f"{library}.{call['method']}({call['quote']}{base}"

    out = [called.sub(whole, line[:MAX_LINE]) + line[MAX_LINE:] for line in lines]
    return replace(document, text="\n".join([*out, *document.lines[MAX_LINES:]]))


def _clients(lines: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The library and the base of each client that has one base alone, by its name."""
    found: dict[str, set[tuple[str, str]]] = {}
    for index, line in enumerate(lines):
        client = _CLIENT.search(line[:MAX_LINE]) if "(" in line else None
        if client is None or len(found) == MAX_CLIENTS:
            continue
        near = "\n".join(one[:MAX_LINE] for one in lines[index : index + MAX_BELOW])
        if base := _BASE.search(near):
            library = "axios" if client["script"] else "requests"
            found.setdefault(client["name"] or client["held"], set()).add((library, base["url"]))
    return {name: said.pop() for name, said in found.items() if len(said) == 1}
