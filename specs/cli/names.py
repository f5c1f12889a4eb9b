"""What shells are offered after a parameter of commands: names of providers, and of other known things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from understudy.specs.library import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from click.shell_completion import CompletionItem


class ProviderName(click.ParamType):  # type: ignore[type-arg] # generic since click 8.3, not at 8.2
    """A provider's name, or the path of a folder that describes one. The command says whether it exists."""

    name = "provider"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # here: shells ask seldom

        if "/" in incomplete or incomplete.startswith("."):
            return [CompletionItem(incomplete, type="file")]
        return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


PROVIDER = ProviderName()


def completing(
    known: Callable[[click.Context], Iterable[str]],
) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """A `shell_complete` of click: `known` is asked when a shell is. Of a list the last name is completed.

    ["fail", "html"] after "html,f" -> "html,fail"
    """

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        before, comma, begun = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in sorted(known(ctx)) if name.startswith(begun)]

    return complete
