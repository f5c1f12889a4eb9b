"""A check supplied by the user: a URL that is fetched, or a command line that is run."""

from __future__ import annotations

import http.client
import shlex
import subprocess
import urllib.request
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ANSWER = 65_536
CHECK_SECONDS = 30.0


def is_url(check: str) -> bool:
    return check.startswith(("http://", "https://"))


def answer_to_check(
    check: str, values: Mapping[str, str], *, where: str, headers: Mapping[str, str] | None = None
) -> str:
    """What `check` answers or prints; {name} in it is replaced by values[name], `headers` go with a URL.

    Raises UnderstudyError, naming the option `where`, when it cannot be asked, or the command fails.
    """
    asked = check
    for name, value in values.items():
        # What comes from outside is one word of a command line, whatever it holds.
        asked = asked.replace(f"{{{name}}}", value if is_url(check) else shlex.quote(value))
    try:
        return _fetched(asked, headers or {}) if is_url(check) else _printed(asked, where)
    except (OSError, ValueError, subprocess.SubprocessError, http.client.HTTPException) as error:
        raise UnderstudyError(f"cannot be asked: {error}", where=where) from error


def _fetched(url: str, headers: Mapping[str, str]) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - the user's own URL
    with opener.open(request, timeout=CHECK_SECONDS) as answer:
        text: str = answer.read(MOST_ANSWER).decode("utf-8", "replace")
        return text


def _printed(line: str, where: str) -> str:
    done = subprocess.run(  # noqa: S602 - the user's own command line
        line, shell=True, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise UnderstudyError(
            f"ended with exit code {done.returncode}: {said[-1][:160] if said else 'it printed nothing'}",
            where=where,
        )
    return done.stdout
