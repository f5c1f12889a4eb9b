"""`understudy cert`."""

from __future__ import annotations

from pathlib import Path

import click

from understudy.specs.say import say


@click.command("cert")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "-o", "--out", "folder", default=Path(), type=click.Path(path_type=Path, file_okay=False),
    help="The folder for ca.pem, cert.pem and key.pem [this one].",
)  # fmt: skip
def cert(names: tuple[str, ...], folder: Path) -> None:
    """Make a certificate for a mock that stands under a provider's own name.

    For clients whose address is fixed: lead NAME here (127.0.0.1 NAME in /etc/hosts), serve with the
    certificate, and have the client trust the authority that signed it, which can sign nothing else.

    \b
    understudy cert api.example.com
    understudy serve --port 443 --tls-cert cert.pem --tls-key key.pem
    SSL_CERT_FILE=ca.pem NODE_EXTRA_CA_CERTS=ca.pem my-client
    """
    from understudy.contracts.certificates import make_certificate  # here: help comes 60 ms sooner without it

    made = make_certificate(names, folder)
    told = f"{', '.join(names)}: {made.certificate}, its key {made.key}; clients must trust {made.authority}"
    say(told)
    say(f"Next: understudy serve --port 443 --tls-cert {made.certificate} --tls-key {made.key}", err=True)
