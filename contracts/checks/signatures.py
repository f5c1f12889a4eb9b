"""Whether callbacks are signed as the API says: Standard Webhooks, HMAC by a template, Ed25519."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from functools import partial
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.accounts import shown_key
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.table import CALLBACKS, SECRET, promise
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.specs.behaviour.signed import (
    HMAC,
    PUBLIC,
    STANDARD,
    public_keys,
    untold,
    wrong_ed25519,
    wrong_hmac,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome
    from understudy.specs.behaviour.axes import SignatureRule

SKEW_SECONDS = 300


@promise(
    "callback-signature",
    area="callbacks",
    operation="callback",
    sentence="A signed callback's signature matches the bytes received.",
    source="callbacks/taskChanged",
    needs=SECRET,
)
def callback_signature(view: TaskView) -> Iterator[Outcome]:
    rule = view.family.behaviour.signature
    if rule is not None and rule.scheme not in (STANDARD, HMAC, *PUBLIC):
        return  # none, or a word that is always the same
    if rule is not None and rule.scheme != STANDARD and untold(rule):
        yield Inconclusive(f"no header tells {', '.join(untold(rule))}, which is signed")
        return
    if rule is not None and rule.scheme in PUBLIC and view.deliveries and not _public_keys(view):
        yield Inconclusive(f"no public key could be fetched from {rule.keys or 'the provider'}")
        return
    expected = "v1,<HMAC-SHA256 over id.timestamp.body> in webhook-signature"
    if rule is not None and rule.scheme in PUBLIC:
        expected = f"an Ed25519 signature in {rule.header or 'webhook-signature'}"
    if rule is not None and rule.scheme == HMAC:
        expected = f"{rule.value} in {rule.header}, HMAC-SHA256 over {rule.over}"
    for delivery in view.deliveries:
        if shown_key(delivery.body.decode("utf-8", "replace")):
            continue  # it is not kept as it came: answers-hide-the-key says so
        problem = _signature_problem(view, delivery, rule)
        if not problem:
            yield Kept(delivery.number)
        else:
            yield Failure(
                "a callback's signature does not match",
                expected=expected,
                found=problem,
                deliveries=(delivery.number,),
                task=delivery.task,
            )


@promise(
    "callback-ids-differ",
    area="callbacks",
    operation="callback",
    sentence="Callbacks that say different things have different ids (Standard Webhooks, webhook-id).",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
)
def callback_ids_differ(view: TaskView) -> Iterator[Outcome]:
    rule, seen = view.family.behaviour.signature, dict[str, trace.Delivery]()
    for delivery in view.deliveries if rule is None or rule.scheme == STANDARD else ():
        name = trace.header(delivery.headers, "webhook-id")
        if not name:
            continue
        before = seen.setdefault(name, delivery)
        if before.body == delivery.body:
            yield Kept(delivery.number)
        else:
            yield Failure(
                "two callbacks that differ have one webhook-id: a receiver drops the second as a repetition",
                expected="a webhook-id of its own",
                found=f"{short(name)} twice",
                deliveries=(delivery.number, before.number),
                task=delivery.task,
            )


def _public_keys(view: TaskView) -> list[bytes]:
    """The keys that the provider publishes."""
    answers = [e.response.json() for e in view.role(trace.KEYS) if e.response]
    return [key for answer in answers for key in public_keys(answer)]


def _signature_problem(view: TaskView, delivery: trace.Delivery, rule: SignatureRule | None) -> str:
    if rule is not None and rule.scheme in PUBLIC:
        header = partial(trace.header, delivery.headers)
        return wrong_ed25519(rule, header, delivery.body, _public_keys(view))
    if rule is None or rule.scheme != HMAC:
        return wrong_signature(delivery.headers, delivery.body, delivery.received, view.webhook_secrets)
    secrets = view.webhook_secrets
    if rule.secret == "request":  # noqa: S105 - whose it is, not what it is
        task = next((one for one in view.tasks if one.label == delivery.task), None)
        named = view.family.behaviour.asked("callback_secret", task.body) if task is not None else None
        secrets = (named,) if isinstance(named, str) else ("",)
    return wrong_hmac(rule, lambda name: trace.header(delivery.headers, name.lower()), delivery.body, secrets)


def wrong_signature(headers: trace.Headers, body: bytes, received_ms: float, secrets: tuple[str, ...]) -> str:
    """What is wrong with a callback's signature; "" when any secret fits (Standard Webhooks, "Verifying")."""
    get = {n: trace.header(headers, f"webhook-{n}") for n in ("id", "timestamp", "signature")}
    missing = [f"webhook-{n}" for n, value in get.items() if not value]
    if missing:
        return f"no {missing[0]}"
    if not get["timestamp"].isdecimal():
        return f"webhook-timestamp is {get['timestamp']!r}"
    if abs(int(get["timestamp"]) - received_ms / 1000) > SKEW_SECONDS:
        return f"webhook-timestamp {get['timestamp']} is more than five minutes off"
    signed = f"{get['id']}.{get['timestamp']}.".encode() + body
    offered = get["signature"].split()
    return "" if any(f"v1,{sign(signed, s)}" in offered for s in secrets) else short(get["signature"])


def sign(data: bytes, secret: str) -> str:
    """HMAC-SHA256 of `data` as Base64; the key is the Base64 after `whsec_`."""
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = text.encode()
    return base64.b64encode(hmac.new(key, data, hashlib.sha256).digest()).decode()
