"""The specs that ship with the package and those of the user's own: by name, ready to use.

effective("canonical")  the canonical OpenAPI 3.1 document
effective("chainhub")   the canonical document with ChainHub's overlay applied
effective("./acme")     the same with the overlay in the folder ./acme, or in the overlay file of that name

Providers are looked for in the folders that the environment variable UNDERSTUDY_SPECS lists (separated as in
PATH), then in ./specs, then in the package; the first that has the name wins. Each such folder holds
`providers/NAME/overlay.yaml`, and `canonical/openapi.yaml` if it does not use the package's canonical spec.
`canonical` is the first such file: a further family of tasks is a vendor's promise of one's own, and no code.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import yaml

from specs.errors import UnderstudyError, known_names
from specs.overlay import apply
from specs.tree import copied

HERE = Path(__file__).parent
CANONICAL = "canonical"
ENVIRONMENT = "UNDERSTUDY_SPECS"
PROFILE_FILE = "provider.toml"
OVERLAY_FILE = "overlay.yaml"
SPEC_FILE = "openapi.yaml"

Document = dict[str, Any]


def load_yaml(path: Path) -> Any:
    """The YAML file at `path`, read safely (C loader where there is one).

    Raises UnderstudyError when it cannot be read.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506 - a safe loader either way
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnderstudyError(f"cannot be read: {error}", where=str(path)) from error


def roots() -> list[Path]:
    """The folders that hold `providers/`, in the order in which they are searched."""
    listed = [Path(part) for part in os.environ.get(ENVIRONMENT, "").split(os.pathsep) if part]
    for folder in listed:
        if not (folder / "providers").is_dir():
            raise UnderstudyError(
                f"{folder} holds no folder `providers`",
                where=ENVIRONMENT,
                advice="`understudy specs import` makes one",
            )
    own = [folder for folder in (Path("specs"),) if (folder / "providers").is_dir()]
    found = [folder.resolve() for folder in (*listed, *own, HERE)]
    return list(dict.fromkeys(found))


def folders() -> dict[str, Path]:
    """Every known provider's folder by name, sorted by name."""
    found: dict[str, Path] = {}
    for root in roots():
        for path in (root / "providers").glob(f"*/{PROFILE_FILE}"):
            found.setdefault(path.parent.name, path.parent)
    return dict(sorted(found.items()))


def providers() -> list[str]:
    """Names of the known providers, sorted."""
    return list(folders())


def profiles() -> list[str]:
    """Every name that `effective` takes: `canonical`, then the providers."""
    return [CANONICAL, *providers()]


def canonical() -> Document:
    """The canonical OpenAPI document. Treat it as read-only: it is shared."""
    path = canonical_file()
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
    """The folder of a provider, given as `effective` takes it; None for `canonical`.

    Raises UnderstudyError when there is no such provider.
    """
    return None if profile == CANONICAL else _overlay_of(profile).parent


def effective(profile: str) -> Document:
    """The OpenAPI document that `profile` promises. Treat it as read-only: it is shared.

    `profile` is `canonical`, a provider's name, or the path of a provider's folder or overlay file.
    Raises UnderstudyError when there is no such profile, naming the known ones.
    """
    if profile == CANONICAL:
        return canonical()
    overlay = _overlay_of(profile)
    base = canonical_file(overlay.parent.parent.parent)
    return _effective(overlay, overlay.stat().st_mtime_ns, base, base.stat().st_mtime_ns)


def documented(profile: str) -> Document | None:
    """What the provider's own documents state, with `x-evidence` for each keyword; None when it has none."""
    path = _overlay_of(profile).parent / SPEC_FILE
    return load_yaml(path) if path.is_file() else None


def _overlay_of(profile: str) -> Path:
    named = folders()
    path = named.get(profile) or (Path(profile) if _is_path(profile) else None)
    if path is None:
        names = known_names(profile, [CANONICAL, *named])
        raise UnderstudyError(
            f"no provider {profile!r}",
            advice=f"{names}; or the path of a folder with {OVERLAY_FILE}",
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
    document: Document = load_yaml(path)
    return document


@functools.cache
def _effective(overlay: Path, _changed: int, base: Path, base_changed: int) -> Document:
    """The times of change make that a file written anew is read anew."""
    try:
        return apply(copied(_canonical(base, base_changed)), load_yaml(overlay))
    except UnderstudyError as error:
        where = f"{overlay}: {error.where}" if error.where else str(overlay)
        raise UnderstudyError(error.what, where=where, advice=error.advice) from error
