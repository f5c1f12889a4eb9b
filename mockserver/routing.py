"""Paths to plays: what each profile answers under which prefix, and on which host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.play.immediate import ImmediatePlay
    from understudy.mockserver.play.profile import PlayedProfile
    from understudy.mockserver.play.refusals import RefusalAnswers
    from understudy.mockserver.play.routes import DescribedRoute
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.wire import Scope
    from understudy.specs.behaviour import ImmediateOperation


def has_list(played: PlayedFamily) -> bool:
    """Whether a family's tasks can be listed where they are created."""
    return played.family.behaviour.operations.list is not None


class ImmediateRoute:
    """An operation that starts no task; what plays it is made when the first request comes."""

    __slots__ = ("_play", "_refusals", "behaviour", "profile")

    def __init__(
        self, profile: PlayedProfile, behaviour: ImmediateOperation, refusals: RefusalAnswers
    ) -> None:
        self.profile = profile
        self.behaviour = behaviour
        self._refusals = refusals
        self._play: ImmediatePlay | None = None

    @property
    def play(self) -> ImmediatePlay:
        """How this profile plays it."""
        if self._play is None:
            # Here: few clients ask for anything but tasks, and `serve` starts sooner without.
            from understudy.mockserver.play.immediate import ImmediatePlay

            self._play = ImmediatePlay(self.profile, self.behaviour, self._refusals)
        return self._play


class ProfileRoutes:
    """One profile's paths: `collections` take create and list, `items` are what stands before a task's id,
    `immediate` are the operations that start no task, by path and method."""

    __slots__ = ("collections", "described", "immediate", "items", "profile")

    def __init__(self, profile: PlayedProfile) -> None:
        self.profile = profile
        self.collections: dict[bytes, PlayedFamily] = {}
        self.items: dict[bytes, PlayedFamily] = {}
        self.immediate: dict[bytes, dict[str, ImmediateRoute]] = {}
        # The operations of described APIs, whose paths have variables anywhere.
        self.described: list[DescribedRoute] = []

    def add(self, prefix: str, played: PlayedFamily) -> None:
        if played.behaviour.axes is not None:
            self.add_described(described_routes(played, prefix))
            return
        self.collections[(prefix + played.family.path).encode()] = played
        self.items[(prefix + played.family.query_path).encode()] = played

    def add_described(self, routes: list[DescribedRoute]) -> None:
        """Add the routes of one family of a described API, if there are any."""
        if routes:
            from understudy.mockserver.play.routes import add_routes  # here: see `described_routes`

            add_routes(self.described, routes)

    def add_immediate(self, prefix: str, route: ImmediateRoute) -> None:
        place = route.behaviour.operation
        self.immediate.setdefault((prefix + place.path).encode(), {})[place.method] = route

    def matching(self, path: str) -> list[tuple[DescribedRoute, dict[str, str]]]:
        """The described routes that a path fits with its variables, the most particular first."""
        found = [(route, names) for route in self.described if (names := route.match(path)) is not None]
        return sorted(found, key=lambda pair: -pair[0].literal)

    @property
    def has_root(self) -> bool:
        """Whether an operation stands at "/": APIs do so that tell calls apart by a query or a header."""
        return any(route.mark is not None and route.match("/") is not None for route in self.described)

    def families(self) -> list[PlayedFamily]:
        described = (played for route in self.described for played in route.families)
        return list(dict.fromkeys([*self.collections.values(), *described]))

    def known(self) -> list[tuple[str, str]]:
        """(method, path) of every operation."""
        both = [("POST", path.decode()) for path in self.collections]
        both += [("GET", path.decode()) for path, played in self.collections.items() if has_list(played)]
        both += [("GET", path.decode() + "/{id}") for path in self.items]
        both += [(method, path.decode()) for path, routes in self.immediate.items() for method in routes]
        return both + [(one.method, one.prefix + one.path) for one in self.described]


def described_routes(played: PlayedFamily, prefix: str) -> list[DescribedRoute]:
    """The routes of a family whose API a description describes; none for others."""
    if played.behaviour.axes is None:
        return []
    # Here: servers of Kling's API alone start sooner without (`mockserver.state.played_family`).
    from understudy.mockserver.play.described import DescribedFamily
    from understudy.mockserver.play.routes import routes_of

    return routes_of(played, prefix) if isinstance(played, DescribedFamily) else []


class Routes:
    """The table for a request: by its host's first label when that names a profile, else the shared one."""

    def __init__(self, state: ServerState) -> None:
        first = state.profiles[0]
        self.shared = ProfileRoutes(first)
        self.by_host: dict[bytes, ProfileRoutes] = {}
        self.by_prefix: dict[str, PlayedProfile] = {}
        for profile in state.profiles:
            table = self.by_host[profile.name.encode()] = ProfileRoutes(profile)
            for family in profile.families:
                played = state.families[profile.name, family.name]
                for prefix in profile.prefixes:
                    if profile is first:
                        self.shared.add(prefix, played)
                    self.shared.add(f"/{profile.name}{prefix}", played)
                    if profile is not first:
                        # Another API keeps its own paths, too, unless they begin with a variable.
                        own = described_routes(played, prefix)
                        self.shared.add_described([one for one in own if not one.path.startswith("/{")])
                    table.add(prefix, played)
            for operation in profile.behaviour.immediate:
                route = ImmediateRoute(profile, operation, state.refusals[profile.name])
                for prefix in profile.prefixes:
                    if profile is first:
                        self.shared.add_immediate(prefix, route)
                    self.shared.add_immediate(f"/{profile.name}{prefix}", route)
                    table.add_immediate(prefix, route)
            self.by_prefix[f"/{profile.name}/"] = profile
        # With one profile there is no host name to look at, and the hot path does not.
        self.hosts = self.by_host if len(state.profiles) > 1 else {}

    def table(self, host: bytes) -> ProfileRoutes:
        label = host.partition(b".")[0].lower()
        return self.hosts.get(label, self.shared)

    def profile_for(self, path: str, table: ProfileRoutes) -> PlayedProfile:
        """Whose words an unknown path is refused in."""
        for prefix, profile in self.by_prefix.items():
            if path.startswith(prefix):
                return profile
        return table.profile


def with_raw_path(scope: Scope) -> bytes:
    """The path as it came, for servers that tell it decoded only (ASGI leaves `raw_path` to them)."""
    raw = scope["raw_path"] = quote(scope["path"], safe="/$&+,;=:@!*'()~").encode()
    scope.setdefault("query_string", b"")
    return raw


def tidy(raw: bytes) -> bytes:
    """A path with doubled slashes and needless escapes taken out: b"//v1//a%62" -> b"/v1/ab"."""
    path = raw.decode("latin-1")
    if "%" in path:
        # An escaped slash belongs to its segment.
        path = "/".join(
            quote(unquote(part, "latin-1"), safe="$&+,;=:@!*'()~", encoding="latin-1")
            for part in path.split("/")
        )
    while "//" in path:
        path = path.replace("//", "/")
    return path.encode("latin-1")
