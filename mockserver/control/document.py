"""The control plane's own OpenAPI document, for clients in other languages."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("openapi.yaml")


@functools.cache
def control_document() -> Mapping[str, Any]:
    """The document as data. Read when it is first asked for, so YAML is no part of the start."""
    from understudy.specs.library import load_yaml  # here: see above

    document: Mapping[str, Any] = load_yaml(FILE)
    return document
