"""`understudy cert`, and what is bought from a provider whose authority is named."""

from __future__ import annotations

import socket
import ssl
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from cryptography import x509
from tests.mocks import mock_account

from understudy.contracts.cli import cli
from understudy.contracts.cli.drift import ask
from understudy.specs.cli.network import Network
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import effective

NAMES = ("api.example.com", "*.example.org", "127.0.0.1", "bücher.example")


def cert(*words):
    return CliRunner().invoke(cli, ["cert", *map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls") / "new"
    result = cert(*NAMES, "-o", folder)
    pem = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key")}
    assert (result.exit_code, result.stdout) == (
        0,
        f"{', '.join(NAMES)}: {pem['cert']}, its key {pem['key']}; clients must trust {pem['ca']}\n",
    )
    return folder


@pytest.fixture(scope="module")
def provider(folder):
    with mock_account(
        "yutoai", tls_cert=str(folder / "cert.pem"), tls_key=str(folder / "key.pem")
    ) as account:
        yield account


def greeted(url, name, authority):
    """Whether a client that trusts `authority` takes the server there for `name`."""
    context = ssl.create_default_context(cafile=authority)
    address = urlsplit(url)
    try:
        with (
            socket.create_connection((address.hostname, address.port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname=name),
        ):
            return True
    except ssl.SSLCertVerificationError:
        return False


def test_server_is_taken_for_the_names_asked_for_and_for_no_other(folder, provider):
    asked = (
        "api.example.com",
        "a.example.org",
        "127.0.0.1",
        "xn--bcher-kva.example",
        "example.com",
        "localhost",
    )
    taken = {name: greeted(provider.url, name, folder / "ca.pem") for name in asked}
    assert taken == dict.fromkeys(asked[:4], True) | dict.fromkeys(asked[4:], False)


def test_key_is_its_owners_and_the_authority_signs_no_other_authority(folder):
    assert sorted(path.name for path in folder.iterdir()) == ["ca.pem", "cert.pem", "key.pem"]
    assert (folder / "key.pem").stat().st_mode & 0o077 == 0
    root = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    limits = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)


@pytest.mark.parametrize("name", ["https://api.example.com", "api.example.com:443", "", "a b"])
def test_what_is_no_host_is_refused(name, tmp_path):
    error = cert(name, "-o", tmp_path).exception
    assert isinstance(error, UnderstudyError)
    assert (str(error).startswith(f"NAME: {name!r} is not a host name"), list(tmp_path.iterdir())) == (
        True,
        [],
    )


def test_nothing_is_overwritten(folder):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    error = cert("api.example.com", "-o", folder).exception
    assert str(error).startswith(f"{folder / 'ca.pem'}: is there already")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_drift_buys_by_the_authority_that_is_named(folder, monkeypatch):
    trusted = []

    async def hold(options, *_):
        trusted.extend(dict(part for (part,) in one["subject"]) for one in options.tls.get_ca_certs())
        raise InterruptedError

    monkeypatch.setattr("understudy.contracts.runner.run.hold", hold)
    way = Network(direct=True, ca_file=folder / "ca.pem")
    buying = {"name": "bfl", "api_key": "k", "budget": Decimal(1), "network": way}
    with pytest.raises(InterruptedError):
        ask("https://127.0.0.1:9", effective("bfl"), (), **buying)
    assert {"commonName": "Understudy, for tests only"} in trusted
