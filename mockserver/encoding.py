"""JSON as bytes that are kept."""

from __future__ import annotations

from typing import Any

import orjson


def encode(value: Any) -> bytes:
    """`value` as JSON, copied: what orjson (3.13) gives holds at least 4 KB for as long as it lives."""
    return b"%b" % orjson.dumps(value)
