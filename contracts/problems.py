"""Why no answer came, in words for a person: what aiohttp and the system raise, said once."""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass

import aiohttp

from mockserver.guard import ForbiddenError


@dataclass(frozen=True, slots=True)
class Problem:
    """`text`: what happened. `unsent`: the request never left, so it can be repeated whatever it was."""

    text: str
    unsent: bool = False


class TooLarge(ValueError):  # noqa: N818 - what it is, said in its message
    """An answer is larger than any that was promised."""


async def read_whole(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The body of an answer; raises TooLarge when it has more than `most` bytes."""
    chunks, size = [], 0
    async for chunk in answer.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise TooLarge(f"an answer of more than {most // 1024 // 1024} MB")
    return b"".join(chunks)


SYSTEM = {
    errno.ECONNREFUSED: "connection refused: nobody listens there",
    errno.ENETUNREACH: "the network cannot be reached: is this machine online?",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ETIMEDOUT: "the connection was not taken in time",
    errno.ECONNRESET: "the connection was reset before an answer came",
}
# What a person can do, by how the text of a problem begins.
ADVICE = {
    "connection refused": "start the server, or mend host and port",
    "no such host": "mend the host name; or is this machine offline?",
    "no answer within": "something listens there but says nothing: is it this API, and is it well?",
    "it does not speak TLS": "give http:// in place of https://",
    "its TLS certificate": "mend the host name, or name the authority's file in SSL_CERT_FILE",
    "what came back is not HTTP": "another service listens there: mend the port",
    "this is no host": "mend the host name",
    "the connection was lost": "try again: something between here and the provider is not well",
}
# A server that speaks TLS hangs up on plain HTTP.
OTHER_SCHEME = {"http": "if it speaks TLS, give https:// in place of http://"}


def advice_for(text: str, scheme: str) -> str:
    """What to do about a problem with that text at a URL of that scheme."""
    found = (advice for start, advice in ADVICE.items() if text.startswith(start))
    return next(found, "") or OTHER_SCHEME.get(scheme, "") or "mend host and port, or try again"


def problem_of(error: Exception, seconds: float) -> Problem:
    """The problem that a failed request met; `seconds` is how long an answer was waited for.

    >>> problem_of(TimeoutError(), 30.0).text
    'no answer within 30 s'
    """
    if isinstance(error, TimeoutError):
        return Problem(f"no answer within {seconds:g} s")
    if isinstance(error, TooLarge):
        return Problem(str(error))
    if isinstance(error, aiohttp.TooManyRedirects):
        return Problem("it was redirected too often")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Problem(_unconnected(error), unsent=True)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Problem("the connection was closed without an answer")
    if isinstance(error, aiohttp.ClientResponseError):
        return Problem("what came back is not HTTP")
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError | UnicodeError):
        return Problem("this is no host that can be asked", unsent=True)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Problem("the connection was lost in the middle of the answer")
    known = SYSTEM.get(getattr(error, "errno", None) or 0)
    return Problem(known or (f"{type(error).__name__}: {error}" if str(error) else type(error).__name__))


def _unconnected(error: aiohttp.ClientConnectorError) -> str:
    """Problems before the request left: name, port, TLS."""
    inner = error.os_error
    if isinstance(inner, ForbiddenError):
        return str(inner)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its TLS certificate is not trusted: {inner.verify_message}"
    if isinstance(inner, ssl.SSLError):
        reason = str(inner.reason or inner).replace("_", " ").lower()
        plain = any(words in reason for words in ("wrong version number", "record layer", "http request"))
        return "it does not speak TLS" if plain else f"TLS failed: {reason}"
    if isinstance(inner, socket.gaierror):
        return f"no such host: {error.host}"
    return SYSTEM.get(inner.errno or 0) or f"cannot connect: {inner.strerror or inner}"
