"""https of the mock's own, for clients that refuse to speak anything else.

`tls/` holds a certificate for localhost and 127.0.0.1 that is good for nothing else, and its key.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST

from understudy.mockserver.errors import MockError

TLS = Path(__file__).parent / "tls"
CERT, KEY = str(TLS / "cert.pem"), str(TLS / "key.pem")


def test_a_task_goes_its_way_over_https() -> None:
    trust = ssl.create_default_context(cafile=CERT)
    with mock_account(tls_cert=CERT, tls_key=KEY) as mock:
        headers = {"Authorization": f"Bearer {mock.api_key}"}

        def ask(path: str, body: bytes | None = None) -> bytes:
            url = path if "://" in path else mock.url + path
            with urlopen(Request(url, body, headers), context=trust, timeout=20) as answer:
                content: bytes = answer.read()
                return content

        task_id = json.loads(ask(IMAGE, json.dumps(IMAGE_REQUEST).encode()))["data"]["task_id"]
        ask("/__understudy__/clock/advance", b'{"seconds": 2}')
        url = json.loads(ask(f"{IMAGE}/{task_id}"))["data"]["task_result"]["images"][0]["url"]
        assert url.startswith(mock.url + "/")
        assert mock.url.startswith("https://127.0.0.1:")
        assert ask(url).startswith(b"\x89PNG")


def test_a_certificate_may_hold_its_key(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_text((TLS / "cert.pem").read_text() + (TLS / "key.pem").read_text())
    with mock_account(tls_cert=str(both)) as mock:
        assert mock.url.startswith("https://")


UNUSABLE = {
    "no such file": ({"tls_cert": "nowhere.pem"}, "cannot speak https with nowhere.pem: No such file"),
    "no key": ({"tls_cert": CERT}, f"cannot speak https with {CERT}:"),
    "the wrong way round": ({"tls_cert": KEY, "tls_key": CERT}, f"cannot speak https with {KEY} and {CERT}:"),
    "a key alone": ({"tls_key": KEY}, "a key without a certificate"),
}


@pytest.mark.parametrize(("options", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_certificate_that_cannot_be_used_is_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(MockError) as refused, mock_account(**options):
        pass
    assert words in str(refused.value)


def test_the_screen_shows_the_https_address(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "understudy.contracts.cli", "serve", "--port", "0"]
    command += ["--tls-cert", CERT, "--tls-key", KEY]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        told = json.loads(server.stdout.readline())
        server.terminate()
    assert told["url"].startswith("https://127.0.0.1:")
