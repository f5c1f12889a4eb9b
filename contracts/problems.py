"""Why no answer came, in words for a person: what aiohttp and the system raise, said once."""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass
from enum import Enum

import aiohttp

from understudy.specs.addresses import ForbiddenError


class ProblemKind(Enum):
    """What kept an answer away; the value is how files write it."""

    REFUSED = "refused"
    NO_HOST = "no-host"
    SILENT = "silent"
    NO_TLS = "no-tls"
    NOT_TRUSTED = "not-trusted"
    NOT_HTTP = "not-http"
    BAD_HOST = "bad-host"
    BROKEN_OFF = "broken-off"
    FORBIDDEN = "forbidden"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """`text`: what happened. `unsent`: the request never left, so it can be repeated whatever it was."""

    text: str
    unsent: bool = False
    kind: ProblemKind = ProblemKind.OTHER


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
    errno.ECONNREFUSED: "connection refused: nothing listens there",
    errno.ENETUNREACH: "the network cannot be reached: is this machine online?",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ETIMEDOUT: "the connection was not taken in time",
    errno.ECONNRESET: "the connection was reset before an answer came",
}
ADVICE = {
    ProblemKind.REFUSED: "start the server, or correct host and port",
    ProblemKind.NO_HOST: "correct the host name; or is there no network, or a proxy to go through (--proxy)?",
    ProblemKind.SILENT: "something listens there but does not answer: is it this API, and is it healthy?",
    ProblemKind.NO_TLS: "use http:// instead of https://",
    ProblemKind.NOT_TRUSTED: "correct the host name, or name the authority's file with --ca-file",
    ProblemKind.NOT_HTTP: "another service listens there: correct the port",
    ProblemKind.BAD_HOST: "mend the host name",
    ProblemKind.BROKEN_OFF: "try again: something between here and the provider is not healthy",
}


def advice_for(kind: ProblemKind, scheme: str) -> str:
    """What to do about a problem of that kind at a URL of that scheme."""
    if kind in ADVICE:
        return ADVICE[kind]
    # A server that speaks TLS hangs up on plain HTTP.
    plain = scheme == "http"
    return (
        "if it speaks TLS, use https:// instead of http://"
        if plain
        else "correct host and port, or try again"
    )


def problem_of(error: Exception, seconds: float) -> AnswerProblem:
    """The problem that a failed request met; `seconds` is how long an answer was waited for.

    >>> problem_of(TimeoutError(), 30.0).text
    'no answer within 30 s'
    """
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error)
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError | UnicodeError):
        return AnswerProblem("this is not a host name that can be reached", True, ProblemKind.BAD_HOST)
    for types, text, kind in KINDS:
        if isinstance(error, types):
            return AnswerProblem(text.format(seconds=seconds, error=error), kind=kind)
    known = SYSTEM.get(getattr(error, "errno", None) or 0)
    name = type(error).__name__
    return AnswerProblem(known or (f"{name}: {error}" if str(error) else name))


# The first type that fits says what happened.
KINDS: tuple[tuple[type[Exception], str, ProblemKind], ...] = (
    (TimeoutError, "no answer within {seconds:g} s", ProblemKind.SILENT),
    (TooLarge, "{error}", ProblemKind.OTHER),
    (aiohttp.TooManyRedirects, "it was redirected too often", ProblemKind.OTHER),
    (aiohttp.ServerDisconnectedError, "the connection was closed without an answer", ProblemKind.OTHER),
    (aiohttp.ClientResponseError, "the answer is not HTTP", ProblemKind.NOT_HTTP),
    (
        aiohttp.ClientPayloadError,
        "the connection was lost in the middle of the answer",
        ProblemKind.BROKEN_OFF,
    ),
)
# What OpenSSL calls it when the other side does not speak TLS.
NOT_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)


def _unconnected(error: aiohttp.ClientConnectorError) -> AnswerProblem:
    """Problems before the request left: name, port, TLS."""
    inner = error.os_error
    if isinstance(inner, ForbiddenError):
        return AnswerProblem(str(inner), True, ProblemKind.FORBIDDEN)
    if isinstance(inner, ssl.SSLCertVerificationError):
        text = f"its TLS certificate is not trusted: {inner.verify_message}"
        return AnswerProblem(text, True, ProblemKind.NOT_TRUSTED)
    if isinstance(inner, ssl.SSLError):
        if inner.reason in NOT_TLS:
            return AnswerProblem("it does not speak TLS", True, ProblemKind.NO_TLS)
        return AnswerProblem(f"TLS failed: {str(inner.reason or inner).replace('_', ' ').lower()}", True)
    if isinstance(inner, socket.gaierror):
        return AnswerProblem(f"no such host: {error.host}", True, ProblemKind.NO_HOST)
    kind = ProblemKind.REFUSED if inner.errno == errno.ECONNREFUSED else ProblemKind.OTHER
    text = SYSTEM.get(inner.errno or 0) or f"cannot connect: {inner.strerror or inner}"
    return AnswerProblem(text, True, kind)
