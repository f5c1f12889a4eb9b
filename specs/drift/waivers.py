"""Waivers: findings that somebody decided to live with, for a reason and until a day.

[[waiver]]
fingerprint = "0123456789ab"     # printed with each finding
reason = "the client is changed in December"
expires = 2027-01-31             # the last day on which it holds
base = "canonical"               # optional: only when these two are compared
revision = "chainhub"
"""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.document import Place
from understudy.specs.drift.finding import Finding, fingerprint
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KEYS = ("fingerprint", "reason", "expires", "base", "revision")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One decision. `expires` is the last day on which it holds; `place` is where it is written."""

    fingerprint: str
    reason: str
    expires: datetime.date
    place: Place
    base: str = ""
    revision: str = ""

    def about(self, base: str, revision: str) -> bool:
        """Whether it speaks about this comparison."""
        return self.base in ("", base) and self.revision in ("", revision)


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file. Raises UnderstudyError, with file and line, for what is not one."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise UnderstudyError(f"cannot read the waivers: {error.strerror}", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnderstudyError(f"is not TOML: {error}", where=str(path)) from error
    unknown = sorted(set(data) - {"waiver"})
    if unknown:
        raise UnderstudyError(f"no table {unknown[0]!r}", where=str(path), advice="known: [[waiver]]")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[waiver]]")]
    entries = data.get("waiver", [])
    # Written as an inline list the tables have no lines of their own.
    lines += [0] * (len(entries) - len(lines))
    return tuple(_waiver(entry, Place(str(path), line)) for entry, line in zip(entries, lines, strict=False))


def _waiver(entry: dict[str, Any], place: Place) -> Waiver:
    unknown = sorted(set(entry) - set(KEYS))
    if unknown:
        raise UnderstudyError(f"no key {unknown[0]!r}", where=str(place), advice=f"known: {', '.join(KEYS)}")
    for key in ("fingerprint", "reason"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise UnderstudyError(f"a waiver needs a {key}", where=str(place))
    expires = entry.get("expires")
    if not isinstance(expires, datetime.date) or isinstance(expires, datetime.datetime):
        raise UnderstudyError("a waiver needs an expiry date", where=str(place), advice="2027-01-31")
    sides = {key: str(entry.get(key, "")) for key in ("base", "revision")}
    return Waiver(entry["fingerprint"], entry["reason"], expires, place, **sides)


def waive(
    findings: Iterable[Finding], waivers: Iterable[Waiver], *, base: str, revision: str, today: datetime.date
) -> tuple[Finding, ...]:
    """`findings`, waived where a waiver fits; one that is expired or fits nothing is a finding."""
    ours = [waiver for waiver in waivers if waiver.about(base, revision)]
    valid = {waiver.fingerprint: waiver for waiver in ours if waiver.expires >= today}
    out = []
    used = set()
    for finding in findings:
        waiver = valid.get(finding.fingerprint)
        if waiver is None:
            out.append(finding)
        else:
            used.add(waiver.fingerprint)
            out.append(replace(finding, waived=waiver.reason))
    for waiver in ours:
        if waiver.expires < today:
            out.append(_about(waiver, "waiver-expired", f"expired on {waiver.expires}: {waiver.reason}"))
        elif waiver.fingerprint not in used:
            out.append(_about(waiver, "waiver-not-needed", f"fits nothing: {waiver.reason}"))
    return tuple(out)


def _about(waiver: Waiver, rule: str, title: str) -> Finding:
    return Finding(
        rule=rule,
        verdict="warns",
        title=f"waiver {waiver.fingerprint} {title}",
        area="waiver",
        revision=waiver.place,
        reason="delete it, or renew it with a reason",
        fingerprint=fingerprint(rule, waiver.fingerprint),
    )
