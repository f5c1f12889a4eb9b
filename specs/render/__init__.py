"""What this package writes: YAML that is the same byte for byte on every machine, and the documents in it."""

from __future__ import annotations

from specs.render.arazzo import arazzo
from specs.render.markdown import disagreements
from specs.render.provider import provider_document, provider_from
from specs.render.text import dump_yaml

__all__ = ["arazzo", "disagreements", "dump_yaml", "provider_document", "provider_from"]
