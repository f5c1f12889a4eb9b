"""Free requests that real clients send and no document mentions: other methods, headers, fields."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.budget import ZERO
from understudy.contracts.client import Outgoing
from understudy.contracts.strategies.values import IMAGE, bare, odd_choices
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from understudy.contracts.budget import Budget
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.target_family import TargetFamily

    Step = Callable[[], Awaitable[object]]

METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH")
# Seconds for the answer to an Expect that is never told to continue.
EXPECT_SECONDS = 5.0
NESTED = 200
# More than many a gateway lets through unless it is told to: nginx takes 1 MB. Characters of Base64, and the
# bytes that they stand for.
LARGE_TEXT, LARGE_BYTES = 1_500_000, 1_125_000
# What is asked for as an id that does not exist, and what a finding calls it.
ODD_IDS = (
    ("a\x00b", "an id with a NUL"),
    ("9" * 400, "an id of 400 digits"),
    ("-1", "a negative number for an id"),
    ("任务🦊", "an id beyond ASCII"),
)
FURTHER_IDS = (("o'brien", "an id with a quote"), ("a/b", "an id with a slash"))
# What the libraries that clients are written with send by themselves, and how a finding calls it.
CLIENTS = (
    (("User-Agent", "python-requests/2.32.3"), "a User-Agent of python-requests"),
    (("User-Agent", "Java-http-client/21.0.4"), "a User-Agent of Java"),
    (("User-Agent", "curl/8.5.0"), "a User-Agent of curl"),
    (("User-Agent", ""), "no User-Agent"),
    (("Accept", "application/json, text/plain, */*"), "the Accept of axios"),
    (("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2"), "the Accept of Java"),
    (("Transfer-Encoding", "chunked"), "a body in chunks, as Node and Go stream it"),
)
# What may stand before JSON: a template or a here-document leaves it there.
BLANKS = b" \t\r\n"
KINDS = (
    ("application/json; charset=utf-8", "a charset in the content type"),
    ("application/json;charset=UTF-8", "a charset in the content type"),
    ("APPLICATION/JSON", "a content type in capital letters (RFC 9110, 8.3.1)"),
)
PROBES = (
    "methods-without-server-errors", "content-type-with-charset", "expect-is-answered",
    "odd-fields-without-server-errors", "any-client-is-answered",
)  # fmt: skip


async def odd_requests(asks: Asking, pays: Budget) -> None:
    """Send them all, a few at once. Creates among them lack what is required, so nobody may take them."""
    if asks.wants(*PROBES):
        await asks.each(step for family in asks.families for step in _steps(asks, pays, family))
        one = next((f for f in asks.families if _incomplete(f) is not None), asks.families[0])
        await asks.each(_at_the_door(asks, pays, one))


def _at_the_door(asks: Asking, pays: Budget, family: TargetFamily) -> Iterator[Step]:
    """What the same server looks at for all families, so that one family shows it."""
    yield from _odd_ids(asks, pays, family, FURTHER_IDS)
    path = family.query("0" * 18).path
    if "?" not in path and family.query("0").body is None:
        slashed = _probe(asks, family, "GET", f"{path}/", "ids")
        case = {"purpose": "ids", "aim": "a slash behind an id"}
        yield partial(_send, asks, pays, family, replace(slashed, case=case))
    incomplete = _incomplete(family)
    plain = _probe(asks, family, family.create_method, family.create_path, trace.CLIENT, incomplete)
    if incomplete is None:
        return
    for one, aim in CLIENTS:
        out = replace(plain, headers=(one,), case={"purpose": trace.CLIENT, "aim": aim})
        yield partial(_send, asks, pays, family, out)
    if not family.form:
        case = {"purpose": trace.CLIENT, "aim": "blanks and line breaks before the body (RFC 8259, 2)"}
        yield partial(_send, asks, pays, family, replace(plain, body=BLANKS + incomplete, case=case))


def _odd_ids(
    asks: Asking, pays: Budget, family: TargetFamily, ids: tuple[tuple[str, str], ...]
) -> Iterator[Step]:
    for name, aim in ids:
        asked = family.query(name)
        out = _probe(asks, family, asked.method, asked.path, "ids", asked.body)
        yield partial(_send, asks, pays, family, replace(out, case={**(out.case or {}), "aim": aim}))


def _steps(asks: Asking, pays: Budget, family: TargetFamily) -> Iterator[Step]:
    query = family.query("0" * 18).path
    for method in METHODS:
        for path in (family.create_path, query):
            body = b"{}" if method in ("PUT", "PATCH") else None
            yield partial(_send, asks, pays, family, _probe(asks, family, method, path, "method", body))
    if family.behaviour.operations.list:
        unknown = f"{family.list_path}?x_client_version=1.0"
        body = None if family.list_method == "GET" else b"{}"
        yield partial(
            _send, asks, pays, family, _probe(asks, family, family.list_method, unknown, "fields", body)
        )
    yield from _odd_ids(asks, pays, family, ODD_IDS)
    # A DELETE of an id that does not exist: on the path of all tasks, who knows what it would do.
    yield partial(_send, asks, pays, family, _probe(asks, family, "DELETE", query, "method", None))
    incomplete = _incomplete(family)
    if incomplete is None:
        return  # every body may be taken, and paid for
    create = family.create_method
    # Twice as it is, to know what of the answer is always the same.
    for _ in range(2):
        out = _probe(asks, family, create, family.create_path, "plain", incomplete)
        yield partial(_send, asks, pays, family, out)
    plain = _probe(asks, family, create, family.create_path, "charset", incomplete)
    for kind, aim in () if family.form else KINDS:
        out = replace(plain, headers=(("Content-Type", kind),), case={"purpose": "charset", "aim": aim})
        yield partial(_send, asks, pays, family, out)
    out = _probe(
        asks, family, create, family.create_path, "expect", incomplete, (("Expect", "100-continue"),)
    )
    yield partial(_send, asks, pays, family, out)
    large = large_body(family)
    if large is not None:
        out = _probe(asks, family, create, family.create_path, trace.LARGE, large)
        yield partial(_send, asks, pays, family, out)
    for data in odd_bodies(family):
        out = _probe(asks, family, create, family.create_path, "fields", data)
        yield partial(_send, asks, pays, family, out)


def _incomplete(family: TargetFamily) -> bytes | None:
    """A body that lacks what is required; None when nothing is."""
    for name in family.request.get("required", ()):
        body = bare(family)
        body.pop(name, None)
        if not family.request_shape.takes(body):
            return json.dumps(body).encode()
    return None


def large_body(family: TargetFamily) -> bytes | None:
    """A body that lacks what is required, with Base64 of 1.5 MB for a picture that may be larger; None where
    no optional field of the family takes such a picture."""
    incomplete = _incomplete(family)
    for name, schema in family.request.get("properties", {}).items() if incomplete else ():
        most = schema.get(IMAGE, {}).get("max_bytes", 0)
        if most >= LARGE_BYTES and name not in family.request.get("required", ()):
            body = {**json.loads(incomplete or b""), name: "A" * LARGE_TEXT}
            return json.dumps(body).encode()
    return None


def odd_bodies(family: TargetFamily) -> Iterator[bytes]:
    """Bodies with odd fields that lack a required one, so that they must be refused all the same."""
    for choice in odd_choices(family):
        body = bare(family)
        for name in family.request.get("required", ())[:1]:
            body.pop(name, None)
        put(body, choice.pointer, choice.value)
        if not family.request_shape.takes(body):
            yield json.dumps(body).encode()
    yield b"null"
    yield from _absurd_bodies(family)


def _absurd_bodies(family: TargetFamily) -> Iterator[bytes]:
    """What parsers and stores choke on: NUL, half a character, deep nesting, long numbers, a BOM, blanks."""
    base, gone = bare(family), family.request.get("required", ())[:1]
    for name in gone:
        base.pop(name, None)
    if family.request_shape.takes(base):
        return
    known = family.request.get("properties", {})
    # What is left out must stay left out, or the task would be made, and paid for.
    text = next((n for n, s in known.items() if s.get("type") == "string" and n not in gone), "x_text")
    for value in ("a\x00b", "half a character \ud800"):
        yield json.dumps({**base, text: value}).encode()
    nested = b"[" * NESTED + b"]" * NESTED
    yield json.dumps({**base, "x_nested": 0}).encode().replace(b'"x_nested": 0', b'"x_nested": ' + nested)
    yield json.dumps({**base, "x_number": 10**29}).encode()
    yield b"\xef\xbb\xbf" + json.dumps(base).encode()
    yield BLANKS + json.dumps(base, indent=2).encode() + b"\n"


def _probe(
    asks: Asking,
    family: TargetFamily,
    method: str,
    path: str,
    purpose: str,
    body: bytes | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Outgoing:
    aim = {"fields": "null and unknown fields", "method": method}.get(purpose, purpose)
    within = EXPECT_SECONDS if purpose == "expect" else None
    return Outgoing(
        method, asks.url(path), family.name, trace.PROBE, body=body, headers=headers, within=within,
        case={"purpose": purpose, "aim": aim},
    )  # fmt: skip


async def _send(asks: Asking, pays: Budget, family: TargetFamily, out: Outgoing) -> None:
    create = out.method == family.create_method and bool(out.body)
    units = family.cost({}) if create else ZERO
    async with pays.risk(units) as allowed:
        if not allowed:
            return
        exchange = await asks.client.send(out)
        if create and asks.target.accepted(family, exchange.response):
            pays.charge(units)
