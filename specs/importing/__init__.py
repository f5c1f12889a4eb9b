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
from understudy.specs.importing.account import account_of
from understudy.specs.importing.changes import Change, changes, told
from understudy.specs.importing.constant_headers import constant_headers
from understudy.specs.importing.earlier import edited_files, existing_profile
from understudy.specs.importing.found import (
    WHOLE_FAMILY,
    by_operation,
    limits_told,
    said_in_prose,
    shown_only,
    undocumented,
    untold_in,
)
from understudy.specs.importing.meant import by_its_fields, likely_create, some
from understudy.specs.importing.names import checked_name, refuse_shadowing, shadowed
from understudy.specs.importing.new_api import ProposedApi, write_api
from understudy.specs.importing.own_examples import refused_examples
from understudy.specs.importing.pages import Pages, pages_of
from understudy.specs.importing.profile_text import by_hand, changed_text, new_text
from understudy.specs.importing.proposal import proposed, speaks_of_tasks
from understudy.specs.importing.sources import nothing
from understudy.specs.importing.wire import Wire, as_toml, refusals_beside, wire_of
from understudy.specs.library import OVERLAY_FILE, PROFILE_FILE, SPEC_FILE, canonical_file, load_yaml
from understudy.specs.normalise import provider_spec
from understudy.specs.normalise.lifted_rules import with_lifted_rules
from understudy.specs.places import operations
from understudy.specs.render import provider_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from typing import Any

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Note, ProviderSpec
    from understudy.specs.readers.told.share import Share

__all__ = [
    "WHOLE_FAMILY",
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
    _refuse_operation(options.operation)
    if not options.consent:
        refuse_shadowing(folder)
    old, text = existing_profile(folder, name)
    pages = pages_of(root, sources, today, old, options.operation, follow=options.follow)
    if not options.consent:
        _refuse_dropping(pages.dropped, name, folder)
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
    aside = {} if before is None else edited_files(folder, canonical, before)
    entry = (
        changed_text(text, old.documents, pages.entries, str(folder / PROFILE_FILE))
        if text
        else new_text(name, profile.documents) + as_toml(wire)
    )
    generated = {SPEC_FILE: spec_text(spec, profile), OVERLAY_FILE: overlay_text(canonical, spec)}
    write(folder, {**aside, PROFILE_FILE: entry, **generated})
    return Imported(
        folder=folder,
        spec=spec,
        documents=tuple(document.name for _, document in pages.documents),
        limits=said_in_prose(spec),
        undocumented=tuple(undocumented(spec, vendor)),
        changes=None if before is None else tuple(changes(before, spec)),
        skipped=tuple(pages.skipped),
        kept=tuple(by_hand(text, old)) if text else (),
        set_aside=tuple(aside),
        dropped=tuple(pages.dropped),
        shadows=shadowed(folder),
        strangers=tuple(strangers),
        canonical_is_own=canonical_file(root / "specs").resolve().is_relative_to(root.resolve()),
        shares=pages.shares,
        pages=tuple(document for _, document in pages.documents),
        wire=wire,
        refused=tuple(refused_examples(spec, canonical)),
    )


def _refuse_operation(said: str) -> None:
    if said and not profiles.OPERATION.match(said):
        raise UnderstudyError(
            f"no operation: {said!r}",
            where="--operation",
            advice="a method and a path, such as POST /v1/path/of/it",
        )


def _refuse_dropping(dropped: Sequence[str], name: str, folder: Path) -> None:
    if dropped:
        raise UnderstudyError(
            f"{name} was read from {', '.join(dropped)} too",
            where=str(folder / PROFILE_FILE),
            advice=f"import all its documents at once, or drop {'it' if len(dropped) == 1 else 'them'} "
            "with --replace",
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
    pages: Pages,
    options: ImportOptions,
) -> ProposedApi | None:
    """The first description of an API of its own; None where the pages describe something that is known, or
    may be it at another path."""
    known = [key for key, _ in operations(canonical)]
    if not options.new_api and (options.operation or any(key in known for key in spec.operations)):
        return None
    creates = [key for key, operation in operations(canonical) if "x-task" in operation]
    if not options.new_api and likely_create(list(spec.operations), creates):
        return None
    account = account_of([document for _, document in pages.documents])
    headers = constant_headers([document for _, document in pages.documents])
    is_new = options.new_api or speaks_of_tasks(spec)
    proposal = proposed(spec, name, pages.readings, account, headers) if is_new else None
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
    spec: ProviderSpec, canonical: Mapping[str, Any], pages: Pages, vendor: ProviderSpec
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
            else f"known families: {some(creates)}; a further one is data: "
            "`understudy specs build --help` says how to add it; one of these at another path "
            "is said with --operation, and an API of its own is taken with --new-api",
        )
    return strange
