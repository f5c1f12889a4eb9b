"""`provider.toml` as text: an import writes the entries of its documents, and all else is the hand's.

An entry is changed in its lines for the keys in OWN; other keys, comments, blank lines and order stay as they
are. The text is never written out anew from what was parsed, as that would lose them.

Not by tomlkit (tried at 0.15.2): it counts a comment above an entry to the entry before, so that a new key
goes below it and a dropped entry takes it along, and it ends new lines with LF where the file has CRLF.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.profile import Profile, Source

OWN = ("file", "url", "date", "sha256", "operation")

_ENTRY = re.compile(r"\s*\[\[\s*documents\s*\]\]\s*(?:#.*)?\Z")
_HEADER = re.compile(r"\s*\[")
_LINE = re.compile(
    r"(?P<key>\s*(?:file|url|date|sha256|operation)\s*=\s*)(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s#]+)"
    r"(?P<rest>\s*(?:#.*)?)\Z"
)


def new_text(name: str, documents: Sequence[Source]) -> str:
    """The provider.toml of a new provider."""
    entries = ("\n".join(_entry_lines(one)) + "\n" for one in documents)
    return f'name = "{name}"\ntitle = "{name}"\n\n' + "\n".join(entries)


def changed_text(
    text: str, before: Sequence[Source], after: Sequence[tuple[Source | None, Source]], where: str
) -> str:
    """The text with the entries of `before` replaced by those of `after`: pairs of (the entry that it
    replaces or None, the new entry).

    Raises UnderstudyError, and nothing is lost, when the entries are written in a way that this cannot edit.
    """
    lines = text.split("\n")
    end = "\r" if lines[0].endswith("\r") else ""
    spans = _entries(lines)
    wanted = {id(old): new for old, new in after if old is not None}
    added = [[line + end for line in _entry_lines(new)] for old, new in after if old is None]
    out: list[str] = []
    at = 0
    for source, (start, stop) in zip(before, spans, strict=False):
        out += lines[at:start]
        new = wanted.get(id(source))
        out += _changed(lines[start:stop], source, new, end) if new is not None else []
        at = stop
    if added:
        end_of_entries = at or _end_of_head(lines)
        out += lines[at:end_of_entries]
        at = end_of_entries
        for entry in added:
            out += ([end] if out and out[-1].strip() else []) + entry
        out += [end] if lines[at:] and lines[at].strip() else []
    out += lines[at:]
    made = "\n".join(out)
    _verify(text, made, [new for _, new in after], len(spans) == len(before), where)
    return made


def _entries(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where each [[documents]] entry stands: from its header to behind its last line with a key."""
    spans = []
    for start in (index for index, line in enumerate(lines) if _ENTRY.match(line)):
        stop = next((i for i in range(start + 1, len(lines)) if _HEADER.match(lines[i])), len(lines))
        said = [i for i in range(start, stop) if lines[i].strip() and not lines[i].lstrip().startswith("#")]
        spans.append((start, said[-1] + 1))
    return spans


def _end_of_head(lines: Sequence[str]) -> int:
    """Behind the last key before the first table, where the first entry belongs."""
    stop = next((i for i, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    said = [i for i in range(stop) if lines[i].strip() and not lines[i].lstrip().startswith("#")]
    return said[-1] + 1 if said else 0


def _changed(entry: Sequence[str], old: Source, new: Source, end: str) -> list[str]:
    """The lines of one entry, of which only those that say something else now are touched; `end` is what
    ends a new one."""
    out = list(entry)
    for key in OWN:
        if getattr(old, key) == getattr(new, key):
            continue
        value = getattr(new, key)
        index = next((i for i, line in enumerate(out) if line.split("=")[0].strip() == key), None)
        if index is None:
            out += [f"{key} = {_toml(value)}{end}"] if value else []
        elif not value:
            del out[index]
        elif match := _LINE.match(out[index]):
            out[index] = f"{match['key']}{_toml(value)}{match['rest']}"
    return out


def _entry_lines(source: Source) -> list[str]:
    said = [f"{key} = {_toml(getattr(source, key))}" for key in OWN if getattr(source, key)]
    return ["[[documents]]", *said]


def _toml(value: Any) -> str:
    if not isinstance(value, str):
        return str(value.isoformat())
    # A JSON text is a TOML text, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _verify(before: str, after: str, wanted: Sequence[Source], as_found: bool, where: str) -> None:
    """What was written says what was meant, and all else as before; if not, the hand must do it."""
    old, new = tomllib.loads(before), _loaded(after)
    rest = [{key: value for key, value in one.items() if key != "documents"} for one in (old, new)]
    said = [{key: one.get(key) or None for key in OWN} for one in new.get("documents", [])]
    meant = [{key: getattr(one, key) or None for key in OWN} for one in wanted]
    if not as_found or rest[0] != rest[1] or said != meant:
        entries = "; ".join(", ".join(f"{k} = {_toml(v)}" for k, v in one.items() if v) for one in meant)
        raise UnderstudyError(
            "its documents are written in a way that an import cannot change",
            where=where,
            advice=f"write each as lines below a [[documents]] of its own; they should say: {entries}",
        )


def _loaded(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def by_hand(text: str, profile: Profile) -> list[str]:
    """What a hand wrote into a provider.toml beside the documents, each in a few words."""
    tables: dict[str, Mapping[str, Any]] = {"aliases": profile.aliases, "conventions": profile.conventions}
    kept = [f"title = {_toml(profile.title)}"] if profile.title != profile.name else []
    kept += [f"servers = {', '.join(profile.servers)}"] if profile.servers else []
    kept += [f"[{name}] {', '.join(sorted(table))}" for name, table in tables.items() if table]
    kept += [f"[[facts]] {len(profile.facts)}"] if profile.facts else []
    comments = sum(line.lstrip().startswith("#") for line in text.split("\n"))
    return kept + ([f"{comments} lines of comment"] if comments else [])
