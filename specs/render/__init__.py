"""What this package writes: YAML that is the same byte for byte on every machine, and the documents in it."""

from __future__ import annotations

from understudy.specs.render.arazzo import arazzo
from understudy.specs.render.asyncapi import asyncapi
from understudy.specs.render.markdown import disagreements
from understudy.specs.render.provider import provider_document, provider_from
from understudy.specs.render.text import dump_yaml

__all__ = ["arazzo", "asyncapi", "disagreements", "dump_yaml", "provider_document", "provider_from"]
