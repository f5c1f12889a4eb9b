"""What an import did, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specs import library
from specs.cli.shown import note_data, note_text
from specs.errors import UnderstudyError
from specs.importing import by_operation, limits_told, shown_only, told

if TYPE_CHECKING:
    from specs.importing import Imported

HEADINGS = {
    "mend": "Mended",
    "alias": "Fields under another name",
    "contradiction": "Contradictions",
    "not-understood": "Not understood",
    "unnamed": "Without a name",
    "problem": "Could not be read",
}


def as_data(imported: Imported) -> dict[str, Any]:
    """The import as JSON values."""
    changes = imported.changes
    return {
        "name": imported.spec.name,
        "folder": str(imported.folder),
        "documents": list(imported.documents),
        "fields": dict(by_operation(imported.spec)),
        "limits_from_prose": limits_told(imported.limits),
        "shown_by_examples": shown_only(imported.spec),
        "notes": [note_data(note) for note in imported.spec.notes],
        "undocumented": list(imported.undocumented),
        "strangers": list(imported.strangers),
        "skipped": list(imported.skipped),
        "kept": list(imported.kept),
        "set_aside": list(imported.set_aside),
        "dropped": list(imported.dropped),
        "shadows": str(imported.shadows) if imported.shadows else None,
        "play": _played_as(imported),
        "changes": None
        if changes is None
        else [
            {
                "operation": one.operation,
                "body": one.body,
                "field": one.field,
                "keyword": one.keyword,
                "before": one.before,
                "after": one.after,
            }
            for one in changes
        ],
    }


def as_text(imported: Imported) -> str:
    """The import as text: what was read, and everything that a person should look at."""
    lines = [f"{imported.spec.name}: read {', '.join(imported.documents)}"]
    lines += [f"  {key}: {count} fields" for key, count in by_operation(imported.spec).items()]
    lines += _part("Limits that stand in prose", limits_told(imported.limits))
    lines += _part("Shown by an example, and nothing promised", shown_only(imported.spec))
    for kind, heading in HEADINGS.items():
        lines += _part(heading, [note_text(note) for note in imported.notes(kind)])
    lines += _part("Undocumented (inherited from the canonical spec)", list(imported.undocumented))
    lines += _part(
        "Not the vendor's (kept as documented, neither played nor verified)", list(imported.strangers)
    )
    lines += _part("Skipped", list(imported.skipped))
    if imported.changes is not None:
        changes = [told(one) for one in imported.changes]
        lines += _part("Changed since the last import", changes) or [
            "",
            "Nothing changed since the last import",
        ]
    lines += _part("No longer read", list(imported.dropped))
    lines += _part("Kept as a hand wrote it in provider.toml", list(imported.kept))
    lines += ["", f"wrote {imported.folder}/: provider.toml, openapi.yaml, overlay.yaml"]
    if imported.set_aside:
        lines.append(f"a hand or another version had changed them; kept as {', '.join(imported.set_aside)}")
    if imported.shadows:
        lines.append(f"it stands in front of the built-in {imported.spec.name}")
    if imported.canonical_is_own:
        lines.append(
            "this folder makes its canonical spec of its providers: `understudy specs build` takes it in"
        )
    lines.append(f"play it: understudy serve --provider {_played_as(imported)}")
    return "\n".join(lines) + "\n"


def _played_as(imported: Imported) -> str:
    """What `--provider` takes for it: its name where that leads to its folder, else the folder's path."""
    try:
        found = library.folders().get(imported.spec.name)
    except UnderstudyError:  # a folder listed in UNDERSTUDY_SPECS is none: the command that needs it says so
        found = None
    is_found = found is not None and found.resolve() == imported.folder.resolve()
    return imported.spec.name if is_found else f"{imported.folder.absolute()}"


def _part(heading: str, items: list[str]) -> list[str]:
    return ["", f"{heading} ({len(items)})", *(f"  {item}" for item in items)] if items else []
