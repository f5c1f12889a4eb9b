"""`understudy verify-client` and `verify-gateway` run in this process, and what their cards say.

Starting a Python for each costs more than most runs do.
"""

from __future__ import annotations

import json

from click.testing import CliRunner

from understudy.contracts.cli import cli


def graded(*words: object) -> tuple[int, dict]:
    """(exit code, card) of a command line with --json, on which nothing goes wrong."""
    done = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=True)
    assert (done.stderr, isinstance(done.exception, SystemExit | None)) == ("", True), done.exception
    return done.exit_code, json.loads(done.stdout)


def broken_in(card: dict) -> dict[str, list[str]]:
    """promise -> the scenarios in which it is broken."""
    return {
        row["id"]: sorted(f.split("/")[1] for f in row["fingerprint"].split(", "))
        for row in card["rows"]
        if row["verdict"] == "broken"
    }
