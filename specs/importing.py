"""A new provider's document becomes `specs/providers/NAME/` in one step, with an account of what was read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specs import profile as profiles
from specs.build import known_fields, overlay_text, package_vendor, spec_text, usual_names, write
from specs.documents import follow_index, load
from specs.errors import UnderstudyError
from specs.library import CANONICAL, HERE, OVERLAY_FILE, PROFILE_FILE, SPEC_FILE, load_yaml
from specs.normalise import provider_spec
from specs.places import REQUEST, path_text
from specs.profile import Profile, Source
from specs.readers import read
from specs.render import provider_from
from specs.render.text import shown
from specs.tree import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from specs.documents import Document
    from specs.model import Field, Note, ProviderSpec, Reading

NAME = re.compile(r"[a-z][a-z0-9-]*\Z")
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that a second import found changed; None where there was, or is, none."""

    operation: str
    body: str
    field: str
    keyword: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote and found.

    `limits` are keywords that stood in prose only; `undocumented` the vendor's fields and operations that
    the documents do not mention; `changes` is None when the provider is new; `skipped` are pages of an
    index that are no documents of an API, with the reason.
    """

    folder: Path
    spec: ProviderSpec
    documents: tuple[str, ...]
    limits: tuple[tuple[str, Field], ...]
    undocumented: tuple[str, ...]
    changes: tuple[Change, ...] | None
    skipped: tuple[str, ...]

    def notes(self, kind: str) -> list[Note]:
        return [note for note in self.spec.notes if note.kind == kind]


def import_document(root: Path, source: str, name: str, today: date, *, follow: bool = False) -> Imported:
    """Read the document at `source`, a file or URL, and write the provider's folder below `root`/specs.

    With `follow`, `source` is an `llms.txt` index, and every page of the same host that it lists is read.
    Servers, aliases, facts and conventions of an existing provider.toml are kept. Raises UnderstudyError
    when the name or the source cannot be used, or nothing in it describes an operation.
    """
    if not NAME.match(name) or name == CANONICAL:
        raise UnderstudyError(
            f"{name!r} cannot be a provider's name",
            advice="use lower-case letters, digits and '-', such as acme-2",
        )
    documents, skipped = _documents(source, today, follow)
    readings, read_documents = _read(documents, skipped, follow)
    folder = root / "specs" / "providers" / name
    old_profile = (
        profiles.load(folder / PROFILE_FILE) if (folder / PROFILE_FILE).is_file() else Profile(name, name)
    )
    if old_profile.vendor:
        raise UnderstudyError(f"{name} is the vendor; its promise is written by hand", where=str(folder))
    sources = tuple(_source(root, document, source, today) for document in read_documents)
    profile = Profile(
        name, old_profile.title, False, old_profile.servers, sources, old_profile.aliases, old_profile.facts,
        old_profile.conventions,
    )  # fmt: skip
    vendor = package_vendor()
    spec = provider_spec(profile, readings, known_fields(vendor), usual_names())
    before = provider_from(load_yaml(folder / SPEC_FILE), name) if (folder / SPEC_FILE).is_file() else None
    base = root / "specs" / CANONICAL / SPEC_FILE
    canonical = load_yaml(base if base.is_file() else HERE / CANONICAL / SPEC_FILE)
    written = {
        PROFILE_FILE: _profile_text(folder / PROFILE_FILE, profile),
        SPEC_FILE: spec_text(spec, profile),
        OVERLAY_FILE: overlay_text(canonical, spec),
    }
    write(folder, written)
    return Imported(
        folder,
        spec,
        tuple(document.name for document in read_documents),
        tuple(
            (key, one)
            for key, _, one in spec.fields()
            if any(w.evidence.kind == "prose" for w in one.keywords)
        ),
        tuple(undocumented(spec, vendor)),
        None if before is None else tuple(changes(before, spec)),
        tuple(skipped),
    )


def undocumented(spec: ProviderSpec, vendor: ProviderSpec) -> list[str]:
    """The vendor's operations, and fields of requests, that the provider's documents do not mention."""
    missing = []
    for key, operation in vendor.operations.items():
        if key not in spec.operations:
            missing.append(key)
            continue
        present = {one.path for one in spec.operations[key].request}
        top = [one.path for one in operation.request if len(one.path) == 1]
        missing.extend(f"{key} {path_text(path)}" for path in top if path not in present)
    return missing


def changes(before: ProviderSpec, after: ProviderSpec) -> list[Change]:
    """Every fact that is no longer, or newly, or differently stated; places and order are no facts."""
    old, new = _facts(before), _facts(after)
    return [
        Change(*subject, old.get(subject), new.get(subject))
        for subject in dict.fromkeys([*old, *new])
        if not same(old.get(subject), new.get(subject))
    ]


def _facts(spec: ProviderSpec) -> dict[tuple[str, str, str, str], Any]:
    facts: dict[tuple[str, str, str, str], Any] = {}
    for key, body, one in spec.fields():
        written = spec.aliases.get(key, {}).get(one.path) if body == REQUEST else None
        facts[key, body, path_text(one.path), "field"] = written or one.name
        for word in one.keywords:
            facts[key, body, path_text(one.path), word.name] = word.value
    return facts


def _documents(source: str, today: date, follow: bool) -> tuple[list[Document], list[str]]:
    found = load(source, date=today.isoformat())
    if not follow:
        return [found], []
    if not found.url:
        raise UnderstudyError(
            "--follow needs the URL of an index", where=source, advice="such as https://…/llms.txt"
        )
    documents, errors = follow_index(found)
    return documents, [str(error) for error in errors]


def _read(
    documents: Sequence[Document], skipped: list[str], follow: bool
) -> tuple[list[Reading], list[Document]]:
    readings = []
    kept = []
    for document in documents:
        try:
            reading = read(document)
        except UnderstudyError as error:
            if not follow:
                raise
            skipped.append(str(error))
            continue
        if reading.operations or not follow:
            readings.append(reading)
            kept.append(document)
        else:
            skipped.append(f"{document.url or document.name}: describes no operation")
    if not any(reading.operations for reading in readings):
        problems = "; ".join(
            note.text for reading in readings for note in reading.notes if note.kind == "problem"
        )
        raise UnderstudyError(
            f"no operation found{': ' + problems if problems else ''}",
            where=documents[0].url or documents[0].name if documents else "",
            advice="give the page of one operation, or an OpenAPI file",
        )
    return readings, kept


def _source(root: Path, document: Document, given: str, today: date) -> Source:
    """Where the document is to be found again: a file below the root by its relative path."""
    if document.url:
        return Source(url=document.url, date=today, sha256=document.sha256)
    path = Path(given).resolve()
    inside = path.is_relative_to(root.resolve())
    file = path.relative_to(root.resolve()).as_posix() if inside else path.as_posix()
    return Source(file=file, date=today, sha256=document.sha256)


def _profile_text(path: Path, profile: Profile) -> str:
    """The provider.toml with its documents; what a person wrote into an existing one stays as it stands."""
    documents = "\n".join(_document_text(source) for source in profile.documents)
    if not path.is_file():
        return f'name = "{profile.name}"\ntitle = "{profile.name}"\n\n{documents}'
    lines = path.read_text(encoding="utf-8").splitlines()
    kept: list[str] = []
    inside = False
    for line in lines:
        if line.startswith("["):
            inside = line.strip() == "[[documents]]"
        if not inside:
            kept.append(line)
    at = next((i for i, line in enumerate(kept) if line.startswith("[")), len(kept))
    head = "\n".join(kept[:at]).rstrip()
    tail = "\n".join(kept[at:]).strip()
    return f"{head}\n\n{documents}" + (f"\n{tail}\n" if tail else "")


def _document_text(source: Source) -> str:
    lines = ["[[documents]]"]
    for key in ("file", "url", "sha256"):
        value = getattr(source, key)
        if value:
            lines.append(f"{key} = {_toml_text(value)}")
    if source.date is not None:
        lines.insert(2, f"date = {source.date.isoformat()}")
    return "\n".join(lines) + "\n"


def _toml_text(value: str) -> str:
    # A JSON text is a TOML text, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def told(change: Change) -> str:
    """A change in one line: `POST /v1/x request: n maximum 9 -> 4`."""
    before = "-" if change.before is None else shown(change.before)
    after = "-" if change.after is None else shown(change.after)
    return f"{change.operation} {change.body}: {change.field} {change.keyword} {before} -> {after}"


def limits_told(limits: Sequence[tuple[str, Field]]) -> list[str]:
    """Each limit that stood in prose, in one line with its place."""
    return [
        f"{key}: {path_text(one.path)} {word.name} {shown(word.value)} ({word.evidence})"
        for key, one in limits
        for word in one.keywords
        if word.evidence.kind == "prose"
    ]


def by_operation(spec: ProviderSpec) -> Mapping[str, int]:
    """How many fields of its request and answers each operation has."""
    counts: dict[str, int] = dict.fromkeys(spec.operations, 0)
    for key, _, _ in spec.fields():
        counts[key] += 1
    return counts
