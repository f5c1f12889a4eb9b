"""What the user wrote after `--` and behind --env: what it becomes, and how a slip is refused."""

from __future__ import annotations

import sys

import pytest

from understudy.contracts.client_verifier.command import check_command, environment, fill, read_env
from understudy.specs.errors import UnderstudyError

VALUES = {"url": "http://u", "api_key": "k", "webhook_secret": "whsec_s", "scenario": "fine"}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a script that is not executable, one that is, and a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "client.py").write_text("")
    (tmp_path / "ready").write_text("#!/bin/sh\n")
    (tmp_path / "ready").chmod(0o755)
    (tmp_path / "folder").mkdir()


def test_environment_has_ours_the_mapped_and_no_proxy_to_the_mock():
    given = {"PATH": "/bin", "NO_PROXY": "corp", "http_proxy": "http://proxy"}
    assert environment(given, {"BASE": "{url}/kling", "UNDERSTUDY_URL": "{url}/x"}, VALUES) == {
        "PATH": "/bin",
        "http_proxy": "http://proxy",
        "UNDERSTUDY_URL": "http://u/x",
        "UNDERSTUDY_API_KEY": "k",
        "UNDERSTUDY_WEBHOOK_SECRET": "whsec_s",
        "UNDERSTUDY_SCENARIO": "fine",
        "NO_PROXY": "corp,127.0.0.1,localhost",
        "no_proxy": "corp,127.0.0.1,localhost",
        "BASE": "http://u/kling",
    }


@pytest.mark.parametrize(
    ("text", "filled"),
    [("{url}/a?b={url}&k={api_key}", "http://u/a?b=http://u&k=k"), ("{}{x}{", "{}{x}{"), ("", "")],
)
def test_only_known_places_are_filled(text, filled):
    assert fill(text, VALUES) == filled


def test_env_pairs():
    assert read_env(["A=b=c", "B="]) == {"A": "b=c", "B": ""}


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("A", "--env: 'A' is not NAME=VALUE (say --env NAME=VALUE; in VALUE {url}, {api_key}, "),
        ("=x", "--env: '=x' is not NAME=VALUE (say"),
        ("A=b\0", "--env: 'A=b\\x00' is not NAME=VALUE (say"),
        ("A={uri}/x", "--env: unknown placeholder {uri} in 'A={uri}/x' (known: {url}, {api_key}, "),
    ],
)
def test_env_that_is_none_is_refused(pair, message):
    with pytest.raises(UnderstudyError) as error:
        read_env([pair])
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable],
        ["./ready", "with spaces", "C:\\pictures\\cat.png"],
        ["sh", "-c", "echo ${HOME} | cat; f {x} {}"],
        ["sh", "{url}", "{url}{api_key}"],
    ],
)
def test_a_command_that_can_run_is_taken(here, command):
    check_command(command)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([], "no command to run (put it after --: understudy verify-client -- CMD)"),
        (["no-such-program"], "CMD: no program 'no-such-program' (is it on the PATH?)"),
        ([""], "CMD: the command's first word is empty (is a variable of your shell not set?)"),
        (["./nowhere.py"], "CMD: no program './nowhere.py' (there is no such file)"),
        (["folder"], "CMD: 'folder' is a folder (name a program)"),
        (["./client.py"], ("CMD: './client.py' is not executable (say python3 ./client.py, or chmod +x "
         "./client.py)")),
        (["ready"], "CMD: no program 'ready' on the PATH (if you mean the file here, say ./ready)"),
        (["sh -x ready"], ("CMD: no program 'sh -x ready' (it is one word; without the quotes it is -- sh -x "
         "ready)")),
        (["sh x | cat"], "CMD: no program 'sh x | cat' (for a shell command line use -- sh -c 'sh x | cat')"),
        (["KEY=1", "sh"], "CMD: no program 'KEY=1' (set variables with --env KEY=VALUE before the --)"),
        (["sh", "{URL}"], "CMD: unknown placeholder {URL} in '{URL}' (say {url})"),
        (["sh", "x/{apikey}"], "CMD: unknown placeholder {apikey} in 'x/{apikey}' (say {api_key})"),
        (["sh", "\0"], "CMD: a word of the command holds a NUL character"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_run_is_refused_with_what_to_do(here, command, message):
    with pytest.raises(UnderstudyError) as error:
        check_command(command)
    assert str(error.value) == message
