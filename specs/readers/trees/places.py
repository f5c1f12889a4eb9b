"""From an offset in a scalar's value to the line of the document where it stands."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.readers.trees.nodes import Node


def line_finder(node: Node, lines: list[str]) -> Callable[[int], int]:
    """A function from an offset in `node.text` to its line; folding, quoting and indentation are followed.

    `lines` are the lines that the node was parsed from. Both texts are walked side by side over their visible
    characters; an escape in a quoted text is skipped, as it cannot span lines.
    """
    last = min(node.end_line, len(lines))
    if last <= node.line:
        return lambda _: node.line
    offsets: list[int] = []  # for each line of the span, the first offset of the value that stands on it
    at = 0
    text = node.text
    for number in range(node.line, last + 1):
        line = lines[number - 1][node.column - 1 :] if number == node.line else lines[number - 1]
        if number == node.line and line[:1] in ("|", ">"):
            offsets.append(0)
            continue
        at, first = _walk(line, text, at)
        offsets.append(first)
    return lambda offset: node.line + max(bisect.bisect_right(offsets, offset) - 1, 0)


def _walk(line: str, text: str, at: int) -> tuple[int, int]:
    """Match the visible characters of `line` with `text` from `at` on; returns (the offset after, the first
    matched)."""
    while at < len(text) and text[at].isspace():
        at += 1
    first = at
    for character in line:
        if at < len(text) and character == text[at]:
            at += 1
            while at < len(text) and text[at].isspace():
                at += 1
    return at, first
