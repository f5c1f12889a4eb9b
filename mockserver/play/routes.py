"""Where the operations of described APIs stand: paths with variables, as patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.told_apart import apart

if TYPE_CHECKING:
    from understudy.mockserver.play.described import DescribedFamily
    from understudy.mockserver.wire import Scope

SEGMENT, SEGMENTS = r"([^/]+)", r"(.+)"


class DescribedRoute:
    """One operation at one path: `/v1/{model}/predictions`. `prefix` is the family's name where it stands
    below it; `literal` says how particular it is, for routes that match the same path. `families` are those
    whose tasks may be asked for there, `played` is the first. `mark` is what tells it apart from others at
    the same path, None where nothing does: `/?Action=SubmitLoop`."""

    __slots__ = (
        "families", "kind", "literal", "mark", "method", "names", "path", "pattern", "played", "prefix"
    )  # fmt: skip

    def __init__(self, played: DescribedFamily, kind: str, method: str, path: str, prefix: str) -> None:
        self.played = played
        self.families = [played]
        self.kind = kind
        self.method = method
        self.path = path
        self.prefix = prefix
        self.names = [name for name, _ in VARIABLE.findall(path)]
        bare, self.mark = apart(path)
        parts = VARIABLE.split(prefix + bare)
        # Of two routes at one path the one with a mark is looked at first.
        self.literal = sum(len(part) for part in parts[::3]) + (self.mark is not None)
        self.pattern = re.compile(
            "".join(
                re.escape(part) if i % 3 == 0 else (SEGMENTS if parts[i + 1] else SEGMENT)
                for i, part in enumerate(parts)
                if i % 3 != 2
            )
        )

    def match(self, path: str) -> dict[str, str] | None:
        """The path's variables, None when it is another path."""
        found = self.pattern.fullmatch(path)
        return None if found is None else dict(zip(self.names, map(unquote, found.groups()), strict=True))

    def is_meant(self, scope: Scope) -> bool:
        """Whether a request at its path has its mark."""
        mark = self.mark
        if mark is None:
            return True
        name = mark.name.lower().encode()
        header = next((value for key, value in scope["headers"] if key == name), b"")
        return mark.is_on(scope["query_string"].decode("latin-1"), header.decode("latin-1"))


def add_routes(known: list[DescribedRoute], more: list[DescribedRoute]) -> None:
    """Add routes to `known`; where another family of the same profile has the operation, it is one route."""
    places = {(one.kind, one.method, one.prefix + one.path, one.played.profile.name): one for one in known}
    for route in more:
        shared = places.get((route.kind, route.method, route.prefix + route.path, route.played.profile.name))
        if shared is None:
            known.append(route)
        else:
            shared.families += route.families


def routes_of(played: DescribedFamily, prefix: str) -> list[DescribedRoute]:
    """The routes of a family's operations below `prefix`."""
    axes = played.axes
    calls: list[tuple[str, str, str]] = [("create", axes.create.method, path) for path in axes.create.paths]
    calls.append(("query", axes.query.method, axes.query.path))
    if axes.results is not None and axes.results.call.path != axes.query.path:
        calls.append(("results", axes.results.call.method, axes.results.call.path))
    for kind, ending in (("cancel", axes.cancel), ("delete", axes.delete)):
        if ending is not None:
            calls.append((kind, ending.call.method, ending.call.path))
    if axes.listing is not None:
        calls.append(("list", axes.listing.method, axes.listing.path))
    if axes.batch is not None and axes.batch.path != axes.query.path:
        calls.append(("batch", axes.batch.method, axes.batch.path))
    if axes.stream is not None:
        calls.append(("stream", axes.stream.call.method, axes.stream.call.path))
    if axes.callback is not None:
        signed = axes.callback.signature
        calls += [("keys", "GET", signed.keys)] if signed.keys else []
        calls += [("secret", "GET", signed.secret_path)] if signed.secret_path else []
    return [DescribedRoute(played, kind, method, path, prefix) for kind, method, path in calls]
