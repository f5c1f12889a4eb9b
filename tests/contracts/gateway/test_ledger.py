"""How it is read what was billed: from a URL or a command, of a task or an account, in any unit."""

from __future__ import annotations

import sys

import pytest

from understudy.contracts.gateway_verifier.ledger import Ledger
from understudy.specs.errors import UnderstudyError

PYTHON = f"'{sys.executable}' -c"


@pytest.mark.parametrize(
    ("ledger", "units"),
    [
        (Ledger("echo 3"), 3.0),
        (Ledger("echo 3", tells="left"), -3.0),
        (Ledger("echo 1500000", unit=500_000), 3.0),
        (Ledger("""echo '{"data": {"quota": 7}}'""", ("data", "quota")), 7.0),
        (Ledger("""echo '{"data": {"quota": "7.5"}}'""", ("data", "quota")), 7.5),
        (Ledger("echo {task} | wc -c"), 3.0),
        (Ledger(f"""{PYTHON} "import sys; print(len(sys.argv[1]))" {{key}}"""), 9.0),
    ],
)
def test_number_is_units_billed(ledger, units):
    assert ledger.read(key="k; echo 9", task="t1") == units


@pytest.mark.parametrize(
    ("ledger", "message"),
    [
        (Ledger("echo many"), "--ledger: 'many' is no number"),
        (Ledger("""echo '{"a": null}'""", ("a",)), """--ledger: /a of '{"a": null}' is no number"""),
        (Ledger("echo NaN"), "--ledger: 'NaN' is no number"),
        (Ledger("echo no such table >&2; exit 4"), "--ledger: ended with exit code 4: no such table"),
        (Ledger("http://127.0.0.1:9/account"), "--ledger: cannot be asked: "),
    ],
)
def test_what_tells_no_number_is_an_error(ledger, message):
    with pytest.raises(UnderstudyError) as error:
        ledger.read(key="k", task="t")
    assert str(error.value).startswith(message)


def test_task_in_it_makes_it_a_ledger_of_tasks():
    assert [Ledger(ask).of_accounts for ask in ("", "http://x/{task}", "http://x", "psql {key}")] == [
        False, False, True, True,
    ]  # fmt: skip
