"""The specs that ship with the package and those of the user's own: by name, ready to use.

effective("canonical")  the canonical OpenAPI 3.1 document
effective("chainhub")   the canonical document with ChainHub's overlay applied
effective("replicate")  another API: what its description (`apis/replicate/api.yaml`) promises
effective("./acme")     the same with the overlay in the folder ./acme, or in the overlay file of that name

Providers are looked for in the folders that the environment variable UNDERSTUDY_SPECS lists (separated as in
PATH), then in ./specs, then in the package; the first that has the name wins. Each such folder holds
`providers/NAME/overlay.yaml`, and `canonical/openapi.yaml` if it does not use the package's canonical spec.
`canonical` is the first such file: a further family of tasks is a vendor's promise of one's own, and no code.

Other APIs stand beside that one, each a folder `apis/NAME` with a description (see
`specs.behaviour.description`). A description that is `like` another is the same API at another vendor.
"""

from __future__ import annotations

import copy
import functools
import json
import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from understudy.specs.errors import UnderstudyError, known_names
from understudy.specs.tree import copied

if TYPE_CHECKING:
    from understudy.specs.behaviour.description import Description

HERE = Path(__file__).resolve().parent
CANONICAL = "canonical"
ENVIRONMENT = "UNDERSTUDY_SPECS"
PROFILE_FILE = "provider.toml"
OVERLAY_FILE = "overlay.yaml"
SPEC_FILE = "openapi.yaml"
APIS = "apis"
DESCRIPTION_FILE = "api.yaml"
# What the JSON beside a YAML file was made of: the CRC-32 of its bytes.
JSON_SUFFIX, MADE_OF = ".json", "x-made-of"

Document = dict[str, Any]


def load_yaml(path: Path) -> Any:
    """The YAML file at `path`, read safely (C loader where there is one).

    The value is the caller's own. Raises UnderstudyError when it cannot be read.
    """
    try:
        # Not `copied`: aliases stay shared, so that a few of them cannot become millions of values.
        return copy.deepcopy(_read(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnderstudyError(f"cannot be read: {error}", where=str(path)) from error


# One import or build asks several times for the canonical spec and the vendor's, half a second each.
@functools.lru_cache(maxsize=8)
def _read(text: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, loader)  # noqa: S506 - a safe loader either way


def roots() -> list[Path]:
    """The folders that hold `providers/`, in the order in which they are searched."""
    listed = [Path(part) for part in os.environ.get(ENVIRONMENT, "").split(os.pathsep) if part]
    for folder in listed:
        if not _is_root(folder):
            raise UnderstudyError(
                f"{folder} holds no folder `providers` or `apis`",
                where=ENVIRONMENT,
                advice="`understudy specs import` makes the one, `understudy specs new` the other",
            )
    own = [folder for folder in (Path("specs"),) if _is_root(folder)]
    found = [folder.resolve() for folder in (*listed, *own, HERE)]
    return list(dict.fromkeys(found))


def _is_root(folder: Path) -> bool:
    return (folder / "providers").is_dir() or (folder / APIS).is_dir()


def folders() -> dict[str, Path]:
    """Every known provider's folder by name, sorted by name."""
    found: dict[str, Path] = {}
    for root in roots():
        for path in (root / "providers").glob(f"*/{PROFILE_FILE}"):
            found.setdefault(path.parent.name, path.parent)
    return dict(sorted(found.items()))


def apis() -> dict[str, Path]:
    """The description of every API beside Kling's by name, sorted by name."""
    found: dict[str, Path] = {}
    for root in roots():
        for path in (root / APIS).glob(f"*/{DESCRIPTION_FILE}"):
            found.setdefault(path.parent.name, path)
    return dict(sorted(found.items()))


def described(name: str) -> Description:
    """The description of an API, by name or by the path of its folder or file.

    Raises UnderstudyError when there is none, or something is wrong in it, with file and line.
    """
    path = _description_of(name)
    if path is None:
        raise UnderstudyError(f"unknown API {name!r}", advice=known_names(name, apis()))
    return _loaded(path)


def _loaded(path: Path) -> Description:
    # Here: `serve` of an API that has an OpenAPI document of its own starts 5 ms sooner without it.
    from understudy.specs.behaviour.description import load

    return load(path, apis().get)


def _description_of(name: str) -> Path | None:
    found = apis().get(name)
    if found is not None or not _is_path(name):
        return found
    path = Path(name) / DESCRIPTION_FILE if Path(name).is_dir() else Path(name)
    return path.resolve() if path.name == DESCRIPTION_FILE and path.is_file() else None


def providers() -> list[str]:
    """Names of the known providers, sorted."""
    return list(folders())


def profiles() -> list[str]:
    """The names of Kling's API: `canonical`, then the providers."""
    return [CANONICAL, *providers()]


def api_of(name: str) -> str:
    """The API that a profile belongs to: `canonical` for it and its providers, else the description's.

    Raises UnderstudyError for an unknown name.
    """
    if name == CANONICAL or name in folders() or _description_of(name) is None:
        folder_of(name)
        return CANONICAL
    return described(name).api


def members(api: str) -> list[str]:
    """The profiles of an API that compare with each other: its providers, or its descriptions."""
    return providers() if api == CANONICAL else [name for name in apis() if described(name).api == api]


def names() -> list[str]:
    """Every name that `effective` takes: Kling's profiles, then the other APIs."""
    return [*profiles(), *apis()]


def canonical(root: Path | None = None) -> Document:
    """The canonical OpenAPI document (of the providers below `root`, see `canonical_file`). Treat it as
    read-only: it is shared."""
    path = canonical_file(root)
    return _canonical(path, path.stat().st_mtime_ns)


def canonical_file(root: Path | None = None) -> Path:
    """The canonical spec that providers below `root`, a folder with `providers/`, are laid over: its own, or
    the package's. Without a `root`, the first one in the folders that are searched."""
    for folder in roots() if root is None else (root,):
        own = folder / CANONICAL / SPEC_FILE
        if own.is_file():
            return own
    return HERE / CANONICAL / SPEC_FILE


def folder_of(profile: str) -> Path | None:
    """The folder of a provider or API, given as `effective` takes it; None for `canonical`.

    Raises UnderstudyError when there is no such provider.
    """
    if profile == CANONICAL:
        return None
    described_in = _description_of(profile) if profile not in folders() else None
    return (described_in or _overlay_of(profile)).parent


def effective(profile: str) -> Document:
    """The OpenAPI document that `profile` promises. Treat it as read-only: it is shared.

    `profile` is `canonical`, a provider's name, or the path of a provider's folder or overlay file.
    Raises UnderstudyError when there is no such profile, naming the known ones.
    """
    if profile == CANONICAL:
        return canonical()
    path = _description_of(profile) if profile not in folders() else None
    if path is not None:
        return _described(path, path.stat().st_mtime_ns)
    overlay = _overlay_of(profile)
    base = canonical_file(overlay.parent.parent.parent)
    return _effective(overlay, overlay.stat().st_mtime_ns, base, base.stat().st_mtime_ns)


def documented(profile: str) -> Document | None:
    """What the provider's own documents state, with `x-evidence` for each keyword; None when it has none."""
    if profile not in folders() and _description_of(profile) is not None:
        return None
    path = _overlay_of(profile).parent / SPEC_FILE
    return load_yaml(path) if path.is_file() else None


def _overlay_of(profile: str) -> Path:
    named = folders()
    path = named.get(profile) or (Path(profile) if _is_path(profile) else None)
    if path is None:
        known = known_names(profile, [CANONICAL, *named, *apis()])
        raise UnderstudyError(
            f"unknown provider {profile!r}",
            advice=f"{known}; or the path of a folder with {OVERLAY_FILE} or {DESCRIPTION_FILE}",
        )
    overlay = path / OVERLAY_FILE if path.is_dir() else path
    if not overlay.is_file():
        raise UnderstudyError(
            f"{overlay} is missing",
            advice="`understudy specs build` writes it from provider.toml and its documents",
        )
    return overlay.resolve()


def _is_path(profile: str) -> bool:
    return os.sep in profile or "/" in profile or profile.endswith((".yaml", ".yml", ".json"))


@functools.cache
def _canonical(path: Path, _changed: int) -> Document:
    document: Document = as_json(path) or load_yaml(path)
    return document


def as_json(path: Path) -> Document | None:
    """The document of a YAML file from the JSON beside it, which is read ten times as fast; None unless it
    was made of these very bytes."""
    try:
        found: Document = json.loads(path.with_suffix(JSON_SUFFIX).read_bytes())
        is_of_it = found.pop(MADE_OF) == zlib.crc32(path.read_bytes())
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return found if is_of_it else None


def json_text(document: Document, yaml_text: str) -> str:
    """The JSON that `as_json` reads, of a document whose YAML file holds `yaml_text`."""
    made = {MADE_OF: zlib.crc32(yaml_text.encode()), **document}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"


@functools.cache
def _described(path: Path, _changed: int) -> Document:
    from understudy.specs.behaviour.openapi import document_of  # here, as in `_loaded`

    return document_of(_loaded(path).data)


@functools.cache
def _effective(overlay: Path, _changed: int, base: Path, base_changed: int) -> Document:
    """The times of change make that a file written anew is read anew."""
    from understudy.specs.overlay import apply  # here, as in `_loaded`

    try:
        return apply(copied(_canonical(base, base_changed)), load_yaml(overlay))
    except UnderstudyError as error:
        where = f"{overlay}: {error.where}" if error.where else str(overlay)
        raise UnderstudyError(error.what, where=where, advice=error.advice) from error
