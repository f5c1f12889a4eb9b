"""On a terminal of 80 columns nothing that a command tells is broken by the terminal itself."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

COMMANDS = {
    "": "",
    "help": "--help",
    **{
        f"{name} help": f"{name} --help"
        for name in ("serve", "verify", "verify-client", "verify-gateway", "drift", "record")
    },
    "promises": "verify --list",
    "scenarios": "verify-client --list",
    "scenarios of the mock": "verify-client --list --verbose",
    "profiles": "specs list",
    "a spec": "specs show chainhub",
    "what is portable": "specs portable",
    "drift": "drift canonical chainhub",
    "rules": "drift --rules",
}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# What is to be copied stays one line: addresses, and commands of one word.
WHOLE = re.compile(r"\s*\S+")


def on_terminal(words: str, columns: int = 80) -> list[str]:
    """The lines that a command writes to a terminal of so many columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    env |= {"TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "understudy", *words.split()]
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=env) as process:
        os.close(its)
        said = b""
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # the other side is closed: Linux says it so
                break
            if not part:
                break
            said += part
        process.wait()
    os.close(ours)
    return ESCAPES.sub("", said.decode()).replace("\r", "").split("\n")


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_a_command_tells_fits_eighty_columns(words: str) -> None:
    lines = on_terminal(words)
    assert len(lines) > 3
    assert [line for line in lines if len(line) > 80 and not WHOLE.fullmatch(line)] == []
