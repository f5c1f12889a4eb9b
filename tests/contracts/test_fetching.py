"""What verify fetches: whole results, and only from where a provider may send it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import ipaddress
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from understudy.contracts.checks.media import inspect
from understudy.contracts.checks.soundness import damage
from understudy.contracts.fetching import NO_HEADERS, Fetcher, check, networks_of, session_for
from understudy.contracts.problems import ProblemKind, problem_of
from understudy.specs.addresses import ForbiddenError, read_networks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HERE = networks_of("127.0.0.1")


def picture(form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 90).convert("RGB").save(out, form)
    return out.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + kind + body


VIDEO = box(b"ftyp", b"isomiso2") + box(b"moov", bytes(40)) + box(b"mdat", bytes(90))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "10.0.0.8",
        "192.168.1.1",
        "fd00:ec2::254",
        "0.0.0.0",
        "::ffff:10.0.0.1",
        "127.0.0.1",
    ],
)
def test_a_public_provider_may_send_us_to_no_address_of_the_inside(address: str) -> None:
    with pytest.raises(ForbiddenError, match="--allow-result-net"):
        check(address, ())


@pytest.mark.parametrize(
    ("address", "nets"),
    [("93.184.216.34", ()), ("127.0.0.1", ("127.0.0.0/8",)), ("10.2.0.1", ("10.0.0.0/8",))],
)
def test_public_addresses_and_named_networks_are_fetched_from(address: str, nets: tuple[str, ...]) -> None:
    check(address, read_networks(nets))


def test_a_provider_on_this_machine_has_its_results_here() -> None:
    assert ipaddress.ip_network("127.0.0.0/8") in HERE
    check("127.0.0.1", HERE)
    with pytest.raises(ForbiddenError):
        check("169.254.169.254", HERE)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (picture(), ""),
        (picture("JPEG"), ""),
        (picture("WEBP"), ""),
        (picture()[:-400], "cannot be decoded"),
        (picture("JPEG")[:900], "cannot be decoded"),
        (VIDEO, ""),
        (VIDEO[:-30], "ends early"),
        (box(b"ftyp", b"isomiso2") + box(b"mdat", bytes(90)), "no moov box"),
        (VIDEO + b"\x00\x00\x00\x01", "into a box"),
    ],
)
def test_a_damaged_file_is_told_from_a_whole_one(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "result"
    path.write_bytes(data)
    found = damage(path, inspect(data))
    assert found == "" if not said else said in found


async def fetched(
    handler: Any, path: str = "/a.png", headers: Mapping[str, str] = NO_HEADERS
) -> tuple[int, dict[str, Any]]:
    app = web.Application()
    app.router.add_get("/{name}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with session_for(HERE) as session:
            port = runner.addresses[0][1]
            response, facts = await Fetcher(session).fetch(f"http://127.0.0.1:{port}{path}", headers)
            return response.status, facts
    finally:
        await runner.cleanup()


def test_a_large_result_is_read_to_its_end() -> None:
    whole = picture() + bytes(9 * 1024 * 1024)

    async def large(_: web.Request) -> web.Response:
        return web.Response(body=whole, content_type="image/png")

    status, facts = asyncio.run(fetched(large))
    assert (status, facts["bytes"], facts["sha256"]) == (200, len(whole), hashlib.sha256(whole).hexdigest())


def test_a_redirect_to_the_inside_is_not_followed() -> None:
    async def away(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")

    with pytest.raises(aiohttp.ClientConnectorError) as raised:
        asyncio.run(fetched(away))
    assert problem_of(raised.value, 1.0).kind is ProblemKind.FORBIDDEN


@pytest.mark.parametrize(("host", "key"), [("127.0.0.1", "k"), ("localhost", "none")])
def test_a_key_follows_redirects_on_its_own_host_alone(host: str, key: str) -> None:
    async def file(request: web.Request) -> web.Response:
        if request.path == "/a.png":
            raise web.HTTPFound(f"http://{host}:{request.url.port}/b.png")
        return web.Response(text=request.headers.get("X-Key", "none"))

    status, facts = asyncio.run(fetched(file, headers={"X-Key": "k"}))
    assert (status, facts["sha256"]) == (200, hashlib.sha256(key.encode()).hexdigest())


def test_redirects_without_end_are_given_up() -> None:
    async def round_and_round(_: web.Request) -> web.Response:
        raise web.HTTPFound("/a.png")

    with pytest.raises(aiohttp.TooManyRedirects):
        asyncio.run(fetched(round_and_round))
