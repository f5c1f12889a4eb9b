"""A reader that leaves (`understudy … | head -1`) ends a command quietly, as it ends other Unix tools.

Not by SIGPIPE's own action: that would end the process for a client that hangs up on a socket, too. And not
by catching BrokenPipeError in `main`: click and rich catch it before, and exit with 1, "a promise is broken".
"""

from __future__ import annotations

import io
import os
import signal
import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer

# What a shell reports for a process that SIGPIPE ended.
LEFT = 128 + getattr(signal, "SIGPIPE", 13)


class PipeEnd(io.FileIO):
    """Our end of a pipe. The first write that nobody reads raises SystemExit(141), later ones are swallowed.

    Later ones are what `finally` clauses and the interpreter's last flush still write.
    """

    _left = False

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            if not self._left:
                self._left = True
                raise SystemExit(LEFT) from None
            return len(memoryview(data).cast("B"))


def guarded(stream: TextIO) -> TextIO:
    """`stream`, if it is a pipe, in a form that ends the process quietly when its reader leaves.

    A stream that is no file, or that the shell closed (`>&-` makes it None), is given back as it is.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return stream
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return stream
    stream.flush()
    end = PipeEnd(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(end),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def guard() -> None:
    """Guard standard output and standard error of this process; call it once, before anything is written.

    What an output cannot say (half a character that a provider sent, any letter in an ASCII terminal) is
    written as an escape there, as Python has it for standard error from the start.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = guarded(sys.stdout), guarded(sys.stderr)


def flush() -> bool:
    """Write what is left now: the interpreter's own last flush could only complain. True: it was lost."""
    lost = False
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper):
            continue
        try:
            stream.flush()
        except OSError:  # a full disk behind `> file`
            lost = True
            # What is left in the buffer can go nowhere, and would end the process with a traceback.
            setattr(sys, name, None)
    return lost
