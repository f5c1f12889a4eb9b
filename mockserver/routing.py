"""Paths to plays: what each profile answers under which prefix, and on which host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from mockserver.profile import Profile
    from mockserver.wire import Scope
    from mockserver.world import Play, World


class Table:
    """One profile's paths: `collections` take create and list, `items` are what stands before a task's id."""

    __slots__ = ("collections", "items", "profile")

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.collections: dict[bytes, Play] = {}
        self.items: dict[bytes, Play] = {}

    def add(self, prefix: str, play: Play) -> None:
        self.collections[(prefix + play.family.path).encode()] = play
        self.items[(prefix + play.family.query_path).encode()] = play

    def plays(self) -> list[Play]:
        return list(dict.fromkeys(self.collections.values()))

    def known(self) -> list[tuple[str, str]]:
        """(method, path) of every operation."""
        both = [(m, path.decode()) for path in self.collections for m in ("POST", "GET")]
        return both + [("GET", path.decode() + "/{id}") for path in self.items]


class Routes:
    """The table for a request: by its host's first label when that names a profile, else the shared one."""

    def __init__(self, world: World) -> None:
        first = world.profiles[0]
        self.shared = Table(first)
        self.by_host: dict[bytes, Table] = {}
        self.by_prefix: dict[str, Profile] = {}
        for profile in world.profiles:
            table = self.by_host[profile.name.encode()] = Table(profile)
            for family in profile.families:
                play = world.plays[profile.name, family.name]
                for prefix in profile.prefixes:
                    if profile is first:
                        self.shared.add(prefix, play)
                    self.shared.add(f"/{profile.name}{prefix}", play)
                    table.add(prefix, play)
            self.by_prefix[f"/{profile.name}/"] = profile
        # With one profile there is no host to look at, and the hot path does not.
        self.hosts = self.by_host if len(world.profiles) > 1 else {}

    def table(self, host: bytes) -> Table:
        label = host.partition(b".")[0].lower()
        return self.hosts.get(label, self.shared)

    def profile_for(self, path: str, table: Table) -> Profile:
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
