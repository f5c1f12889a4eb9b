"""Keys of an exchange that is written as JSON: what they say is the call's, and none is a field."""

from __future__ import annotations

import re

EXCHANGES = "recorded exchanges"

NAMED = ("operation", "endpoint", "call", "name", "title", "description")
METHOD = ("method", "httpMethod", "verb")
URL = ("url", "path", "uri", "endpoint")
BODY = ("body", "json", "payload")
# What stands beside the body in a request that is written with its head.
HEAD = frozenset(("headers", "header", *METHOD, *URL, *BODY, "query", "params"))
# Keys of the exchange itself, which name no field.
FRAME = HEAD | {"request", "response", *NAMED}
STATUS = re.compile(r"status(?:_?code)?|code", re.IGNORECASE)
