"""The socket that a server listens on, and the check of its certificate."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from understudy.mockserver.errors import MockError

if TYPE_CHECKING:
    from understudy.mockserver.settings import Settings


def check_certificate(settings: Settings) -> None:
    """Raises MockError when the certificate or its key cannot be used."""
    if not settings.tls_cert:
        return
    import ssl  # here: seldom needed

    where = " and ".join(filter(None, (settings.tls_cert, settings.tls_key)))
    try:
        # The empty password keeps OpenSSL from asking for one at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_cert, settings.tls_key or None, password=""
        )
    except OSError as error:
        raise MockError(
            f"cannot speak https with {where}: {error.strerror or error}",
            where="--tls-cert, --tls-key",
            advice="PEM files of one certificate and its key, without a password",
        ) from error


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket bound to host and port; raises MockError when that cannot be.

    On a `shared` port other processes of this user may listen as well; the kernel deals out connections.
    """
    if not host:
        raise MockError("no address", where="--host", advice="127.0.0.1, or 0.0.0.0 for all there are")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        made.bind((host, port))
    except (OSError, OverflowError, TypeError, UnicodeError) as error:
        made.close()
        taken = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
        advice = "another --port, or --port 0" if taken else "an address of this machine: --host 127.0.0.1"
        raise MockError(f"cannot listen on {host}:{port}: {error}", advice=advice) from error
    made.set_inheritable(False)
    return made


def address(bound: socket.socket, scheme: str) -> str:
    """The URL under which a bound socket is reached from this machine."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - shown, not bound
        host = "127.0.0.1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
