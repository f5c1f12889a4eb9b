"""A new provider's documents become `specs/providers/NAME/` in one step, with an account of what was read.

An import owns the generated files, openapi.yaml and overlay.yaml, and the documents' entries in
provider.toml. All else in provider.toml is the hand's, and stays as it stands, comments too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs import library
from understudy.specs import profile as profiles
from understudy.specs.build import known_fields, overlay_text, spec_text, usual_names, vendor_in, write
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing.changes import Change, changes, told
from understudy.specs.importing.entries import entries_of, place, source_of
from understudy.specs.importing.meant import by_its_fields, likely_create, meant, some
from understudy.specs.importing.names import checked_name, refuse_shadowing, shadowed
from understudy.specs.importing.new_api import ProposedApi, write_api
from understudy.specs.importing.own_examples import refused_examples
from understudy.specs.importing.profile_text import by_hand, changed_text, new_text
from understudy.specs.importing.proposal import proposed, speaks_of_tasks
from understudy.specs.importing.sources import nothing, read_all
from understudy.specs.importing.wire import Wire, as_toml, refusals_beside, wire_of
from understudy.specs.library import OVERLAY_FILE, PROFILE_FILE, SPEC_FILE, canonical_file, load_yaml
from understudy.specs.model import UNTOLD_NAME
from understudy.specs.normalise import placed, provider_spec
from understudy.specs.normalise.lifted_rules import with_lifted_rules
from understudy.specs.places import operations, path_text
from understudy.specs.profile import Profile
from understudy.specs.readers.told.share import Share, share_read
from understudy.specs.readers.told.untold import EXAMPLES_ONLY
from understudy.specs.render import provider_from
from understudy.specs.render.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from typing import Any

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Note, ProviderSpec, Reading
    from understudy.specs.profile import Source

__all__ = [
    "Change",
    "ImportOptions",
    "Imported",
    "ProposedApi",
    "by_operation",
    "changes",
    "import_documents",
    "limits_told",
    "shown_only",
    "told",
    "untold_in",
]


# Behind the path of a family of the vendor of which no operation is documented.
WHOLE_FAMILY = ": the whole family"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import.

    With `follow`, each source is an `llms.txt` index, and every page of the same host that it lists is read.
    With `consent`, the provider may take the name of a built-in one, and documents that were read before and
    are not given again are dropped. `operation` ("POST /v1/x") is what a page describes that does not say it,
    or says it at another path. With `strict`, something that limits and is in no fact is an error. With
    `new_api`, the pages describe an API of its own, though one of its paths looks like a known one.
    """

    follow: bool = False
    consent: bool = False
    operation: str = ""
    strict: bool = False
    new_api: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote and found.

    `limits` are keywords that stood in prose only; `undocumented` the vendor's fields and operations that
    the documents do not mention; `changes` is None when the provider is new; `skipped` are pages of an
    index that are no documents of an API, with the reason; `kept` is what a hand wrote into provider.toml;
    `set_aside` are copies of generated files that a hand had changed; `dropped` names documents that are no
    longer read; `shadows` is the folder of the built-in provider of this name, or None; `strangers` are
    operations that the canonical spec does not have, which are neither played nor verified;
    `canonical_is_own` says that the folder makes its canonical spec of its providers; `shares` how much of
    each document a fact or a note came from, by its name; `pages` are the documents themselves; `wire` is
    what was taken from them of how answers are worded, in the provider.toml of a new provider; `refused` says
    what of the documents' own example requests the mock of this provider refuses, and by which line.
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
    shares: Mapping[str, Share] = field(default_factory=lambda: MappingProxyType({}))
    pages: tuple[Document, ...] = ()
    wire: Wire = field(default_factory=Wire)
    refused: tuple[Note, ...] = ()

    def notes(self, kind: str) -> list[Note]:
        return [note for note in self.spec.notes if note.kind == kind]


def import_documents(
    root: Path,
    sources: Sequence[str],
    name: str,
    today: date,
    options: ImportOptions | None = None,
) -> Imported | ProposedApi:
    """Read the documents at `sources`, files or URLs, and write the provider's folder below `root`/specs.

    Raises UnderstudyError when a page does not say its operation, or says it at another path, and no option
    does; when the name or a source cannot be used; when nothing describes an operation; and where `strict`
    says so. Then nothing is written.
    """
    options = options or ImportOptions()
    folder = root / "specs" / "providers" / checked_name(name)
    if options.operation and not profiles.OPERATION.match(options.operation):
        raise UnderstudyError(
            f"no operation: {options.operation!r}",
            where="--operation",
            advice="a method and a path, such as POST /v1/path/of/it",
        )
    if not options.consent:
        refuse_shadowing(folder)
    old, text = _existing(folder, name)
    pages = _pages(root, sources, today, options, old)
    if pages.dropped and not options.consent:
        raise UnderstudyError(
            f"{name} was read from {', '.join(pages.dropped)} too",
            where=str(folder / PROFILE_FILE),
            advice=f"import all its documents at once, or drop {'it' if len(pages.dropped) == 1 else 'them'} "
            "with --replace",
        )
    profile = replace(old, documents=tuple(new for _, new in pages.entries))
    vendor, canonical = vendor_in(root / "specs"), library.canonical(root / "specs")
    known = {} if options.new_api else known_fields(vendor)
    spec = provider_spec(profile, pages.readings, known, usual_names())
    api = _new_api(root, name, spec, canonical, pages, options)
    if api is not None:
        return api
    strangers = _strangers(spec, canonical, pages, vendor)
    spec = with_lifted_rules(spec, canonical)
    wire = refusals_beside(spec, canonical) if text else wire_of(spec, canonical)
    if wire.conventions:
        spec = replace(spec, conventions={**spec.conventions, **wire.conventions})
    if options.strict:
        _refuse_untold(spec, folder)
    before = provider_from(load_yaml(folder / SPEC_FILE), name) if (folder / SPEC_FILE).is_file() else None
    written = {
        PROFILE_FILE: changed_text(text, old.documents, pages.entries, str(folder / PROFILE_FILE))
        if text
        else new_text(name, profile.documents) + as_toml(wire),
        SPEC_FILE: spec_text(spec, profile),
        OVERLAY_FILE: overlay_text(canonical, spec),
    }
    aside = {} if before is None else _edited(folder, canonical, before)
    write(folder, {**aside, **written})
    return Imported(
        folder,
        spec,
        tuple(document.name for _, document in pages.documents),
        _in_prose(spec),
        tuple(undocumented(spec, vendor)),
        None if before is None else tuple(changes(before, spec)),
        tuple(pages.skipped),
        tuple(by_hand(text, old)) if text else (),
        tuple(aside),
        tuple(pages.dropped),
        shadowed(folder),
        tuple(strangers),
        canonical_file(root / "specs").resolve().is_relative_to(root.resolve()),
        pages.shares,
        tuple(document for _, document in pages.documents),
        wire,
        tuple(refused_examples(spec, canonical)),
    )


@dataclass(frozen=True, slots=True)
class _Pages:
    """The documents that were given, what each states, and their entries in the profile."""

    readings: list[Reading]
    documents: list[tuple[str, Document]]
    skipped: list[str]
    entries: list[tuple[Source | None, Source]]
    dropped: list[str]

    @property
    def shares(self) -> Mapping[str, Share]:
        """How much of each document a fact or a note came from, by its name."""
        read = zip(self.readings, self.documents, strict=True)
        return MappingProxyType({document.name: share_read(one, document) for one, (_, document) in read})


def _pages(root: Path, sources: Sequence[str], today: date, options: ImportOptions, old: Profile) -> _Pages:
    """The documents at `sources`, each read as of the operation that is said of it."""
    readings, documents, skipped = read_all(sources, today, options.follow)
    new = [
        replace(source_of(root, document, given), operation=its)
        for (given, document), its in zip(documents, meant(readings, options.operation), strict=True)
    ]
    entries, dropped = entries_of(old, new)
    said = {(new.file, new.url): new.operation for _, new in entries}
    readings = [
        placed(reading, said[place(source_of(root, document, given))])
        for reading, (given, document) in zip(readings, documents, strict=True)
    ]
    return _Pages(readings, documents, skipped, entries, dropped)


def _in_prose(spec: ProviderSpec) -> tuple[tuple[str, Field], ...]:
    """The fields of which a sentence says something, each with its operation."""
    return tuple(
        (key, one)
        for key, _, one in spec.fields()
        if any(word.evidence.kind == "prose" for word in one.keywords)
    )


def _refuse_untold(spec: ProviderSpec, folder: Path) -> None:
    untold = [note for note in spec.notes if note.kind in ("untold", "not-understood")]
    if untold:
        lines = "; ".join(f"{note.document}:{note.line} {note.text[:120]}" for note in untold[:20])
        more = f" and {len(untold) - 20} more" if len(untold) > 20 else ""
        raise UnderstudyError(
            f"{len(untold)} lines say something that is in no fact: {lines}{more}",
            where=str(folder),
            advice="state them in provider.toml as [[facts]], or import without --strict",
        )


def _new_api(
    root: Path,
    name: str,
    spec: ProviderSpec,
    canonical: Mapping[str, Any],
    pages: _Pages,
    options: ImportOptions,
) -> ProposedApi | None:
    """The first description of an API of its own; None where the pages describe something that is known, or
    may be it at another path."""
    known = [key for key, _ in operations(canonical)]
    if options.operation or any(key in known for key in spec.operations):
        return None
    creates = [key for key, operation in operations(canonical) if "x-task" in operation]
    if not options.new_api and likely_create(list(spec.operations), creates):
        return None
    proposal = proposed(spec, name) if options.new_api or speaks_of_tasks(spec) else None
    if proposal is None:
        if options.new_api and spec.operations:
            shown = some(list(spec.operations))
            raise UnderstudyError(
                f"describes {shown}, and no POST with fields: nothing here begins a task",
                where=", ".join(document.url or document.name for _, document in pages.documents),
                advice="give the page of the operation that does, with the fields of its request",
            )
        return None
    documents = tuple(document for _, document in pages.documents)
    return write_api(root, name, spec, proposal, documents, pages.shares)


def _strangers(
    spec: ProviderSpec, canonical: Mapping[str, Any], pages: _Pages, vendor: ProviderSpec
) -> list[str]:
    """The operations that the canonical spec lacks. Raises UnderstudyError when it lacks all of them."""
    documents = pages.documents
    known = [key for key, _ in operations(canonical)]
    strange = [key for key in spec.operations if key not in known]
    if not spec.operations:
        likely = by_its_fields(pages.readings, known_fields(vendor), usual_names())
        raise nothing(spec.notes, [document for _, document in documents], likely)
    if len(strange) == len(spec.operations):
        creates = [key for key, operation in operations(canonical) if "x-task" in operation]
        likely = likely_create(strange, creates)
        raise UnderstudyError(
            f"describes {some(strange)}, and none of the operations that Understudy knows",
            where=", ".join(document.url or document.name for _, document in documents),
            advice=f"if it is the same operation at another path, say --operation '{likely}': it is then "
            "compared with that, and played and verified at its own path; "
            "if it is an API of its own, say --new-api"
            if likely
            else f"known families: {', '.join(creates)}; a further one is data: "
            "`understudy specs build --help` says how to add it; one of these at another path "
            "is said with --operation, and an API of its own is taken with --new-api",
        )
    return strange


def undocumented(spec: ProviderSpec, vendor: ProviderSpec) -> list[str]:
    """The vendor's operations, and fields of requests, that the provider's documents do not mention; of a
    family none of whose operations they mention, its path alone."""
    missing: list[str] = []
    mentioned = {_collection(key) for key in spec.operations}
    for key, operation in vendor.operations.items():
        if key not in spec.operations:
            family = _collection(key)
            said = key if family in mentioned else f"{family}{WHOLE_FAMILY}"
            missing += [said] if said not in missing else []
            continue
        present = {one.path for one in spec.operations[key].request}
        named = {note.field for note in spec.notes if note.code == UNTOLD_NAME}
        top = [one.path for one in operation.request if len(one.path) == 1]
        missing.extend(f"{key} {path_text(path)}" for path in top if path not in {*present, *named})
    return missing


def _collection(key: str) -> str:
    """The path of a family's create, of any of its operations: "GET /v1/x/{id}" -> "/v1/x"."""
    return key.partition(" ")[2].partition("/{")[0]


def _existing(folder: Path, name: str) -> tuple[Profile, str]:
    """The provider's profile and its text; an empty text when the provider is new."""
    path = folder / PROFILE_FILE
    if not path.is_file():
        return Profile(name, name), ""
    profile = profiles.load(path)
    if profile.vendor:
        raise UnderstudyError(f"{name} is the vendor; its spec is written by hand", where=str(folder))
    if profile.name != name:
        raise UnderstudyError(f"is named {profile.name!r} but stands in the folder {name!r}", where=str(path))
    # Not read_text, which would take CRLF for LF: the line ends are the hand's too.
    return profile, path.read_bytes().decode()


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


def untold_in(spec: ProviderSpec) -> list[Note]:
    """What stands in the documents and is in no fact: limits, alternatives, names."""
    return [note for note in spec.notes if note.kind == "untold" and note.code != EXAMPLES_ONLY]


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
        shows = any(word.name != "required" for word in one.keywords)  # else the example is without it
        if shows and all(word.evidence.kind == "example" for word in one.keywords):
            shown.setdefault(f"{key} {body}", []).append(path_text(one.path))
    return [f"{place}: {', '.join(fields)}" for place, fields in shown.items()]


def by_operation(spec: ProviderSpec) -> Mapping[str, int]:
    """How many fields of its request and answers each operation has."""
    counts: dict[str, int] = dict.fromkeys(spec.operations, 0)
    for key, _, _ in spec.fields():
        counts[key] += 1
    return counts
