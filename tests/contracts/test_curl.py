"""The command that reproduces a request: a shell runs it, and the same bytes arrive."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from understudy.contracts.curl import curl, pretty
from understudy.contracts.trace import Request

PRINT_ARGUMENTS = (
    f"curl() {{ {sys.executable} -c 'import os,sys; "
    'sys.stdout.buffer.write(b"\\0".join(os.fsencode(a) for a in sys.argv[1:]))\' "$@"; }\n'
)


def arguments(command: str) -> list[bytes]:
    """What a shell hands to curl."""
    done = subprocess.run(
        ["/bin/sh", "-c", PRINT_ARGUMENTS + command],
        capture_output=True,
        check=True,
        env={**os.environ, "UNDERSTUDY_API_KEY": "secret-1"},
    )
    return done.stdout.split(b"\0")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"prompt": 'it\'s "quoted" $HOME `id` \\n 🦊'}, ensure_ascii=False).encode(),
        json.dumps({"prompt": "a" * 2501 + "'b"}).encode(),
        b'{"prompt": "\xff\xfe"}',
        b"",
        b"[]",
    ],
)
def test_a_shell_sends_the_same_bytes(body: bytes) -> None:
    request = Request("POST", "http://h/v1/x?a=1&b='2'", (("Content-Type", "application/json"),), body)
    got = arguments(curl(request))
    assert got[got.index(b"--data-binary") + 1] == body
    assert b"http://h/v1/x?a=1&b='2'" in got


def test_the_key_comes_from_the_environment() -> None:
    request = Request("GET", "http://h/", (("Authorization", "Bearer $UNDERSTUDY_API_KEY"),))
    command = curl(request)
    assert "secret" not in command
    assert b"Authorization: Bearer secret-1" in arguments(command)


def test_a_long_run_of_one_character_is_written_as_a_count() -> None:
    command = curl(Request("POST", "http://h/", (), b'"' + b"a" * 2501 + b'"'))
    assert len(command) < 120


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (None, ""),
        (b'{"a":1}', '{\n  "a": 1\n}'),
        (b"<html>", "<html>"),
        (b"\xff", "\\xff"),
    ],
)
def test_a_body_is_shown_readably(body: bytes | None, shown: str) -> None:
    assert pretty(body) == shown
