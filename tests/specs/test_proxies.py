"""Which proxy leads to a URL, by the environment in every spelling and by the options."""

from __future__ import annotations

import pytest

from understudy.specs.errors import UnderstudyError
from understudy.specs.proxies import proxy_for

LOWER, UPPER, ALL = "http://lower:1", "http://upper:2", "http://all:3"
FROM_ENVIRONMENT = [
    # environment, URL, proxy
    ({}, "http://a.test", ""),
    ({"http_proxy": LOWER}, "http://a.test", LOWER),
    ({"HTTP_PROXY": UPPER}, "http://a.test", UPPER),
    ({"http_proxy": LOWER, "HTTP_PROXY": UPPER}, "http://a.test", LOWER),
    ({"http_proxy": LOWER}, "https://a.test", ""),
    ({"HTTPS_PROXY": UPPER, "all_proxy": ALL}, "https://a.test", UPPER),
    ({"ALL_PROXY": ALL}, "https://a.test", ALL),
    ({"http_proxy": "proxy.corp:3128"}, "http://a.test", "http://proxy.corp:3128"),
    # What is on this machine is reached directly, and so is what somebody exempts.
    ({"http_proxy": LOWER}, "http://127.0.0.1:8585", ""),
    ({"http_proxy": LOWER}, "http://localhost", ""),
    ({"http_proxy": LOWER}, "http://[::1]:80", ""),
    ({"http_proxy": LOWER, "no_proxy": "*"}, "http://a.test", ""),
    ({"http_proxy": LOWER, "NO_PROXY": "b.test, a.test"}, "http://a.test", ""),
    ({"http_proxy": LOWER, "no_proxy": "b.test", "NO_PROXY": "a.test"}, "http://a.test", ""),
    ({"http_proxy": LOWER, "no_proxy": "A.Test"}, "http://x.a.test", ""),
    ({"http_proxy": LOWER, "no_proxy": ".a.test"}, "http://x.a.test", ""),
    ({"http_proxy": LOWER, "no_proxy": "*.a.test"}, "http://x.a.test", ""),
    ({"http_proxy": LOWER, "no_proxy": "a.test"}, "http://ba.test", LOWER),
    ({"http_proxy": LOWER, "no_proxy": "a.test:81"}, "http://a.test:81", ""),
    ({"http_proxy": LOWER, "no_proxy": "a.test:81"}, "http://a.test", LOWER),
    ({"http_proxy": LOWER, "no_proxy": "10.0.0.0/8"}, "http://10.1.2.3", ""),
    ({"http_proxy": LOWER, "no_proxy": "10.0.0.0/8"}, "http://11.1.2.3", LOWER),
    ({"http_proxy": LOWER, "no_proxy": "fd00::/8"}, "http://[fd00::1]:8080", ""),
    ({"http_proxy": LOWER, "no_proxy": ", ,"}, "http://a.test", LOWER),
]


@pytest.mark.parametrize(("environ", "url", "proxy"), FROM_ENVIRONMENT)
def test_environment_names_the_proxy(environ, url, proxy):
    assert proxy_for(url, environ=environ) == proxy


def test_options_go_before_the_environment():
    environ = {"http_proxy": LOWER, "no_proxy": "*"}
    assert proxy_for("http://a.test", proxy="other:9", environ=environ) == "http://other:9"
    assert proxy_for("http://a.test", direct=True, environ={"http_proxy": LOWER}) == ""


@pytest.mark.parametrize(
    ("environ", "where", "shown"),
    [
        ({"HTTP_PROXY": "socks5://me:secret@proxy:1080"}, "HTTP_PROXY", "socks5://…@proxy:1080"),
        ({"all_proxy": "http://:80"}, "all_proxy", "http://:80"),
        ({"http_proxy": "http://[x"}, "http_proxy", "http://[x"),
    ],
)
def test_proxy_that_cannot_be_used_is_named_with_its_place_and_without_its_password(environ, where, shown):
    with pytest.raises(UnderstudyError) as error:
        proxy_for("http://a.test", environ=environ)
    assert str(error.value).startswith(f"{where}: cannot use the proxy {shown!r}")
    assert "secret" not in str(error.value)
