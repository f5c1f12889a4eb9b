"""A command that is run for an agent is gone when the agent no longer wants it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest

from understudy.contracts.agents import commands

if TYPE_CHECKING:
    from pathlib import Path

STUBBORN = """#!{python}
import os, pathlib, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
told = pathlib.Path(os.environ["TOLD"])
told.with_suffix(".new").write_text(str(os.getpid()))
told.with_suffix(".new").rename(told)
signal.pause()
"""


def test_a_command_that_does_not_end_when_asked_is_gone_once_it_is_cancelled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, told = tmp_path / "stubborn", tmp_path / "pid"
    script.write_text(STUBBORN.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))

    async def twice() -> None:
        running = asyncio.ensure_future(commands.run("demo", env={"TOLD": str(told)}))
        while not told.exists():
            await asyncio.sleep(0.001)
        for _ in range(2):
            running.cancel()
            for _ in range(20):
                await asyncio.sleep(0)
        await asyncio.wait({running})
        with pytest.raises(ChildProcessError):  # it was waited for
            os.waitpid(int(told.read_text()), os.WNOHANG)

    asyncio.run(twice())
