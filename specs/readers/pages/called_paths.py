"""The path of an operation that a page says in a command alone: `curl https://api.example.com/v1/clips -d …`.

Read where a format's reader found one operation, its fields and no path, and all commands call one address.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.model import UNSAID_PATH
from understudy.specs.readers.trees import examples

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.model import Reading

MAX_LINES = 10_000
MAX_COMMANDS = 50


def with_path(found: Reading, document: Document) -> Reading:
    """The reading, its one operation without a path at the address that the page's commands call.

    A command that sends something is of an operation with a body, any other of one without.
    """
    nameless = [one for one in found.operations if not one.path]
    if len(nameless) != 1:
        return found
    (one,) = nameless
    sends = one.method in ("", "post", "put", "patch") and bool(one.request)
    calls = {
        (sent.method, sent.server, sent.path): number
        for number, sent in _sent(document)
        if (sent.method in ("post", "put", "patch")) == sends
    }
    known = {other.path for other in found.operations}
    if len(calls) != 1 or next(iter(calls))[2] in known:
        return found
    ((method, server, path), line), *_ = calls.items()
    settled = replace(one, method=method, path=path, servers=(server,) if server else one.servers, line=line)
    return replace(
        found,
        operations=tuple(settled if other is one else other for other in found.operations),
        notes=tuple(note for note in found.notes if note.code != UNSAID_PATH),
    )


def _sent(document: Document) -> list[tuple[int, examples.SentRequest]]:
    """The commands of a page, each with its line."""
    lines = document.lines[:MAX_LINES]
    out: list[tuple[int, examples.SentRequest]] = []
    index = 0
    while index < len(lines) and len(out) < MAX_COMMANDS:
        end = index + 1
        if examples.is_curl(lines[index].lstrip()):
            end = examples.curl_lines(lines, index)
            if sent := examples.curl("\n".join(lines[index:end]).lstrip()):
                out.append((index + 1, sent))
        index = end
    return out
