"""Headers that every request of an API has, with one value, as the commands of its pages show them.

curl … -H "X-Api-Version: 2"        curl … -H "anthropic-version: 2023-06-01"

A header counts that all commands have, two at least, each with the same value, which stands for nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.trees.examples import curl_lines, is_curl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document

MAX_LINES = 20_000
MAX_LINE = 4_000
MAX_COMMANDS = 100
MIN_COMMANDS = 2

_HEADER = re.compile(
    r"\s(?:-H|--header)[ =]{1,3}(?P<quote>[\"'])(?P<name>[A-Za-z][\w-]{1,60})"
    r"\s?:\s?(?P<value>[^\"'\n]{1,100})(?P=quote)"
)
# What clients of HTTP send of themselves, and what differs from one request to the next.
_OF_ANY = re.compile(
    r"(?i:content-type|content-length|accept(?:-[a-z]{1,20})?|authorization|user-agent|host|origin|referer"
    r"|cookie|connection|cache-control|.{0,40}(?:key|token|secret|sign|nonce|timestamp|date|request-id|trace"
    r"|session|account|user|project|org).{0,40})"
)
# A value that is written in full: no variable of a shell, and nothing that stands for another.
_LITERAL = re.compile(r"(?!(?i:your|my|some|the)[-_ ])[\w.-]{1,60}")


def constant_headers(documents: Sequence[Document]) -> dict[str, tuple[str, str]]:
    """The names of such headers, each with its value and the place that shows it."""
    commands = [found for document in documents for found in _commands(document)][:MAX_COMMANDS]
    if len(commands) < MIN_COMMANDS:
        return {}
    first = commands[0]
    return {
        name: found
        for name, found in first.items()
        if all(one.get(name, ("",))[0] == found[0] for one in commands)
    }


def _commands(document: Document) -> Iterator[dict[str, tuple[str, str]]]:
    """The headers of each command of a page."""
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    for index, line in enumerate(lines):
        if not is_curl(line):
            continue
        text = "\n".join(lines[index : curl_lines(lines, index)])
        place = f"{document.name}:{index + 1}"
        yield {
            one["name"]: (one["value"].strip(), place)
            for one in _HEADER.finditer(text)
            if not _OF_ANY.fullmatch(one["name"]) and _LITERAL.fullmatch(one["value"].strip())
        }
