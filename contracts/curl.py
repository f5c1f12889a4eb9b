"""A request as a command to copy. Keys are named by their environment variables, never written out."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.contracts.trace import Request

# A character that comes this often in a row is written as a count.
RUN = re.compile(r"([A-Za-z0-9])\1{99,}")


def curl(request: Request) -> str:
    """`curl -sS -X POST …` that sends the request again, for a POSIX shell."""
    words = ["curl", "-sS", "-i"]
    if request.method != "GET":
        words += ["-X", request.method]
    words.append(shlex.quote(request.url))
    for name, value in request.headers:
        text = f"{name}: {value}"
        # Only the name of a key's variable is left to the shell.
        words += ["-H", f'"{text}"' if "$UNDERSTUDY_" in text else shlex.quote(text)]
    if request.body is not None:
        words += ["--data-binary", _data(request.body)]
    return " ".join(words)


def shell_command(method: str, url: str, headers: Mapping[str, str], body: object) -> str:
    """`curl -sS …` that sends a JSON body with a key of the mock's, which is no secret."""
    words = ["curl", "-sS"] + (["-X", method] if method not in ("GET", "POST") else []) + [shlex.quote(url)]
    for name, value in {**headers, "Content-Type": "application/json"}.items():
        words += ["-H", shlex.quote(f"{name}: {value}")]
    return " ".join([*words, "-d", shlex.quote(json.dumps(body, ensure_ascii=False))])


def _data(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        octal = "".join(f"\\{b:03o}" for b in body)
        return f"\"$(printf '{octal}')\""
    parts, place = [], 0
    for run in RUN.finditer(text):
        parts += [_quoted(text[place : run.start()]), f"\"$(printf '{run[1]}%.0s' $(seq {len(run[0])}))\""]
        place = run.end()
    return "".join([*parts, _quoted(text[place:])]) or "''"


def _quoted(text: str) -> str:
    return shlex.quote(text) if text else ""


def pretty(body: bytes | None, most: int = 4000) -> str:
    """A body for a person: JSON indented, long texts cut, anything else as it is."""
    if not body:
        return ""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "backslashreplace")
    else:
        text = json.dumps(_cut(value), ensure_ascii=False, indent=2)
    return text if len(text) <= most else text[:most] + "…"


def _cut(value: object) -> object:
    if isinstance(value, str) and len(value) > 120:
        return f"{value[:60]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {k: _cut(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_cut(v) for v in value]
    return value
