"""What a receiver of callbacks promises: each promise tried on it, and judged by what it answered."""

from __future__ import annotations

import json
import secrets as random
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from understudy.contracts.receiver_verifier.made import STALE_SECONDS, MadeCallback, Vendor, challenge_of
from understudy.contracts.receiver_verifier.sending import SentCallback, counted, send

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ReceiverOutcome = Literal["kept", "broken", "not exercised"]


@dataclass(frozen=True, slots=True)
class ReceiverVerdict:
    """Whether a promise was kept, and why in one line; `sent` is what was sent and answered, line by line."""

    outcome: ReceiverOutcome
    text: str
    sent: tuple[str, ...] = ()
    warning: bool = False


@dataclass(frozen=True, slots=True)
class ReceiverPromise:
    id: str
    sentence: str
    judge: Callable[[Trial], ReceiverVerdict]
    needs_secret: bool = False
    # Tried for vendors that send challenges; of the others there is nothing to say.
    needs_challenge: bool = False


@dataclass(slots=True)
class Trial:
    """A receiver on trial: where it is, who calls back, what there is to tell, and how long it may take.

    task: the id that the callbacks tell;  check: asks how often the end was acted on, "" when nobody can
    """

    url: str
    vendor: Vendor
    callbacks: Sequence[MadeCallback]
    task: str
    seconds: float = 10.0
    check: str = ""
    log: list[str] = field(default_factory=list)

    @property
    def last(self) -> MadeCallback:
        return self.callbacks[-1]

    def send(self, what: str, raw: bytes, headers: Mapping[str, str]) -> SentCallback:
        sent = send(self.url, raw, headers, self.seconds)
        self.log.append(f"{what} → {sent}")
        return sent

    def genuine(self, one: MadeCallback) -> SentCallback:
        return self.send(one.status, one.raw, {**one.headers, **self.vendor.signed(one.raw)})

    def changed(self, what: str, raw: bytes) -> SentCallback:
        """Another body, rightly signed."""
        return self.send(what, raw, {**self.last.headers, **self.vendor.signed(raw)})


def answers_in_time(trial: Trial) -> ReceiverVerdict:
    """Each state of a task is answered with 2xx, in time."""
    sent = [(one, trial.genuine(one)) for one in trial.callbacks]
    bad = [f"{one.status}: {answer}" for one, answer in sent if not answer.taken]
    if bad:
        return ReceiverVerdict("broken", "; ".join(bad))
    return ReceiverVerdict("kept", f"at most {max(answer.ms for _, answer in sent)} ms")


def refuses_forged(trial: Trial) -> ReceiverVerdict:
    """A callback signed with another secret is refused."""
    other = "whsec_" + b64encode(random.token_bytes(24)).decode()
    headers = {**trial.last.headers, **trial.vendor.signed(trial.last.raw, secrets=(other,))}
    return _refused(trial.send(f"{trial.last.status}, signed by somebody else", trial.last.raw, headers))


def refuses_unsigned(trial: Trial) -> ReceiverVerdict:
    """A callback without a signature is refused."""
    return _refused(trial.send(f"{trial.last.status}, not signed", trial.last.raw, trial.last.headers))


def refuses_changed(trial: Trial) -> ReceiverVerdict:
    """A body that was changed after it was signed is refused."""
    headers = {**trial.last.headers, **trial.vendor.signed(trial.last.raw)}
    return _refused(trial.send(f"{trial.last.status}, changed after signing", trial.last.raw + b" ", headers))


def refuses_stale(trial: Trial) -> ReceiverVerdict:
    """A callback that was signed an hour ago is refused: somebody may have kept it."""
    headers = {**trial.last.headers, **trial.vendor.signed(trial.last.raw, age=STALE_SECONDS)}
    return _refused(trial.send(f"{trial.last.status}, an hour old", trial.last.raw, headers))


def takes_rotated(trial: Trial) -> ReceiverVerdict:
    """While a secret is being changed, a callback with both signatures is taken."""
    other = "whsec_" + b64encode(random.token_bytes(24)).decode()
    both = trial.vendor.signed(trial.last.raw, secrets=(other, *trial.vendor.secrets))
    return _taken(
        trial.send(f"{trial.last.status}, two signatures", trial.last.raw, {**trial.last.headers, **both})
    )


def takes_repeats_once(trial: Trial) -> ReceiverVerdict:
    """The same callback again is taken, and acted on once."""
    headers = {**trial.last.headers, **trial.vendor.signed(trial.last.raw)}
    before = counted(trial.check, trial.task) if trial.check else 0
    answers = [trial.send(trial.last.status, trial.last.raw, headers) for _ in range(3)]
    if not all(answer.taken for answer in answers):
        return ReceiverVerdict("broken", f"a repeat was answered {', '.join(str(a) for a in answers)}")
    if not trial.check:
        return ReceiverVerdict("kept", "answered; how often it acted on it, --check would say", warning=True)
    acted = counted(trial.check, trial.task)
    if acted > max(1, before):
        return ReceiverVerdict("broken", f"acted on the end of one task {acted} times")
    return ReceiverVerdict("kept", f"acted on it {acted} time{'' if acted == 1 else 's'}")


def takes_any_order(trial: Trial) -> ReceiverVerdict:
    """Callbacks in another order are taken."""
    sent = [trial.genuine(one) for one in reversed(trial.callbacks)]
    bad = next((answer for answer in sent if not answer.taken), None)
    return _taken(bad or sent[-1])


def takes_unknown_fields(trial: Trial) -> ReceiverVerdict:
    """Fields that nobody knows are no news."""
    value = json.loads(trial.last.raw)
    value = value | {"x_understudy_extra": {"unknown": [1, None]}} if isinstance(value, dict) else value
    return _taken(trial.changed(f"{trial.last.status}, one field more", json.dumps(value).encode()))


def survives_unknown_task(trial: Trial) -> ReceiverVerdict:
    """A task that the receiver does not know is no crash."""
    unknown = f"unknown-{random.token_hex(8)}"
    raw = trial.last.raw.replace(trial.task.encode(), unknown.encode())
    return _survived(trial.changed(f"{trial.last.status} of a task that nobody knows", raw))


def survives_unknown_status(trial: Trial) -> ReceiverVerdict:
    """A status that the receiver does not know is no crash."""
    raw = trial.last.raw.replace(json.dumps(trial.last.status).encode(), b'"x_understudy_unknown"')
    return _survived(trial.changed("a status that nobody knows", raw))


def survives_no_json(trial: Trial) -> ReceiverVerdict:
    """A body that is no JSON is no crash."""
    return _survived(trial.changed("half a body", trial.last.raw[: len(trial.last.raw) // 2]))


def answers_challenge(trial: Trial) -> ReceiverVerdict:
    """What a vendor asks to prove that somebody listens is answered with its own word."""
    word = random.token_hex(8)
    challenge = challenge_of(trial.vendor.family, word)
    if challenge is None:
        return ReceiverVerdict("not exercised", f"{trial.vendor.provider} sends no challenge")
    asked, wanted = challenge
    sent = trial.send("a challenge", json.dumps(asked).encode(), {"Content-Type": "application/json"})
    try:
        told = json.loads(sent.body)
    except ValueError:
        told = None
    if told == wanted:
        return ReceiverVerdict("kept", f"answered {sent}")
    return ReceiverVerdict("broken", f"answered {sent}, not {json.dumps(wanted)}")


RECEIVER_PROMISES = (
    ReceiverPromise("answers-in-time", "It accepts each state of a task, in time.", answers_in_time),
    ReceiverPromise(
        "refuses-forged", "It refuses a callback signed with another secret.", refuses_forged, True
    ),
    ReceiverPromise("refuses-unsigned", "It refuses an unsigned callback.", refuses_unsigned, True),
    ReceiverPromise("refuses-changed", "It refuses a callback changed after signing.", refuses_changed, True),
    ReceiverPromise("refuses-stale", "It refuses a callback signed an hour ago.", refuses_stale, True),
    ReceiverPromise(
        "takes-rotated-secrets", "It accepts a callback with two signatures.", takes_rotated, True
    ),
    ReceiverPromise("takes-repeats-once", "It acts once on a repeated callback.", takes_repeats_once),
    ReceiverPromise("takes-any-order", "It accepts callbacks in another order.", takes_any_order),
    ReceiverPromise("takes-unknown-fields", "It accepts unknown fields.", takes_unknown_fields),
    ReceiverPromise("survives-unknown-task", "It survives an unknown task.", survives_unknown_task),
    ReceiverPromise("survives-unknown-status", "It tolerates an unknown status.", survives_unknown_status),
    ReceiverPromise("survives-no-json", "It survives a body that is not JSON.", survives_no_json),
    ReceiverPromise(
        "answers-challenge", "It answers a vendor's challenge.", answers_challenge, needs_challenge=True
    ),
)


def tried(trial: Trial) -> list[tuple[ReceiverPromise, ReceiverVerdict]]:
    """Every promise with its verdict, in the order of the table."""
    found = []
    for promise in RECEIVER_PROMISES:
        if promise.needs_challenge and challenge_of(trial.vendor.family, "") is None:
            continue
        trial.log.clear()
        if promise.needs_secret and not trial.vendor.secrets:
            verdict = ReceiverVerdict("not exercised", "callbacks are signed when there is a --secret")
        else:
            verdict = promise.judge(trial)
        sent = tuple(trial.log)
        found.append((promise, ReceiverVerdict(verdict.outcome, verdict.text, sent, verdict.warning)))
    return found


def _refused(sent: SentCallback) -> ReceiverVerdict:
    if sent.refused:
        return ReceiverVerdict("kept", f"answered {sent.status}")
    if sent.taken:
        return ReceiverVerdict("broken", f"took it: answered {sent.status}")
    return ReceiverVerdict("broken", f"{sent}: that is no refusal, and is sent again")


def _taken(sent: SentCallback) -> ReceiverVerdict:
    return ReceiverVerdict("kept" if sent.taken else "broken", f"answered {sent}")


def _survived(sent: SentCallback) -> ReceiverVerdict:
    crashed = sent.status is None or sent.status >= 500
    return ReceiverVerdict("broken" if crashed else "kept", f"answered {sent}")
