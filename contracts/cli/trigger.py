"""`understudy trigger`: send a receiver a callback as a provider would; with --suite, grade it."""

from __future__ import annotations

import secrets as random
import sys
import time
from typing import TYPE_CHECKING

import click

from understudy.specs.cli.names import PROVIDER
from understudy.specs.cli.report_options import formats, report_options, typed
from understudy.specs.errors import UnderstudyError
from understudy.specs.report import (
    Detail,
    Level,
    Report,
    ReportRow,
    browse,
    emit,
    parse_targets,
    prepared,
)
from understudy.specs.say import say

if TYPE_CHECKING:
    from understudy.contracts.receiver_verifier.suite import Trial

# Imports stand in the functions that need them: help, completion and complaints come 50 ms sooner.

BROKEN, COULD_NOT_TELL = 1, 3
LEVELS: dict[str, Level] = {"kept": "pass", "broken": "fail", "not exercised": "skip"}


@click.command()
@click.argument("url")
@click.option("-p", "--provider", default="canonical", type=PROVIDER, show_default=True,
              help="The provider whose bodies and signatures are sent.")  # fmt: skip
@click.option("--family", default="", help="The family of the task [the provider's first].")
@click.option("--event", default="success", show_default=True,
              help="The status to report: one of the provider's, or success, failed, running…")  # fmt: skip
@click.option("--task", default="", metavar="ID", help="The task's id, if the receiver must know it.")
@click.option("--external-id", default="", metavar="ID", help="The client's own id of the task.")
@click.option("--secret", envvar="UNDERSTUDY_WEBHOOK_SECRET", default="", metavar="whsec_…",
              help="The secret to sign with; preferably in UNDERSTUDY_WEBHOOK_SECRET.")  # fmt: skip
@click.option("--forge", is_flag=True, help="Sign with another secret.")
@click.option("--unsigned", is_flag=True, help="Do not sign.")
@click.option("--stale", is_flag=True, help="Sign as of an hour ago.")
@click.option("--rotated-key", is_flag=True, help="Sign with another secret and the right one.")
@click.option("--repeat", default=1, type=click.IntRange(1, 1000), metavar="N", help="Send it N times.")
@click.option("--reorder", is_flag=True, help="Send all states, the last first.")
@click.option(
    "--challenge", is_flag=True, help="Send the challenge with which the provider verifies a receiver."
)
@click.option("--suite", is_flag=True, help="Send all variants, and print a grade card of the receiver.")
@click.option("--check", default="", metavar="CMD|URL",
              help="For --suite: says how often the end of {task} was acted on, as a number.")  # fmt: skip
@click.option("--timeout", default=10.0, show_default=True, type=click.FloatRange(0.1, 600.0),
              help="Seconds to wait for the receiver's answer.")  # fmt: skip
@report_options()
@click.option("-v", "--verbose", is_flag=True, help="Also show kept promises.")
def trigger(
    url: str,
    provider: str,
    family: str,
    event: str,
    task: str,
    external_id: str,
    secret: str,
    forge: bool,
    unsigned: bool,
    stale: bool,
    rotated_key: bool,
    repeat: int,
    reorder: bool,
    challenge: bool,
    suite: bool,
    check: str,
    timeout: float,
    reports: tuple[str, ...],
    as_json: bool,
    open_page: bool,
    verbose: bool,
) -> None:
    """Send the receiver at URL a callback as a provider would.

    \b
    understudy trigger http://127.0.0.1:3000/hook --event failed
    understudy trigger http://127.0.0.1:3000/hook --forge        must be refused
    understudy trigger http://127.0.0.1:3000/hook --suite --check 'psql -tAc "…"'

    Exit codes: 0 accepted (with --suite: every promise kept), 1 not accepted (a promise broken), 2 usage,
    3 no answer.
    """
    from understudy.contracts.receiver_verifier.made import Vendor, chosen, made_callbacks
    from understudy.contracts.receiver_verifier.sending import check_receiver_url, send
    from understudy.contracts.receiver_verifier.suite import Trial, answers_challenge

    url = check_receiver_url(url)
    if (forge or stale or rotated_key or unsigned) and not secret:
        raise UnderstudyError(
            "there is no secret to sign with",
            where="--secret",
            advice="use --secret, or set UNDERSTUDY_WEBHOOK_SECRET",
        )
    task = task or f"task-{random.token_hex(8)}"
    failing = event == "failed"
    played, callbacks = made_callbacks(
        provider, family, task=task, external_id=external_id, failing=failing and not suite
    )
    vendor = Vendor(provider, played, (secret,) if secret else ())
    if suite:
        targets = prepared(parse_targets(formats(reports, as_json=as_json)))
        began = time.time()
        trial = Trial(url, vendor, callbacks, task, timeout, check)
        report, code = _graded(trial, began)
        emit(report, targets, stream=sys.stdout, verbose=verbose)
        if open_page:
            browse(report, targets, stream=sys.stderr)
        sys.exit(code)
    if challenge:
        verdict = answers_challenge(Trial(url, vendor, callbacks, task, timeout))
        say(f"challenge: {verdict.text}")
        sys.exit({"kept": 0, "broken": BROKEN}.get(verdict.outcome, COULD_NOT_TELL))
    other = f"whsec_{random.token_hex(24)}"
    keys = (other,) if forge else () if unsigned else (other, secret) if rotated_key else vendor.secrets
    one = chosen(callbacks, played, event)
    taken, answered = True, False
    for sent in reversed(callbacks) if reorder else [one] * repeat:
        headers = {**sent.headers, **vendor.signed(sent.raw, secrets=keys, age=3600 if stale else 0)}
        answer = send(url, sent.raw, headers, timeout)
        say(f"{sent.status} of {task} → {answer}")
        taken, answered = taken and answer.taken, answered or answer.status is not None
    sys.exit(0 if taken else BROKEN if answered else COULD_NOT_TELL)


def _graded(trial: Trial, began: float) -> tuple[Report, int]:
    from understudy.contracts.receiver_verifier.suite import tried
    from understudy.specs.report.invocation import finished

    judged = tried(trial)
    silent = all("no answer" in line for line in judged[0][1].sent)
    code = COULD_NOT_TELL if silent else BROKEN if any(v.outcome == "broken" for _, v in judged) else 0
    rows = tuple(
        ReportRow(
            id=promise.id,
            title=promise.sentence,
            verdict="kept, but look" if verdict.warning else verdict.outcome,
            level="warn" if verdict.warning else LEVELS[verdict.outcome],
            text=verdict.text,
            details=(Detail("sent", "\n".join(verdict.sent)),) if verdict.outcome == "broken" else (),
            explanation=(promise.judge.__doc__ or "").split("\n", 1)[0],
            fingerprint=promise.id,
        )
        for promise, verdict in judged
    )
    told = finished(typed(), began, time.time(), code)
    facts = (("receiver", trial.url), ("provider", trial.vendor.provider), ("task", trial.task))
    return Report("Grade card of the receiver", rows, facts, invocation=told, tool="understudy trigger"), code
