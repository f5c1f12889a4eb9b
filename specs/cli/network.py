"""Options of the commands that speak with a provider elsewhere: --proxy, --no-proxy, --ca-file."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from understudy.specs.errors import UnderstudyError
from understudy.specs.proxies import checked_proxy, proxy_for

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Network:
    """How a provider is reached. Give it `proxy`, `direct` and `ca_file` as the options have them."""

    proxy: str = ""
    direct: bool = False
    ca_file: Path | None = None

    def way(self, url: str) -> str:
        """The proxy that leads to `url`, "" for none. Raises UnderstudyError for one that cannot be used."""
        return proxy_for(url, proxy=self.proxy, direct=self.direct)

    def tls(self) -> ssl.SSLContext:
        """What certificates are checked by: the system's authorities, and those of the file.

        Raises UnderstudyError when the file holds none.
        """
        context = ssl.create_default_context()
        if self.ca_file is not None:
            try:
                context.load_verify_locations(self.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise UnderstudyError(
                    f"cannot read certificates: {getattr(error, 'strerror', None) or error}",
                    where=f"--ca-file {self.ca_file}",
                    advice="a PEM file of one or more certificate authorities",
                ) from error
        return context


def _checked(_: click.Context, __: click.Parameter, value: str) -> str:
    return checked_proxy(value, "--proxy") if value else ""


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it takes `proxy`, `direct` and `ca_file`."""
    options = (
        click.option(
            "--proxy", default="", metavar="URL", callback=_checked,
            help="The proxy to the provider [HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; NO_PROXY].",
        ),
        click.option("--no-proxy", "direct", is_flag=True, help="Use no proxy, whatever those say."),
        click.option(
            "--ca-file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
            help="A PEM file of authorities that may sign the provider's certificate, beside the system's.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command
