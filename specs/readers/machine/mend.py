"""YAML that exporters broke, mended where there is one reading; where there are two, the place is said and
left out.

Lines keep their numbers: a mend only adds quotes or turns tabs into spaces, and what is left out becomes
blank lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.specs.readers.trees.nodes import BrokenError, Node
from understudy.specs.readers.trees.yaml_nodes import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

# Under these keys a value is a text and nothing else, so a colon inside it has one reading.
TEXT_KEYS = frozenset({
    "description", "summary", "title", "example", "name", "url", "label", "source", "termsOfService",
    "operationId",
    "version", "pattern", "default", "const", "externalValue", "bearerFormat", "contact", "email",
})  # fmt: skip
# Of these, a text may hold blanks, and so a ` #` that is no comment.
_WORDY_KEYS = frozenset({"description", "summary", "title", "example", "default"})
_BOOLEAN_KEYS = frozenset({
    "required", "deprecated", "nullable", "readOnly", "writeOnly", "uniqueItems", "exclusiveMinimum",
    "exclusiveMaximum", "additionalProperties", "allowEmptyValue", "explode",
})  # fmt: skip
_OLD_BOOLEANS = {"y": True, "yes": True, "on": True, "n": False, "no": False, "off": False}

_PAIR = re.compile(
    r"""(?P<lead>[ ]*(?:-[ ]+)*)
    (?P<key>"(?:[^"\\]|\\.){0,300}"|'[^'\n]{0,300}'|[^\s\#:'"\[\]{},&*!|>%@`-][^\n:]{0,300}?|-?[^\s:'"-][^\n:]{0,300}?)
    [ ]*:(?:[ ]+(?P<value>\S[^\n]*)|[ ]*)\Z""",
    re.VERBOSE,
)
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]{0,2}[ ]*(?:#.*)?\Z")
# What YAML 1.1 does not allow in a stream (section 5.1).
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_TRAILING = re.compile(r"\s*(?:#.*)?\Z")
_MAX_ROUNDS = 25
_MAX_ROUNDS_CHARACTERS = 1_000_000
_MAX_MENDED = 2_000_000


@dataclass(slots=True)
class Mended:
    """The tree (None: nothing could be read) and (kind, what, line, column) of every mend and problem."""

    root: Node | None
    remarks: list[tuple[str, str, int, int]] = field(default_factory=list)


def read_yaml(text: str) -> Mended:
    """Parse `text`, mending it line by line when it is not YAML. Raises TooLargeError beyond the budget."""
    remarks: list[tuple[str, str, int, int]] = []
    if (control := _CONTROL.search(text)) and len(text) <= _MAX_MENDED:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - text.rfind("\n", 0, control.start())
        remarks.append(("mend", "control characters, read as unknown ones", line, column))
        text = _CONTROL.sub("\ufffd", text)
    try:
        root = parse_yaml(text)
    except BrokenError as broken:
        first = broken
        root = None
        if len(text) > _MAX_MENDED:
            what = f"not YAML: {broken.what}; too large to be mended"
            return Mended(None, [("problem", what, broken.line, broken.column)])
    else:
        _settle(root, text.split("\n"), remarks)
        return Mended(root, remarks)
    lines = _without_tabs(text.split("\n"), remarks)
    lines = _quoted(lines, remarks)
    root = _parse_dropping(lines, remarks, first)
    _settle(root, text.split("\n"), remarks)
    return Mended(root, remarks)


def _parse_dropping(
    lines: list[str], remarks: list[tuple[str, str, int, int]], first: BrokenError
) -> Node | None:
    """Parse, each time leaving out the entry in which the parser stops, until it parses."""
    size = sum(map(len, lines)) + len(lines)
    for _ in range(max(1, min(_MAX_ROUNDS, _MAX_ROUNDS_CHARACTERS // (size + 1)))):
        try:
            return parse_yaml("\n".join(lines))
        except BrokenError as broken:
            place = min(max(broken.line, 1), len(lines))
            remarks.append(("problem", f"not YAML: {broken.what}; left out from here", place, broken.column))
            if not _drop(lines, place - 1):
                return None
    remarks.append(("problem", f"not YAML: {first.what}", first.line, first.column))
    return None


def _drop(lines: list[str], index: int) -> bool:
    """Blank the line at `index` (or the last one before it that says something) and all that is nested in
    it."""
    while index > 0 and not lines[index].strip():
        index -= 1
    if not lines[index].strip():
        return False
    indent = _indent(lines[index])
    lines[index] = ""
    for later in range(index + 1, len(lines)):
        if lines[later].strip() and _indent(lines[later]) <= indent:
            break
        lines[later] = ""
    return True


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _without_tabs(lines: list[str], remarks: list[tuple[str, str, int, int]]) -> list[str]:
    leads = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines]
    tabbed = [number for number, lead in enumerate(leads, 1) if "\t" in lead and lines[number - 1].strip()]
    if tabbed:
        width, sure = _tab_width(lines, leads)
        if not sure:
            remarks.append(
                ("problem", "tabs and spaces indent; their width changes the meaning", tabbed[0], 1)
            )
        remarks.append(
            ("mend", f"tabs at the beginning of {len(tabbed)} lines, read as spaces", tabbed[0], 1)
        )
        lines = [_spaced(line, lead, width) for line, lead in zip(lines, leads, strict=True)]
    return [_inner_tab(line, number, remarks) for number, line in enumerate(lines, 1)]


def _spaced(line: str, lead: str, width: int) -> str:
    return lead.expandtabs(width) + line[len(lead) :]


def _tab_width(lines: list[str], leads: list[str]) -> tuple[int, bool]:
    """The tab width with which most tabbed lines stand as deep as a neighbour without tabs, and whether it is
    the only one. Where all lines are indented by tabs alone, any width says the same.
    """
    shown = [(lead, line.rstrip()) for lead, line in zip(leads, lines, strict=True) if line.strip()]
    if not any(" " in lead for lead, _ in shown):
        return 2, True
    fits = dict.fromkeys((8, 4, 2), 0)
    for before, (lead, _), after in zip(shown, shown[1:], [*shown[2:], ("\t", "")], strict=False):
        if "\t" in lead:
            # After a key without a value comes something deeper.
            neighbours = [after[0], *([] if before[1].endswith(":") else [before[0]])]
            for width in fits:
                depth = len(lead.expandtabs(width))
                fits[width] += any("\t" not in other and len(other) == depth for other in neighbours)
    best = max(fits, key=lambda width: fits[width])
    return best, fits[best] > 0 and list(fits.values()).count(fits[best]) == 1


def _inner_tab(line: str, number: int, remarks: list[tuple[str, str, int, int]]) -> str:
    if "\t" not in line:
        return line
    mended = re.sub(r"^([ ]*(?:-[ ]+)*[^\s:]+:|[ ]*-)\t[ \t]*", r"\1 ", line)
    if mended != line:
        remarks.append(("mend", "a tab before a value, read as a space", number, line.index("\t") + 1))
    return mended


def _quoted(lines: list[str], remarks: list[tuple[str, str, int, int]]) -> list[str]:
    """Put quotes around texts that YAML takes for something else."""
    out = list(lines)
    skip_to = 0
    for index, line in enumerate(lines):
        if index < skip_to:
            continue
        pair = _PAIR.match(line)
        if pair is None:
            continue
        value = pair["value"] or ""
        last = _end_of_entry(lines, index, len(pair["lead"]))
        if _BLOCK_HEADER.match(value):
            skip_to = last + 1
        elif value:
            skip_to = _mend_value(out, index, last, pair, remarks)
    return out


def _end_of_entry(lines: list[str], index: int, indent: int) -> int:
    """The last line of the value that begins on the line at `index` under a key at column `indent`."""
    last = index
    for later in range(index + 1, len(lines)):
        line = lines[later]
        if line.strip():
            if _indent(line) <= indent:
                break
            last = later
    return last


def _mend_value(
    out: list[str], index: int, last: int, pair: re.Match[str], remarks: list[tuple[str, str, int, int]]
) -> int:
    """Quote the value if it needs it; returns the index of the next line to look at."""
    value, key = pair["value"], pair["key"].strip("\"'")
    trouble = _trouble(value, out[index + 1 : last + 1], text_key=_is_text_key(key))
    if trouble is None:
        return last + 1 if value[0] in "\"'" and not _is_whole_quoted(value) else index + 1
    line, column = index + 1, pair.start("value") + 1
    if not _is_text_key(key):
        remarks.append(
            ("problem", f"two readings of the value of {key!r}: {trouble}; left out", line, column)
        )
        out[index] = out[index][: pair.start("value")].rstrip()
        for later in range(index + 1, last + 1):
            out[later] = ""
        return last + 1
    remarks.append(("mend", f"{trouble}, read as part of the text of {key!r}", line, column))
    body = [out[index][pair.start("value") :], *out[index + 1 : last + 1]]
    body = [part.replace("\\", "\\\\").replace('"', '\\"') for part in body]
    body[0] = '"' + body[0]
    body[-1] = body[-1].rstrip() + '"'
    out[index : last + 1] = [out[index][: pair.start("value")] + body[0], *body[1:]]
    return last + 1


def _is_text_key(key: str) -> bool:
    return key in TEXT_KEYS or key.startswith("x-")


def _trouble(value: str, more: list[str], *, text_key: bool) -> str | None:
    """What in a value YAML would trip over, or None."""
    if value[0] in "\"'":
        if _is_whole_quoted(value) or more or value.count(value[0]) < 2:
            return None
        return "a text that goes on after its closing quote"
    if value.startswith("{{"):
        return "a bare '{{'"
    if value[0] in "[{":
        return _flow_trouble(value)
    if value[0] in "*&!%@`|>" and (text_key or value[0] in "%@`"):
        return f"a text that begins with {value[0]!r}"
    whole = " ".join([value, *(line.strip() for line in more)])
    if ": " in whole or whole.rstrip().endswith(":"):
        return "a bare ': '"
    return None


def _flow_trouble(value: str) -> str | None:
    closing = {"[": "]", "{": "}"}[value[0]]
    end = value.rfind(closing)
    # Brackets that are open at the end of the line go on below.
    if end < 0 or value.count(value[0]) > value.count(closing) or _TRAILING.match(value, end + 1):
        return None
    return f"a text that begins with {value[0]!r}"


def _is_whole_quoted(value: str) -> bool:
    quote = value[0]
    body = r'"(?:[^"\\]|\\.)*"' if quote == '"' else r"'(?:[^']|'')*'"
    match = re.match(body, value)
    return bool(match and _TRAILING.match(value, match.end()))


def _settle(root: Node | None, lines: list[str], remarks: list[tuple[str, str, int, int]]) -> None:
    """Say what YAML 1.1 would have read otherwise, and give texts back what a ` #` cut off."""
    seen_keys: set[tuple[int, str]] = set()
    for parent, key, value in _pairs(root):
        place = (id(parent), key.text)
        if place in seen_keys:
            remarks.append(
                ("problem", f"{key.text!r} stands twice; the later one is used", key.line, key.column)
            )
        seen_keys.add(place)
        if key.plain and key.text.lower() in _OLD_BOOLEANS:
            remarks.append(("mend", f"unquoted {key.text!r}, read as a name", key.line, key.column))
        for scalar in [value, *value.items]:
            if scalar.kind == "scalar" and scalar.plain:
                _settle_scalar(key, scalar, lines, remarks, is_entry=scalar is not value)


def _settle_scalar(
    key: Node, value: Node, lines: list[str], remarks: list[tuple[str, str, int, int]], *, is_entry: bool
) -> None:
    old = _OLD_BOOLEANS.get(value.text.lower())
    if old is not None and key.text in _BOOLEAN_KEYS and not is_entry:
        remarks.append(("mend", f"{value.text!r}, read as {str(old).lower()}", value.line, value.column))
        value.text = str(old).lower()
    elif old is not None:
        remarks.append(("mend", f"unquoted {value.text!r}, read as a text", value.line, value.column))
    elif key.text in _WORDY_KEYS:
        _uncut(value, lines, remarks)


def _uncut(value: Node, lines: list[str], remarks: list[tuple[str, str, int, int]]) -> None:
    """A ` #` in a text: without a blank after it, it is part of the text; with one, it may be a comment."""
    line = lines[value.end_line - 1] if 0 < value.end_line <= len(lines) else ""
    at = line.find(" #", value.column - 1 if value.end_line == value.line else 0)
    if at < 0:
        return
    if not value.text:
        remarks.append(("mend", "a comment where a value should be, read as no value", value.line, at + 2))
    elif line[at + 2 : at + 3].strip():
        remarks.append(("mend", "a bare ' #', read as part of the text", value.line, at + 2))
        value.text += line[at:].rstrip()
    else:
        remarks.append(("problem", "' #' may begin a comment or belong to the text; read as a comment",
        value.line, at + 2))  # fmt: skip


def _pairs(root: Node | None) -> Iterator[tuple[Node, Node, Node]]:
    seen: set[int] = set()
    stack = [root] if root is not None else []
    while stack:
        node = stack.pop()
        if id(node) in seen or node.kind == "scalar":
            continue
        seen.add(id(node))
        for key, value in node.pairs:
            yield node, key, value
            stack.append(value)
        stack.extend(node.items)
