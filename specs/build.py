"""Every generated file of a `specs/` folder, from provider.toml files and the documents that they name.

    specs/providers/NAME/openapi.yaml     what its documents state, with evidence
    specs/providers/NAME/overlay.yaml     what makes it out of the canonical spec
    specs/canonical/openapi.yaml, arazzo.yaml, asyncapi.yaml, disagreements.md    of the vendor, where it is
    specs/canonical/openapi.json          the same as openapi.yaml, to be read at a start

A folder without the vendor (a user's own) is built upon the canonical spec of the package. A provider whose
document is not there (it was imported from elsewhere) is built from its openapi.yaml, which holds all facts.
"""

from __future__ import annotations

import functools
import os
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.specs import profile as profiles
from understudy.specs.canonical import Canonical, merge
from understudy.specs.documents import load_file
from understudy.specs.effective import effective
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import (
    CANONICAL,
    HERE,
    JSON_SUFFIX,
    OVERLAY_FILE,
    PROFILE_FILE,
    SPEC_FILE,
    json_text,
    load_yaml,
)
from understudy.specs.normalise import placed, provider_spec
from understudy.specs.normalise.lifted_rules import with_lifted_rules
from understudy.specs.overlay import between
from understudy.specs.readers import read
from understudy.specs.render import (
    arazzo,
    asyncapi,
    disagreements,
    dump_yaml,
    provider_document,
    provider_from,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.model import Field, ProviderSpec, Reading
    from understudy.specs.profile import Profile, Source
    from understudy.specs.tree import Object

ARAZZO_FILE, ASYNCAPI_FILE = "arazzo.yaml", "asyncapi.yaml"
DISAGREEMENTS_FILE = "disagreements.md"
ALIASES_FILE = "aliases.toml"


@dataclass(frozen=True, slots=True)
class Built:
    """`files`: path from the root -> text. `kept`: providers built from their openapi.yaml, and why."""

    files: Mapping[str, str]
    specs: Mapping[str, ProviderSpec]
    kept: Mapping[str, str]
    canonical: Object


def build(root: Path) -> Built:
    """Everything that is generated below `root`, the folder that holds `specs/`. Nothing is written.

    Raises UnderstudyError when a provider.toml or document cannot be used.
    """
    return _Builder(root).built()


def stale(root: Path, files: Mapping[str, str]) -> list[str]:
    """The files whose bytes on disk are not those given, sorted."""
    return sorted(name for name, text in files.items() if _bytes(root / name) != text.encode())


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write the files, bytes as given: no platform's line ends. Whoever is interrupted leaves each file as it
    was or as it is to be. Raises UnderstudyError when a file cannot be written."""
    for name, text in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, text.encode())
        except OSError as error:
            raise UnderstudyError(
                f"cannot be written: {error.strerror or error}", where=str(path), advice="see --root"
            ) from error


def _put(path: Path, data: bytes) -> None:
    """The file in the place of the one before, with its rights; a link stays one."""
    path = path.resolve()
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(data)
        if path.exists():
            new.chmod(stat.S_IMODE(path.stat().st_mode))
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def usual_names() -> dict[str, str]:
    """Other names that fields are often sold under -> the vendor's, from the package's data."""
    data: dict[str, str] = tomllib.loads((HERE / CANONICAL / ALIASES_FILE).read_text(encoding="utf-8"))
    return data


def known_fields(vendor: ProviderSpec) -> dict[str, Sequence[Field]]:
    """The vendor's request fields by operation key."""
    return {key: operation.request for key, operation in vendor.operations.items()}


@functools.cache
def package_vendor() -> ProviderSpec:
    """The vendor's spec as it ships with the package. Treat it as read-only: it is shared."""
    vendor = _vendor_in(HERE)
    if vendor is None:
        raise UnderstudyError("the package holds no vendor", where=str(HERE / "providers"))
    return vendor


def vendor_in(folder: Path) -> ProviderSpec:
    """The vendor's spec below `folder`, which holds `providers/`; else the package's."""
    return _vendor_in(folder) or package_vendor()


def _vendor_in(folder: Path) -> ProviderSpec | None:
    for path in sorted((folder / "providers").glob(f"*/{PROFILE_FILE}")):
        profile = profiles.load(path)
        if profile.vendor and path.with_name(SPEC_FILE).is_file():
            return provider_from(load_yaml(path.with_name(SPEC_FILE)), profile.name)
    return None


def overlay_text(canonical: Mapping[str, Any], spec: ProviderSpec) -> str:
    """The provider's overlay document as YAML."""
    info = {"title": f"{spec.title}: what differs from the canonical spec", "version": "1"}
    return dump_yaml(between(canonical, effective(canonical, spec), info, f"../../{CANONICAL}/{SPEC_FILE}"))


def spec_text(spec: ProviderSpec, profile: Profile) -> str:
    """The provider's own OpenAPI document as YAML."""
    document = provider_document(spec, [source.name for source in profile.documents])
    return dump_yaml(checked(document, f"the spec of {spec.name}"))


def checked(document: Object, what: str) -> Object:
    """The document itself. Raises UnderstudyError when it is no valid OpenAPI, so none is ever written."""
    # Here: it brings jsonschema along, which nothing else at run time needs.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    for error in OpenAPIV31SpecValidator(document).iter_errors():
        place = "/".join(str(part) for part in error.absolute_path)
        raise UnderstudyError(
            f"{what} would be no valid OpenAPI at {place or 'its root'}: {error.message}",
            advice="the document it was read from says something that OpenAPI cannot express; fix it there",
        )
    return document


class _Builder:
    """One build: reads each document once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        folder = root / "specs" / "providers"
        if not folder.is_dir():
            raise UnderstudyError(
                f"{folder} is not a folder",
                advice="run it in the folder that contains `specs/`, or use --root",
            )
        paths = sorted(folder.glob(f"*/{PROFILE_FILE}"))
        self.profiles = {path.parent.name: profiles.load(path) for path in paths}
        for name, profile in self.profiles.items():
            if profile.name != name:
                raise UnderstudyError(
                    f"is named {profile.name!r} but stands in the folder {name!r}",
                    where=str(folder / name / PROFILE_FILE),
                )
        self.usual = usual_names()
        self.kept: dict[str, str] = {}
        self.readings: dict[str, list[Reading]] = {}

    def built(self) -> Built:
        vendors = [profile for profile in self.profiles.values() if profile.vendor]
        if len(vendors) > 1:
            names = ", ".join(profile.name for profile in vendors)
            raise UnderstudyError(f"one provider is the vendor, not {len(vendors)}: {names}")
        files: dict[str, str] = {}
        if vendors:
            vendor = self.spec(vendors[0], {})
            specs = self.others(known_fields(vendor)) | {vendor.name: vendor}
            canonical = self.merged(vendor, [specs[n] for n in sorted(specs) if n != vendor.name])
            files |= self.canonical_files(canonical)
            document = canonical.document
        else:
            document = load_yaml(HERE / CANONICAL / SPEC_FILE)
            specs = self.others(known_fields(package_vendor()))
        specs = {name: with_lifted_rules(spec, document) for name, spec in specs.items()}
        for name in sorted(specs):
            folder = f"specs/providers/{name}"
            if specs[name].operations:
                files[f"{folder}/{SPEC_FILE}"] = spec_text(specs[name], self.profiles[name])
            files[f"{folder}/{OVERLAY_FILE}"] = overlay_text(document, specs[name])
        return Built(dict(sorted(files.items())), dict(sorted(specs.items())), self.kept, document)

    def others(self, known: Mapping[str, Sequence[Field]]) -> dict[str, ProviderSpec]:
        return {name: self.spec(one, known) for name, one in self.profiles.items() if not one.vendor}

    def spec(self, profile: Profile, known: Mapping[str, Sequence[Field]]) -> ProviderSpec:
        absent = [source.name for source in profile.documents if not self.path(source.file)]
        if absent:
            written = self.root / "specs" / "providers" / profile.name / SPEC_FILE
            if not written.is_file():
                raise UnderstudyError(
                    f"provider {profile.name}: the document {absent[0]} is not here, nor is {written}",
                    advice="`understudy specs import` fetches it again",
                )
            self.kept[profile.name] = f"{', '.join(absent)} is not here"
            return provider_from(load_yaml(written), profile.name)
        self.readings[profile.name] = [self.reading(source) for source in profile.documents]
        return provider_spec(profile, self.readings[profile.name], known, self.usual)

    def reading(self, source: Source) -> Reading:
        document = load_file(self.root / source.file, name=source.name, url=source.url)
        reading = read(document, "vendor" if source.kind == "vendor" else "declared")
        return placed(reading, source.operation)

    def path(self, file: str) -> Path | None:
        path = self.root / file
        return path if file and path.is_file() else None

    def merged(self, vendor: ProviderSpec, others: Sequence[ProviderSpec]) -> Canonical:
        readings = self.readings.get(vendor.name, [])
        if len(readings) != 1 or readings[0].openapi is None:
            raise UnderstudyError(f"the vendor {vendor.name} needs one document, an OpenAPI file")
        return merge(readings[0].openapi, vendor, others)

    def canonical_files(self, canonical: Canonical) -> dict[str, str]:
        folder = f"specs/{CANONICAL}"
        text = dump_yaml(checked(canonical.document, "the canonical spec"))
        return {
            f"{folder}/{SPEC_FILE}": text,
            f"{folder}/{Path(SPEC_FILE).with_suffix(JSON_SUFFIX)}": json_text(canonical.document, text),
            f"{folder}/{ARAZZO_FILE}": dump_yaml(
                arazzo(canonical.document, f"./{SPEC_FILE}", f"./{ASYNCAPI_FILE}")
            ),
            f"{folder}/{ASYNCAPI_FILE}": dump_yaml(asyncapi(canonical.document, f"./{SPEC_FILE}")),
            f"{folder}/{DISAGREEMENTS_FILE}": disagreements(canonical.disagreements, canonical.taken),
        }
