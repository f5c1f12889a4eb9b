"""Who may call: what differs in security requirements, and in the schemes that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.diff.facts import changed

if TYPE_CHECKING:
    from understudy.specs.diff.records import Api, ApiOperation
    from understudy.specs.diff.stating import MessageFacts


def compare_security(facts: MessageFacts, old: ApiOperation, new: ApiOperation) -> None:
    """State what differs in how the callers of an operation show who they are."""
    before = [_requirement(facts.base, a) for a in old.security]
    after = [_requirement(facts.revision, a) for a in new.security]
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
        (old.raw if "security" in old.raw else facts.base.document.root, "security"),
        (
            new.raw if "security" in new.raw else facts.revision.document.root,
            "security",
        ),
    )
    shown = {"old": [_words(a) for a in gone], "new": [_words(a) for a in come]}
    data = {"old": old, "new": new, "before": before, "after": after}
    facts.fact("security", action, "request", *spots, operation=new.key, data=data, **shown)


def _requirement(api: Api, alternative: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """An alternative by what its schemes are, so that renaming a scheme is no change."""
    return {signature(api.schemes.get(name), name): scopes for name, scopes in alternative.items()}


def compare_schemes(facts: MessageFacts) -> None:
    """State which security schemes differ."""
    for name in sorted({*facts.base.schemes, *facts.revision.schemes}):
        one, other = facts.base.schemes.get(name), facts.revision.schemes.get(name)
        if _scheme(one) == _scheme(other):
            continue
        action = changed("scheme", one, other)
        spots = (
            (one or facts.base.document.root, None if one else "components"),
            (
                other or facts.revision.document.root,
                None if other else "components",
            ),
        )
        facts.fact("security", action, "none", *spots, subject=name)


def signature(scheme: dict[str, Any] | None, name: str) -> str:
    """What a client has to do for a security scheme: "http bearer", "apikey header x-key". The names of
    headers have no case (RFC 9110, 5.1)."""
    if scheme is None:
        return name
    sent = scheme.get("name")
    if str(scheme.get("in")).lower() == "header":
        sent = str(sent).lower()
    parts = [scheme.get("type"), scheme.get("scheme"), scheme.get("in"), sent]
    return " ".join(str(p).lower() if n < 3 else str(p) for n, p in enumerate(parts) if p)


def _scheme(raw: dict[str, Any] | None) -> Any:
    """A scheme as it is compared; names of HTTP schemes and of headers have no case (RFC 9110, 11.1, 5.1)."""
    folded: tuple[str, ...] = ("scheme", "type", "in")
    if raw and str(raw.get("in")).lower() == "header":
        folded = (*folded, "name")
    return raw and {k: str(v).lower() if k in folded else v for k, v in raw.items() if k != "description"}


def spelled_out(name: str, scopes: tuple[str, ...]) -> str:
    """A scheme with the scopes that are asked for: "oauth2 (r w)"."""
    return f"{name} ({' '.join(scopes)})" if scopes else name


def _words(alternative: dict[str, tuple[str, ...]]) -> str:
    return " and ".join(spelled_out(n, s) for n, s in alternative.items()) or "nothing"
