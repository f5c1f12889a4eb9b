"""What schemas say beside their limits (JSON Schema 2020-12, 7.7 and 9): defaults, discriminators, contents,
extensions, and keywords that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.diff.facts import Pair, changed
from understudy.specs.diff.octets import same_bytes
from understudy.specs.diff.parts import UNDOCUMENTED
from understudy.specs.diff.schema import UNKNOWN, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.diff.stating import SchemaFacts
    from understudy.specs.diff.view import SchemaView

NOTES = {
    "default": "default",
    "readOnly": "read-only",
    "writeOnly": "write-only",
    "deprecated": "deprecated",
    "discriminator": "discriminator",
    "contentEncoding": "content-encoding",
    "contentMediaType": "content-media-type",
    "xml": "xml",
}


def compare_annotations(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    """State what differs between the annotations, between unknown keywords, and between extensions."""
    for keyword, word in NOTES.items():
        before, after = old.notes.get(keyword), new.notes.get(keyword)
        if keyword in MEANT:
            before, after = MEANT[keyword](before), MEANT[keyword](after)
        has = keyword in old.notes, keyword in new.notes
        if same_bytes(keyword, old, new):
            continue
        if before == after and (keyword != "default" or has[0] == has[1]):
            continue
        if keyword == "default":
            action = changed(word, has[0] or None, has[1] or None)
        else:
            action = changed(word, before, after)
        facts.fact(pair, action, old, new, keyword, old=before, new=after)
    _content_schema(facts, pair, old, new)
    for key in sorted({*old.unknown, *new.unknown}):
        before, after = old.unknown.get(key), new.unknown.get(key)
        written = [v.raw.get(key) if isinstance(v.raw, dict) else None for v in (old, new)]
        if before != after and (written[0] is None or written[0] != written[1]):
            facts.fact(pair, "keyword-not-understood", old, new, UNKNOWN, subject=key, old=before, new=after)
    for key in sorted({k for k in (*old.notes, *new.notes) if k.startswith("x-")}):
        before, after = old.notes.get(key), new.notes.get(key)
        if key == UNDOCUMENTED and (before is True) != (after is True):
            action = "property-undocumented" if after is True else "property-documented"
            facts.fact(pair, action, old, new, key)
        elif before != after:
            facts.fact(pair, "extension-changed", old, new, key, subject=key, old=before, new=after)


def _discriminator(note: Any) -> Any:
    """A discriminator as it is compared. A mapping names a schema by name or by reference, and need not say
    that a schema is called by its own name (OpenAPI 3.1, Discriminator Object)."""
    if not isinstance(note, dict) or not isinstance(note.get("mapping", {}), dict):
        return note
    mapping = {k: str(v).rpartition("/")[2] for k, v in note.get("mapping", {}).items()}
    said = {k: v for k, v in mapping.items() if k != v}
    rest = {k: v for k, v in note.items() if k != "mapping" and not k.startswith("x-")}
    return {**rest, "mapping": said} if said else rest


def _xml(note: Any) -> Any:
    """How a value is written into XML, as it is compared. OpenAPI 3.2 says with `nodeType` what `attribute`
    and `wrapped` said."""
    if not isinstance(note, dict):
        return note
    rest = {k: v for k, v in note.items() if k not in ("attribute", "wrapped") and not k.startswith("x-")}
    for word, kind in (("attribute", "attribute"), ("wrapped", "element")):
        if note.get(word) is True:
            rest.setdefault("nodeType", kind)
    return rest or None


# A note as it is compared, by keyword.
MEANT: dict[str, Callable[[Any], Any]] = {"discriminator": _discriminator, "xml": _xml}
MEANT |= dict.fromkeys(("readOnly", "writeOnly", "deprecated"), lambda note: note or None)


def _content_schema(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    """JSON Schema 2020-12, 8.5: what the text in a string is once it is decoded."""
    before, after = old.notes.get("contentSchema"), new.notes.get("contentSchema")
    if before is None and after is None:
        return
    if before is None or after is None or not facts.same(before, after):
        held: dict[str, Any] = {}
        if before is not None and after is not None and (_words(before) ^ _words(after)) <= known():
            held = {"held": Pair(before, after, pair.direction)}
        facts.fact(pair, changed("content-schema", before, after), old, new, "contentSchema", data=held)


def _words(raw: Any) -> set[str]:
    """The keys in a schema and below it."""
    if isinstance(raw, list):
        return set().union(*map(_words, raw))
    return {*raw}.union(*map(_words, raw.values())) if isinstance(raw, dict) else set()
