"""The specs that ship with the package: the canonical one, and each provider's effective one.

effective("canonical")  the canonical OpenAPI 3.1 document
effective("chainhub")   the canonical document with ChainHub's overlay applied
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

from specs.errors import UnderstudyError

HERE = Path(__file__).parent
CANONICAL = "canonical"

Document = dict[str, Any]


def load_yaml(path: Path) -> Any:
    """The YAML file at `path`, read safely (C loader where there is one)."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506 - a safe loader either way


def providers() -> list[str]:
    """Names of the providers that ship with the package, sorted."""
    return sorted(p.parent.name for p in (HERE / "providers").glob("*/provider.toml"))


def profiles() -> list[str]:
    """Every name that `effective` takes: `canonical`, then the providers."""
    return [CANONICAL, *providers()]


@functools.cache
def effective(profile: str) -> Document:
    """The OpenAPI document that `profile` promises. Treat it as read-only: it is shared.

    Raises UnderstudyError when there is no such profile.
    """
    if profile not in profiles():
        raise UnderstudyError(f"no provider {profile!r}", advice=f"known: {', '.join(profiles())}")
    canonical: Document = load_yaml(HERE / "canonical" / "openapi.yaml")
    return canonical
