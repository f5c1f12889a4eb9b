"""Understudy: a mock server and contract-testing toolkit for asynchronous AI media APIs.

What a test's author needs is imported from here: `from understudy import Account, mock_server`. Each name is
loaded when it is asked for, so that commands start no later for it.

The packages live at the repository's root (`specs/`, `mockserver/`, `contracts/`); the links beside this file
put them below one name, so that an installation adds nothing else to the top of site-packages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.contracts.testing import (
        Account,
        AccountClock,
        Answered,
        AsyncAccount,
        AsyncClock,
        Callback,
        MockServer,
        adeliver,
        deliver,
        mock_server,
    )
    from understudy.specs.errors import UnderstudyError

__all__ = [
    "Account",
    "AccountClock",
    "Answered",
    "AsyncAccount",
    "AsyncClock",
    "Callback",
    "MockServer",
    "UnderstudyError",
    "adeliver",
    "deliver",
    "mock_server",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Here, and by name: `import understudy` comes before every command.
    from importlib import import_module

    where = "specs.errors" if name == "UnderstudyError" else "contracts.testing"
    value = globals()[name] = getattr(import_module(f"{__name__}.{where}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
