"""What the user wrote: the command, and the names mapped for it. Refused here, before anything is run."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What is replaced in the command and in the values of --env.
PLACES = ("url", "api_key", "webhook_secret", "scenario", "folder")
PLACE = re.compile(r"\{([A-Za-z_]+)\}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
SHELL = re.compile(r"[|;&<>]")
PROXY_EXEMPTIONS = ("no_proxy", "NO_PROXY")
# Of a long command the beginning is shown, on one line.
MOST_COMMAND = 300
INTERPRETERS = {".py": "python3", ".js": "node", ".mjs": "node", ".sh": "sh", ".rb": "ruby", ".php": "php"}


def shown_command(command: Sequence[str]) -> str:
    """A command as a shell would take it, cut to 300 characters."""
    return textwrap.shorten(shlex.join(command), MOST_COMMAND, placeholder=" …")


def check_command(command: Sequence[str], places: Sequence[str] = PLACES) -> None:
    """Raises UnderstudyError, with what to do, unless the first word of `command` can be run.

    places: the names that are replaced in it.
    """
    if not command:
        raise UnderstudyError("no command to run", advice="put it after --: understudy verify-client -- CMD")
    for word in command:
        if "\0" in word:
            raise UnderstudyError("a word of the command holds a NUL character", where="CMD")
        for name in PLACE.findall(word):
            near = difflib.get_close_matches(name.lower(), places, n=1)
            if name not in places and near:
                raise UnderstudyError(
                    f"unknown placeholder {{{name}}} in {word!r}", where="CMD", advice=f"say {{{near[0]}}}"
                )
    if shutil.which(fill(command[0], dict.fromkeys(places, ""))) is None:
        what, advice = _missing(command[0])
        raise UnderstudyError(what, where="CMD", advice=advice)


def _missing(word: str) -> tuple[str, str]:
    """Why `word` cannot be run, and what to do."""
    if not word.strip():
        return "the command's first word is empty", "is a variable of your shell not set?"
    path = Path(word)
    first = word.split(maxsplit=1)[0] if word.split() else ""
    if path.is_dir():
        return f"{word!r} is a folder", "name a program"
    if path.is_file():
        if os.access(path, os.X_OK):
            return f"no program {word!r} on the PATH", f"if you mean the file here, say ./{word}"
        by = f"{INTERPRETERS.get(path.suffix, 'INTERPRETER')} {word}"
        return f"{word!r} is not executable", f"say {by}, or chmod +x {word}"
    if NAME.match(word):
        return (
            f"no program {word!r}",
            f"set variables with --env {word.partition('=')[0]}=VALUE before the --",
        )
    if first != word and SHELL.search(word):
        return f"no program {word!r}", f"for a shell command line use -- sh -c {word!r}"
    if first != word and shutil.which(first):
        return f"no program {word!r}", f"it is one word; without the quotes it is -- {word}"
    return f"no program {word!r}", "is it on the PATH?" if path.name == word else "there is no such file"


def read_env(pairs: Iterable[str], places: Sequence[str] = PLACES, option: str = "--env") -> dict[str, str]:
    """("KLING_API_BASE_URL={url}", …) as a mapping; raises UnderstudyError for what is not NAME=VALUE."""
    env: dict[str, str] = {}
    known = ", ".join(f"{{{place}}}" for place in places)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name or "\0" in pair:
            advice = f"say {option} NAME=VALUE; in VALUE {known} are replaced"
            raise UnderstudyError(f"{pair!r} is not NAME=VALUE", where=option, advice=advice)
        for place in PLACE.findall(value):
            if place not in places:
                raise UnderstudyError(
                    f"unknown placeholder {{{place}}} in {pair!r}", where=option, advice=f"known: {known}"
                )
        env[name] = value
    return env


def environment(
    given: Mapping[str, str], mapped: Mapping[str, str], values: Mapping[str, str]
) -> dict[str, str]:
    """The environment of one run: the surrounding one, ours under UNDERSTUDY_…, and what the user maps."""
    env = dict(given)
    env |= {f"UNDERSTUDY_{name.upper()}": value for name, value in values.items()}
    # A proxy of the surroundings does not lead to the mock. Of the two spellings one hides the other, in
    # most programs: each says all that either said.
    exempt = [part for name in PROXY_EXEMPTIONS for part in given.get(name, "").split(",")]
    hosts = dict.fromkeys(part.strip() for part in (*exempt, "127.0.0.1", "localhost"))
    env |= dict.fromkeys(PROXY_EXEMPTIONS, ",".join(filter(None, hosts)))
    return env | {name: fill(value, values) for name, value in mapped.items()}


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with {url} and its like replaced, each once; other braces stay."""
    return PLACE.sub(lambda found: values.get(found[1], found[0]), text)
