"""A new provider's documents become `specs/providers/NAME/` in one step, with an account of what was read.

An import owns the generated files, openapi.yaml and overlay.yaml, and the documents' entries in
provider.toml. All else in provider.toml is the hand's, and stays as it stands, comments too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from specs import profile as profiles
from specs.build import known_fields, overlay_text, spec_text, usual_names, vendor_in, write
from specs.documents import follow_index, load
from specs.errors import UnderstudyError
from specs.importing.changes import Change, changes, told
from specs.importing.meant import likely_create, meant, some
from specs.importing.names import checked_name, refuse_shadowing, shadowed
from specs.importing.profile_text import by_hand, changed_text, new_text
from specs.library import OVERLAY_FILE, PROFILE_FILE, SPEC_FILE, canonical_file, load_yaml
from specs.normalise import placed, provider_spec
from specs.normalise.placed import UNSAID
from specs.places import operations, path_text
from specs.profile import Profile, Source
from specs.readers import read
from specs.render import provider_from
from specs.render.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from specs.documents import Document
    from specs.model import Field, Note, ProviderSpec, Reading

__all__ = [
    "Change",
    "Imported",
    "by_operation",
    "changes",
    "import_documents",
    "limits_told",
    "shown_only",
    "told",
]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote and found.

    `limits` are keywords that stood in prose only; `undocumented` the vendor's fields and operations that
    the documents do not mention; `changes` is None when the provider is new; `skipped` are pages of an
    index that are no documents of an API, with the reason; `kept` is what a hand wrote into provider.toml;
    `set_aside` are copies of generated files that a hand had changed; `dropped` names documents that are no
    longer read; `shadows` is the folder of the built-in provider of this name, or None; `strangers` are
    operations that the canonical spec does not have, which are neither played nor verified;
    `canonical_is_own` says that the folder makes its canonical spec of its providers.
    """

    folder: Path
    spec: ProviderSpec
    documents: tuple[str, ...]
    limits: tuple[tuple[str, Field], ...]
    undocumented: tuple[str, ...]
    changes: tuple[Change, ...] | None
    skipped: tuple[str, ...]
    kept: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    shadows: Path | None = None
    strangers: tuple[str, ...] = ()
    canonical_is_own: bool = False

    def notes(self, kind: str) -> list[Note]:
        return [note for note in self.spec.notes if note.kind == kind]


def import_documents(
    root: Path,
    sources: Sequence[str],
    name: str,
    today: date,
    *,
    follow: bool = False,
    consent: bool = False,
    operation: str = "",
) -> Imported:
    """Read the documents at `sources`, files or URLs, and write the provider's folder below `root`/specs.

    With `follow`, each source is an `llms.txt` index, and every page of the same host that it lists is read.
    With `consent`, the provider may take the name of a built-in one, and documents that were read before and
    are not among `sources` are dropped. `operation` ("POST /v1/x") is what a page describes that does not say
    it, or says it at another path. Raises UnderstudyError without it in both cases, and when the name or
    a source cannot be used, or nothing describes an operation; then nothing is written.
    """
    folder = root / "specs" / "providers" / checked_name(name)
    if operation and not profiles.OPERATION.match(operation):
        raise UnderstudyError(
            f"no operation: {operation!r}",
            where="--operation",
            advice="a method and a path, such as POST /v1/path/of/it",
        )
    if not consent:
        refuse_shadowing(folder)
    old, text = _existing(folder, name)
    readings, documents, skipped = _readings(sources, today, follow)
    new = [
        replace(_source(root, document, given), operation=its)
        for (given, document), its in zip(documents, meant(readings, operation), strict=True)
    ]
    entries, dropped = _entries(old, new)
    said = {(new.file, new.url): new.operation for _, new in entries}
    readings = [
        placed(reading, said[_place(_source(root, document, given))])
        for reading, (given, document) in zip(readings, documents, strict=True)
    ]
    if dropped and not consent:
        raise UnderstudyError(
            f"{name} was read from {', '.join(dropped)} too",
            where=str(folder / PROFILE_FILE),
            advice=f"give all its documents at once, or drop {'it' if len(dropped) == 1 else 'them'} "
            "with --replace",
        )
    profile = replace(old, documents=tuple(new for _, new in entries))
    vendor, canonical = vendor_in(root / "specs"), _canonical(root)
    spec = provider_spec(profile, readings, known_fields(vendor), usual_names())
    strangers = _strangers(spec, canonical, documents)
    before = provider_from(load_yaml(folder / SPEC_FILE), name) if (folder / SPEC_FILE).is_file() else None
    written = {
        PROFILE_FILE: changed_text(text, old.documents, entries, str(folder / PROFILE_FILE))
        if text
        else new_text(name, profile.documents),
        SPEC_FILE: spec_text(spec, profile),
        OVERLAY_FILE: overlay_text(canonical, spec),
    }
    aside = {} if before is None else _edited(folder, canonical, before)
    write(folder, {**aside, **written})
    return Imported(
        folder,
        spec,
        tuple(document.name for _, document in documents),
        tuple(
            (key, one)
            for key, _, one in spec.fields()
            if any(w.evidence.kind == "prose" for w in one.keywords)
        ),
        tuple(undocumented(spec, vendor)),
        None if before is None else tuple(changes(before, spec)),
        tuple(skipped),
        tuple(by_hand(text, old)) if text else (),
        tuple(aside),
        tuple(dropped),
        shadowed(folder),
        tuple(strangers),
        canonical_file(root / "specs").resolve().is_relative_to(root.resolve()),
    )


def _strangers(
    spec: ProviderSpec, canonical: Mapping[str, Any], documents: Sequence[tuple[str, Document]]
) -> list[str]:
    """The operations that the canonical spec lacks. Raises UnderstudyError when it lacks all of them."""
    known = [key for key, _ in operations(canonical)]
    strange = [key for key in spec.operations if key not in known]
    if not spec.operations:
        problems = dict.fromkeys(note.text for note in spec.notes if note.kind == "problem")
        raise _nothing(list(problems), [document for _, document in documents])
    if len(strange) == len(spec.operations):
        creates = [key for key, operation in operations(canonical) if "x-task" in operation]
        likely = likely_create(strange, creates)
        raise UnderstudyError(
            f"describes {some(strange)}, and none of the operations that Understudy knows",
            where=", ".join(document.url or document.name for _, document in documents),
            advice=f"if it is the same operation at another path, say --operation '{likely}': it is then "
            "compared, played and verified at that path"
            if likely
            else f"known families: {', '.join(creates)}; a further one is data: "
            "`understudy specs build --help` says how to add it; one of these at another path "
            "is said with --operation",
        )
    return strange


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


def _existing(folder: Path, name: str) -> tuple[Profile, str]:
    """The provider's profile and its text; an empty text when the provider is new."""
    path = folder / PROFILE_FILE
    if not path.is_file():
        return Profile(name, name), ""
    profile = profiles.load(path)
    if profile.vendor:
        raise UnderstudyError(f"{name} is the vendor; its promise is written by hand", where=str(folder))
    if profile.name != name:
        raise UnderstudyError(f"is named {profile.name!r} but stands in the folder {name!r}", where=str(path))
    # Not read_text, which would take CRLF for LF: the line ends are the hand's too.
    return profile, path.read_bytes().decode()


def _canonical(root: Path) -> Mapping[str, Any]:
    canonical: Mapping[str, Any] = load_yaml(canonical_file(root / "specs"))
    return canonical


def _readings(
    sources: Sequence[str], today: date, follow: bool
) -> tuple[list[Reading], list[tuple[str, Document]], list[str]]:
    """The readings, the documents that they are of (with the source as given), and what was skipped."""
    found: list[tuple[str, Document]] = []
    skipped: list[str] = []
    for source in dict.fromkeys(sources):
        documents, problems = _documents(source, today, follow)
        found += [(source, document) for document in documents]
        skipped += problems
    readings: list[Reading] = []
    kept: list[tuple[str, Document]] = []
    for source, document in found:
        try:
            reading = read(document)
        except UnderstudyError as error:
            if not follow:
                raise
            skipped.append(str(error))
            continue
        if reading.operations or not follow:
            readings.append(reading)
            kept.append((source, document))
        else:
            skipped.append(f"{document.url or document.name}: describes no operation")
    if not any(reading.operations for reading in readings):
        problems = [note.text for reading in readings for note in reading.notes if note.kind == "problem"]
        raise _nothing(problems, [document for _, document in found])
    return readings, kept, skipped


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


def _nothing(problems: Sequence[str], documents: Sequence[Document]) -> UnderstudyError:
    return UnderstudyError(
        f"no operation found{': ' + '; '.join(problems) if problems else ''}",
        where=documents[0].url or documents[0].name if documents else "",
        advice="say it with --operation, such as 'POST /v1/path/of/it'"
        if any(UNSAID in problem for problem in problems)
        else "give the page of one operation, or an OpenAPI file",
    )


def _entries(old: Profile, new: Sequence[Source]) -> tuple[list[tuple[Source | None, Source]], list[str]]:
    """The documents' entries in the profile's order, each with the one that it replaces, and the names of
    those that are no longer read. A document is known again by its place, or by its name."""
    known: dict[int, Source] = {}
    for same_place in (True, False):
        for one in new:
            if id(one) not in known:
                match = next(
                    (
                        entry
                        for entry in old.documents
                        if not any(entry is taken for taken in known.values())
                        and (_place(entry) == _place(one) if same_place else entry.name == one.name)
                    ),
                    None,
                )
                if match is not None:
                    known[id(one)] = match
    replaced = {id(known[id(one)]): one for one in new if id(one) in known}
    entries: list[tuple[Source | None, Source]] = [
        (entry, _again(entry, replaced[id(entry)])) for entry in old.documents if id(entry) in replaced
    ]
    entries += [(None, one) for one in new if id(one) not in known]
    return entries, [entry.name for entry in old.documents if id(entry) not in replaced]


def _place(source: Source) -> tuple[str, str]:
    return source.file, source.url


def _again(before: Source, now: Source) -> Source:
    """The entry of a document that was read before: the same bytes keep their date."""
    unchanged = before.sha256 == now.sha256 and _place(before) == _place(now)
    return replace(
        now,
        kind=before.kind,
        date=before.date if unchanged else now.date,
        operation=now.operation or before.operation,
    )


def _source(root: Path, document: Document, given: str) -> Source:
    """Where the document is to be found again: a file below the root by its relative path."""
    taken = date.fromisoformat(document.date)
    if document.url:
        return Source(url=document.url, date=taken, sha256=document.sha256)
    path = Path(given).resolve()
    inside = path.is_relative_to(root.resolve())
    file = path.relative_to(root.resolve()).as_posix() if inside else path.as_posix()
    try:
        file.encode()
    except UnicodeEncodeError as error:
        what = "its name is no UTF-8, which provider.toml is"
        raise UnderstudyError(what, where=ascii(file), advice="rename it") from error
    return Source(file=file, date=taken, sha256=document.sha256)


def _edited(folder: Path, canonical: Mapping[str, Any], before: ProviderSpec) -> dict[str, str]:
    """Copies of the generated files, when the overlay is not what the spec beside it gives: a hand, or
    another version of Understudy, wrote it."""
    overlay = folder / OVERLAY_FILE
    found = overlay.read_text(encoding="utf-8") if overlay.is_file() else ""
    try:
        if found in ("", overlay_text(canonical, before)):
            return {}
    except UnderstudyError:
        pass  # an openapi.yaml that gives no overlay at all was certainly edited
    return {
        f"{file}.before": (folder / file).read_text(encoding="utf-8") for file in (SPEC_FILE, OVERLAY_FILE)
    }


def limits_told(limits: Sequence[tuple[str, Field]]) -> list[str]:
    """Each limit that stood in prose, in one line with its place."""
    return [
        f"{key}: {path_text(one.path)} {word.name} {shown(word.value)} ({word.evidence})"
        for key, one in limits
        for word in one.keywords
        if word.evidence.kind == "prose"
    ]


def shown_only(spec: ProviderSpec) -> list[str]:
    """The bodies of whose fields nothing is declared: an example shows them, and no more."""
    shown: dict[str, list[str]] = {}
    for key, body, one in spec.fields():
        if one.keywords and all(word.evidence.kind == "example" for word in one.keywords):
            shown.setdefault(f"{key} {body}", []).append(path_text(one.path))
    return [f"{place}: {', '.join(fields)}" for place, fields in shown.items()]


def by_operation(spec: ProviderSpec) -> Mapping[str, int]:
    """How many fields of its request and answers each operation has."""
    counts: dict[str, int] = dict.fromkeys(spec.operations, 0)
    for key, _, _ in spec.fields():
        counts[key] += 1
    return counts
