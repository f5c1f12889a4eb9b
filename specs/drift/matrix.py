"""Every profile against the canonical spec and against each other, and the differences by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.drift.engine import Drift, compare
from understudy.specs.drift.finding import VERDICTS
from understudy.specs.drift.sides import load
from understudy.specs.library import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from understudy.specs.drift.finding import Finding
    from understudy.specs.rules import Levels

# Verdicts that a matrix speaks of.
LOUD = ("breaks clients", "breaks providers", "undecided", "warns", "strict")


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """One difference from the canonical spec, with the finding of each provider that has it."""

    surface: str
    title: str
    rule: str
    findings: tuple[tuple[str, Finding], ...]

    @property
    def worst(self) -> Finding:
        return min((f for _, f in self.findings), key=lambda f: VERDICTS.index(f.verdict))


@dataclass(frozen=True, slots=True)
class Matrix:
    """`drifts` maps (base, revision) to what a client of the base meets at the revision."""

    names: tuple[str, ...]
    drifts: dict[tuple[str, str], Drift]

    def fields(self) -> list[FieldDrift]:
        """The differences from the canonical spec, worst first, one for each field and rule."""
        found: dict[tuple[str, str, str], list[tuple[str, Finding]]] = {}
        for (base, revision), drift in self.drifts.items():
            if base != CANONICAL:
                continue
            for finding in drift.findings:
                if finding.verdict in LOUD:
                    key = (finding.surface, finding.title, finding.rule)
                    found.setdefault(key, []).append((revision, finding))
        rows = [FieldDrift(*key, tuple(sorted(who, key=lambda w: w[0]))) for key, who in found.items()]
        return sorted(rows, key=lambda r: (VERDICTS.index(r.worst.verdict), r.surface, r.title, r.rule))

    def grid(self) -> tuple[tuple[str, ...], ...]:
        """A head of revisions, and a line a base: how many findings break its clients / how many warn."""
        head = ("base \\ revision", *self.names)
        return (
            head,
            *((base, *(self._cell(base, revision) for revision in self.names)) for base in self.names),
        )

    def _cell(self, base: str, revision: str) -> str:
        if base == revision:
            return "-"
        verdicts = [f.verdict for f in self.drifts[base, revision].findings]
        return f"{verdicts.count('breaks clients')} / {verdicts.count('warns')}"


def matrix(
    names: Sequence[str],
    levels: Levels | None = None,
    began: Callable[[int, int, str, str], None] = lambda *_: None,
) -> Matrix:
    """Compare each of `names` with each other, in both orders. Raises UnderstudyError for an unknown name.

    `began` is told of each comparison before it is made: its number from 1, of how many, base and revision.
    """
    documents = {name: load(name) for name in names}
    pairs = [(base, revision) for base in documents for revision in documents if base != revision]
    drifts: dict[tuple[str, str], Drift] = {}
    for n, (base, revision) in enumerate(pairs, 1):
        began(n, len(pairs), base, revision)
        drifts[base, revision] = compare(documents[base], documents[revision], levels=levels, whole=False)
    return Matrix(tuple(documents), drifts)
