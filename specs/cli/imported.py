"""What an import did, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs import library
from understudy.specs.cli.shown import note_data, note_text
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing import (
    WHOLE_FAMILY,
    Imported,
    by_operation,
    limits_told,
    shown_only,
    told,
    untold_in,
)
from understudy.specs.importing.explain import explained
from understudy.specs.readers.told.untold import EXAMPLES_ONLY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from understudy.specs.importing import ProposedApi

HEADINGS = {
    "untold": "In the text and in no fact",
    "mend": "Mended",
    "alias": "Fields under another name",
    "contradiction": "Contradictions",
    "not-understood": "Not understood",
    "unnamed": "Without a name",
    "problem": "Could not be read",
}
REFUSED = "Its own example requests that are refused"
UNREAD = "Lines with a figure, a name, a value or a condition that is in no fact"
MAX_RANGES = 60
# So many families of which nothing is documented are shown by their paths.
MAX_FAMILIES = 3


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
        "refused_examples": [note_data(note) for note in imported.refused],
        "undocumented": list(imported.undocumented),
        "strangers": list(imported.strangers),
        "skipped": list(imported.skipped),
        "figures": _figures_data(imported),
        "kept": list(imported.kept),
        "set_aside": list(imported.set_aside),
        "dropped": list(imported.dropped),
        "shadows": str(imported.shadows) if imported.shadows else None,
        "conventions": {"found": imported.wire.found, "missing": imported.wire.missing},
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
    lines += [f"  {note.document}: {note.text}" for note in imported.spec.notes if note.code == EXAMPLES_ONLY]
    lines += [f"  {key}: {count} fields" for key, count in by_operation(imported.spec).items()]
    lines += _part("Limits that stand in prose", limits_told(imported.limits))
    lines += _part("Shown by an example, and nothing promised", shown_only(imported.spec))
    lines += _part("Answers of its own, in provider.toml as [conventions]", imported.wire.found)
    lines += _part("Answers that nothing in the documents tells", imported.wire.missing)
    for kind, heading in HEADINGS.items():
        notes = untold_in(imported.spec) if kind == "untold" else imported.notes(kind)
        lines += _part(heading, [note_text(note) for note in notes])
    lines += _part(REFUSED, [note_text(note) for note in imported.refused])
    lines += _undocumented(imported.undocumented)
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
    lines += _unread(imported)
    lines += ["", figures(imported)]
    lines += [f"wrote {imported.folder}/: provider.toml, openapi.yaml, overlay.yaml"]
    if imported.set_aside:
        lines.append(f"a hand or another version had changed them; kept as {', '.join(imported.set_aside)}")
    if imported.shadows:
        lines.append(f"it overrides the built-in {imported.spec.name}")
    if imported.canonical_is_own:
        lines.append(
            "this folder makes its canonical spec of its providers: `understudy specs build` takes it in"
        )
    lines.append(f"play it: understudy serve --provider {_played_as(imported)}")
    return "\n".join(lines) + "\n"


def proposal_text(made: ProposedApi) -> str:
    """The description of a new API as text: what was guessed, how surely, and what is missing."""
    lines = [f"{made.spec.name}: an API of its own, read from {', '.join(page.name for page in made.pages)}"]
    lines += [f"  {key}: {count} fields" for key, count in by_operation(made.spec).items()]
    guesses = [f"{one.what}: {one.value}  ({one.confidence:.0%}, {one.why})" for one in made.proposal.guesses]
    lines += _part("Guessed, to be checked", guesses)
    lines += _part("Missing, to be filled in", made.proposal.missing)
    told = [
        note_text(note) for note in made.spec.notes if note.kind in ("untold", "not-understood", "problem")
    ]
    lines += _part("In the text and in no fact", told)
    lines += _part(REFUSED, [note_text(note) for note in made.refused])
    lines += _unread(made)
    lines += ["", figures(made), f"wrote {made.file}"]
    if made.is_whole:
        lines.append(f"play it: understudy serve --provider {made.spec.name}")
    else:
        lines.append(f"it is a draft: {made.problem}; when it is whole, rename it to api.yaml")
    return "\n".join(lines) + "\n"


def proposal_data(made: ProposedApi) -> dict[str, Any]:
    """The same as JSON values."""
    return {
        "name": made.spec.name,
        "file": str(made.file),
        "whole": made.is_whole,
        "problem": made.problem,
        "fields": dict(by_operation(made.spec)),
        "guesses": [
            {"what": one.what, "value": one.value, "confidence": one.confidence, "why": one.why}
            for one in made.proposal.guesses
        ],
        "missing": list(made.proposal.missing),
        "notes": [note_data(note) for note in made.spec.notes],
        "refused_examples": [note_data(note) for note in made.refused],
        "figures": _figures_data(made),
    }


def _figures_data(made: Imported | ProposedApi) -> dict[str, Any]:
    return {
        "facts": _facts(made),
        "untold": len(untold_in(made.spec)),
        "lines": {
            name: {"in_all": share.lines, "used": share.read, "unread": list(share.unread)}
            for name, share in made.shares.items()
        },
    }


def write_page(imported: Imported | ProposedApi, file: Path) -> None:
    """Write the page that shows the documents beside what was read. Raises UnderstudyError if it cannot."""
    try:
        unread = {name: share.unread for name, share in imported.shares.items()}
        page = explained(imported.spec, imported.pages, figures(imported), unread)
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UnderstudyError(f"cannot be written: {error.strerror or error}", where=str(file)) from error


def _undocumented(items: Sequence[str]) -> list[str]:
    """What of the vendor's is undocumented; the families of which nothing is documented, on one line."""
    families = [item.removesuffix(WHOLE_FAMILY) for item in items if item.endswith(WHOLE_FAMILY)]
    shown = [item for item in items if not item.endswith(WHOLE_FAMILY)]
    if families:
        more = ", ..." if len(families) > MAX_FAMILIES else ""
        first = ", ".join(families[:MAX_FAMILIES])
        shown.append(f"nothing of {len(families)} families (--json lists them): {first}{more}")
    return _part("Undocumented (inherited from the canonical spec)", shown, len(items))


def figures(made: Imported | ProposedApi) -> str:
    """How much was read and told, and how much of the text no fact came from."""
    lines = sum(share.lines for share in made.shares.values())
    unused = lines - sum(share.read for share in made.shares.values())
    told = sum(note.kind in ("untold", "not-understood", "unnamed") for note in made.spec.notes)
    share = f"{unused / lines:.0%}" if lines else "none"
    return f"{_facts(made)} facts read, {told} lines told; {share} of the text's {lines} lines gave no fact"


def _facts(made: Imported | ProposedApi) -> int:
    """How many facts were read: each field, and each keyword of one."""
    return sum(1 + len(one.keywords) for _, _, one in made.spec.fields())


def _unread(made: Imported | ProposedApi) -> list[str]:
    """The lines that may say something and gave no fact: "page.md: 7, 9, 14-15" for each document."""
    items = [f"{name}: {_ranges(share.unread)}" for name, share in made.shares.items() if share.unread]
    return _part(UNREAD, items, sum(len(share.unread) for share in made.shares.values()))


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers in rising order, those that follow each other as one: 7, 9, 14-15."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs[:MAX_RANGES]]
    more = f" and {len(runs) - MAX_RANGES} more (--json lists all)" if len(runs) > MAX_RANGES else ""
    return ", ".join(shown) + more


def _played_as(imported: Imported) -> str:
    """What `--provider` takes for it: its name where that leads to its folder, else the folder's path."""
    try:
        found = library.folders().get(imported.spec.name)
    except UnderstudyError:  # a folder listed in UNDERSTUDY_SPECS is none: the command that needs it says so
        found = None
    is_found = found is not None and found.resolve() == imported.folder.resolve()
    return imported.spec.name if is_found else f"{imported.folder.absolute()}"


def _part(heading: str, items: list[str], count: int = 0) -> list[str]:
    """A heading with how many items there are, `count` where one item speaks of several, and the items."""
    return ["", f"{heading} ({count or len(items)})", *(f"  {item}" for item in items)] if items else []
