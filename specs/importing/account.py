"""How requests say whose they are, as pages of an API that is not known yet show and say it.

-H "Authorization: Key $KEY"        "x-api-key": "your_key"        All requests need the `x-key` header
| Authorization | Token {key} |     name: xi-api-key, in: header   https://api.example.com/v1/clips?api_key=YOUR_KEY

It is what most of these places say; where they differ the guess is less sure.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Reading

MAX_LINES = 20_000
MAX_LINE = 1_000
SURE, LESS_SURE = 0.9, 0.7

_OF_KEYS = r"(?:[\w-]{0,40}(?:api[-_]?key|[-_]key|access[-_]?token|auth[-_]?token|api[-_]?secret|api[-_]?token)|x-key|token)"
# "Authorization: Key …" in a command, code, a table or a message; what stands for the key tells that it is one.
_AUTHORIZATION = re.compile(
    r"(?<![\w-])authorization[\"'`*]{0,3}[ \t]{0,3}(?:[:=|]|\t|,)[ \t|]{0,4}[fr]?[\"'`]{0,2}(?:(?P<scheme>[A-Za-z][A-Za-z-]{1,20})[ ]{1,2})?(?P<key>[<{$\[+%](?!authorization)|(?=[A-Za-z0-9*_.-]{0,60}[\dA-Z*_-])[A-Za-z0-9*][\w.*-]{3,60})",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<![\w-])authorization(?![\w-])", re.IGNORECASE)
# The usual scheme (RFC 6750), wherever it stands behind the header's name.
_USUAL = re.compile(r"\bBearer\b", re.IGNORECASE)
_OWN_HEADER = re.compile(
    rf"(?:(?:-H|--header)\s{{1,2}}[\"']|[\"'`]|\A\s{{0,8}}(?:[-*]\s)?(?:header:\s?`?)?|\|\s{{0,3}}`?)(?P<name>{_OF_KEYS})(?:[\"'`]?\s{{0,3}}(?:[:|]|\t)\s{{0,3}}[\"'`<{{$\w])",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"`(?P<name>{_OF_KEYS})`\s(?:request\s)?header|\bheader[s]?\s`(?P<name_>{_OF_KEYS})`", re.IGNORECASE
)
_PARAMETER = re.compile(
    rf"[\"']?name[\"']?:\s{{0,2}}[\"']?(?P<name>{_OF_KEYS})[\"']?,?\s{{0,3}}\Z", re.IGNORECASE
)
# Behind the question mark of an address; what stands for the key tells that it is one.
_IN_QUERY = re.compile(
    r"/[\w./{}:-]{1,200}\?(?:[\w.]{1,40}=[^\s&\"'`]{0,80}&){0,6}(?P<name>(?:api|access|auth)_?-?(?:key|token)|key|token)=(?=(?:your|my)[-_]|[<{$]|(?-i:[A-Z_]{3,30})\b|x{3,}|\*{3,}|\.{3})",
    re.IGNORECASE,
)
_IN_HEADER = re.compile(r"[\"']?in[\"']?:\s{0,2}[\"']?header")


@dataclass(frozen=True, slots=True)
class SaidAccount:
    """The `account` of a description, how it is shown, how sure it is, and what says so."""

    account: dict[str, Any]
    shown: str
    confidence: float
    why: str


# Of a field of a body by its name, or by a name that many things have and what is said of it.
_KEY_NAME = re.compile(r"(?:api|access|auth)[-_]?(?:key|token)", re.IGNORECASE)
_KEY_NAMES = ("key", "token")
_SAID_KEY = re.compile(r"\b(?:api|access|your|account)\s(?:key|token)\b|密钥|令牌", re.IGNORECASE)


def key_in_body(readings: Iterable[Reading], path: str) -> str:
    """The name of the field of the request at a path that is the key which says whose it is; "" for none."""
    operations = (one for reading in readings for one in reading.operations if one.path == path)
    fields = (one for operation in operations for one in operation.request if len(one.path) == 1)
    return next((one.name for one in fields if _is_key_field(one)), "")


def _is_key_field(one: Field) -> bool:
    is_said = one.name.lower() in _KEY_NAMES and _SAID_KEY.search(one.wording[:MAX_LINE]) is not None
    return _KEY_NAME.fullmatch(one.name) is not None or is_said


def account_of(documents: Sequence[Document]) -> SaidAccount | None:
    """What the documents say of it; None where they say nothing."""
    places: dict[tuple[str, str, str], str] = {}
    count: Counter[tuple[str, str, str]] = Counter()
    for document in documents:
        for number, found in _said(document.lines[:MAX_LINES]):
            count[found] += 1
            places.setdefault(found, f"{document.name}:{number}")
    if not count:
        return None
    (where, name, scheme), often = count.most_common(1)[0]
    account = {"in": where, "name": name, **({"scheme": scheme} if scheme else {})}
    shown = f"{name}: {scheme} KEY" if scheme else f"{name}: KEY"
    if where == "query":
        shown = f"?{name}=KEY"
    is_sure = often * 2 > count.total() + 1 or len(count) == 1
    why = f"{places[where, name, scheme]} has it"
    return SaidAccount(account, shown, SURE if is_sure else LESS_SURE, why)


def _said(lines: Sequence[str]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Where the key of each place that has one stands, in the header or the query, its name and the word before
    it, with the line."""
    for number, line in enumerate(lines, 1):
        text = line[:MAX_LINE]
        named = _NAMED.search(text)
        if named is not None:
            found = _AUTHORIZATION.search(text)
            if _USUAL.search(text, named.end()):
                yield number, ("header", "Authorization", "Bearer")
            elif found is not None and _is_key(text[found.start("key") :]):
                yield number, ("header", "Authorization", found["scheme"] or "")
            continue
        if "?" in text and (asked := _IN_QUERY.search(text)):
            yield number, ("query", asked["name"], "")
            continue
        own = _OWN_HEADER.search(text) or _IN_WORDS.search(text)
        if own is None and (parameter := _PARAMETER.search(text)):
            near = lines[max(0, number - 3) : number + 2]
            own = parameter if any(_IN_HEADER.search(one[:MAX_LINE]) for one in near) else None
        if own is not None:
            name = own.groupdict().get("name") or own.groupdict().get("name_") or ""
            if own.re is not _OWN_HEADER or name.lower().startswith("x") or "-" in name:
                yield number, ("header", name, "")


def _is_key(text: str) -> bool:
    """Whether what stands behind is a key, or what stands for one: no word of a sentence or a type."""
    word = re.match(r"[A-Za-z]{1,60}", text)
    return (
        word is None
        or not (word.group().islower() or word.group().istitle())
        or text[word.end() : word.end() + 1] in ("-", "_")
    )
