"""A finding: a fact, a judgement and a proof."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from understudy.specs.diff.document import Place
    from understudy.specs.witness.proof import Witness

# breaks clients, breaks providers: proven with a witness, for those who stay with the base
# warns        no payload is refused for it, or policy says that it only warns
# undecided    could break; neither a witness nor a proof that there is none
# strict       only a sender who sends what his document does not declare is refused
# compatible   of no harm
# no effect    a rule says that it breaks, and it is shown that no payload tells the sides apart
Verdict = Literal[
    "breaks clients", "breaks providers", "undecided", "warns", "strict", "compatible", "no effect"
]
VERDICTS: tuple[Verdict, ...] = (
    "breaks clients",
    "breaks providers",
    "undecided",
    "warns",
    "strict",
    "compatible",
    "no effect",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One drift.

    rule         id of the rule
    where        the part that changed, from the top of the nearest body: "image_list[].image"
    reach        every operation, parameter or body that it reaches, sorted; `surface` is the one shown
    reason       why there is no witness, or a hint
    fingerprint  of rule, place and values; the same across commits and line numbers
    waived       the reason of the waiver that fits, ""
    """

    rule: str
    verdict: Verdict
    title: str
    surface: str = ""
    where: str = ""
    direction: str = "none"
    area: str = "schema"
    old: Any = None
    new: Any = None
    base: Place | None = None
    revision: Place | None = None
    reach: tuple[str, ...] = ()
    witness: Witness | None = None
    reason: str = ""
    fingerprint: str = ""
    waived: str = ""


def fingerprint(*parts: Any) -> str:
    """Twelve hexadecimal digits for what a finding is about."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def order(finding: Finding) -> tuple[Any, ...]:
    """Worst first, then by place."""
    return (
        VERDICTS.index(finding.verdict),
        finding.surface,
        finding.where,
        finding.rule,
        finding.title,
        finding.fingerprint,
    )
