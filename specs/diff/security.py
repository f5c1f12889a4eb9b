"""Who may call: what differs in security requirements, and in the schemes that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specs.diff.facts import changed

if TYPE_CHECKING:
    from specs.diff.api import Api, Operation
    from specs.diff.compare import Comparison


def compare_security(comparison: Comparison, old: Operation, new: Operation) -> None:
    """State what differs in how the callers of an operation show who they are."""
    before = [_requirement(comparison.base, a) for a in old.security]
    after = [_requirement(comparison.revision, a) for a in new.security]
    gone = [a for a in before if a not in after]
    come = [a for a in after if a not in before]
    if not gone and not come and bool(before) == bool(after):
        return
    action = "security-changed"
    if not before:
        action = "security-added"
    elif not after:
        action = "security-removed"
    elif not come:
        action = "security-alternative-removed"
    elif not gone:
        action = "security-alternative-added"
    spots = (
        (old.raw if "security" in old.raw else comparison.base.document.root, "security"),
        (
            new.raw if "security" in new.raw else comparison.revision.document.root,
            "security",
        ),
    )
    shown = {"old": [_words(a) for a in gone], "new": [_words(a) for a in come]}
    data = {"old": old, "new": new, "before": before, "after": after}
    comparison.fact("security", action, "request", *spots, operation=new.key, data=data, **shown)


def _requirement(api: Api, alternative: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """An alternative by what its schemes are, so that renaming a scheme is no change."""
    return {signature(api.schemes.get(name), name): scopes for name, scopes in alternative.items()}


def compare_schemes(comparison: Comparison) -> None:
    """State which security schemes differ."""
    for name in sorted({*comparison.base.schemes, *comparison.revision.schemes}):
        one, other = comparison.base.schemes.get(name), comparison.revision.schemes.get(name)
        if _scheme(one) == _scheme(other):
            continue
        action = changed("scheme", one, other)
        spots = (
            (one or comparison.base.document.root, None if one else "components"),
            (
                other or comparison.revision.document.root,
                None if other else "components",
            ),
        )
        comparison.fact("security", action, "none", *spots, subject=name)


def signature(scheme: dict[str, Any] | None, name: str) -> str:
    """What a client has to do for a security scheme: "http bearer", "apiKey header X-Key"."""
    if scheme is None:
        return name
    parts = [scheme.get("type"), scheme.get("scheme"), scheme.get("in"), scheme.get("name")]
    return " ".join(str(p).lower() if n < 3 else str(p) for n, p in enumerate(parts) if p)


def _scheme(raw: dict[str, Any] | None) -> Any:
    return raw and {k: v for k, v in raw.items() if k != "description"}


def _words(alternative: dict[str, tuple[str, ...]]) -> str:
    return " and ".join(f"{n} ({' '.join(s)})" if s else n for n, s in alternative.items()) or "nothing"
