"""The outer net of every command: an error of ours is said in one line, kept whole in a file, and exits 4.

Never 1, which a CI reads as a verdict on somebody else.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.specs.say import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

INTERNAL_ERROR = 4
TERMINATED = 128 + signal.SIGTERM
REPORT_AT = "the maintainers (how: .github/SECURITY.md of the source)"
# The system's own trouble: nothing of ours to report.
ENVIRONMENT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EROFS})


class Terminated(KeyboardInterrupt):
    """Somebody asked the process to end (SIGTERM): what was spent is said, as for Ctrl-C."""


def caught(error: BaseException) -> int:
    """Say what happened in one line, keep the traceback in a file, and give the exit code, 4."""
    with contextlib.suppress(OSError, ValueError):
        if isinstance(error, OSError) and error.errno in ENVIRONMENT:
            where = f"{error.filename}: " if error.filename else ""
            say(f"understudy: {where}{error.strerror} (exit 4)", err=True)
            return INTERNAL_ERROR
        kept = _kept(error)
        said = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        where = f"; the traceback is in {kept}" if kept else ""
        say(f"understudy: internal error (exit 4): {said}{where}; please send it to {REPORT_AT}", err=True)
        if not kept:
            traceback.print_exception(error)
    return INTERNAL_ERROR


def _kept(error: BaseException) -> Path | None:
    """The file that holds the traceback; None when none could be written. Arguments hold keys: left out."""
    words = [w for w in sys.argv[1:2] if not w.startswith("-")]
    about = f"understudy {_version()} {' '.join(words)}\nPython {platform.python_version()}, {sys.platform}"
    text = f"{about}\n\n{''.join(traceback.format_exception(error))}"
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="understudy-error-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return Path(name)
    return None


def _version() -> str:
    # Here: it brings the parser of e-mail, and every command starts 8 ms sooner without it.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("understudy")
    except PackageNotFoundError:
        return ""


def interruptible() -> None:
    """Let SIGINT end a background job, too: a shell without job control starts those with SIGINT ignored.

    (POSIX.1-2017, Shell Command Language, 2.11.) SIGTERM goes the same way, so `understudy verify … &` in a
    script could be ended by neither.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end what is inside as Ctrl-C does, and raise Terminated in place of KeyboardInterrupt."""
    asked = False

    def end(_: int, __: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.raise_signal(signal.SIGINT)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread: signals are somebody else's business
        yield
        return
    try:
        yield
    except KeyboardInterrupt:
        if asked:
            raise Terminated from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
