"""Where operations are reached on two sides: what keeps its address, and which servers come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.diff.servers import path_of_address

if TYPE_CHECKING:
    from understudy.specs.diff.records import Api, ApiOperation
    from understudy.specs.diff.stating import MessageFacts


def moved(base: Api, revision: Api) -> dict[str, ApiOperation]:
    """Operations that stay at their address while a part of it moves between server and path."""
    found: dict[str, ApiOperation] = {}
    gone = [op for key, op in base.operations.items() if key not in revision.operations]
    come = [op for key, op in revision.operations.items() if key not in base.operations]
    by_address = {address: op for op in come for address in _addresses(op)}
    # Another host, or one that a relative address leaves open, is no other operation.
    by_path = {_path_of(address): op for address, op in by_address.items()}
    for old in gone:
        addresses = _addresses(old)
        same = [by_address[address] for address in addresses if address in by_address]
        same = same or [by_path[path] for path in map(_path_of, addresses) if path in by_path]
        if same and all(op is same[0] for op in same):
            found[old.key] = same[0]
    return found


def compare_servers(facts: MessageFacts, old: ApiOperation, new: ApiOperation) -> None:
    """State what differs in the servers at which an operation is reached."""
    data = {"old": old, "new": new}
    spots = (_servers_holder(facts.base, old), "servers"), (_servers_holder(facts.revision, new), "servers")
    rest = {"operation": new.key, "data": data}
    for url in old.servers.addresses:
        if not new.servers.has(url):
            facts.fact("server", "server-removed", "request", *spots, subject=url, **rest)
    for url in new.servers.addresses:
        if not old.servers.has(url):
            facts.fact("server", "server-added", "request", *spots, subject=url, **rest)
    for url, before in old.servers.defaults.items():
        after = new.servers.defaults.get(url, before)
        if after != before:
            named = {"subject": url, "old": before, "new": after, **rest}
            facts.fact("server", "server-default-changed", "request", *spots, **named)


def _servers_holder(api: Api, operation: ApiOperation) -> Any:
    return next((h for h in (operation.raw, operation.item) if "servers" in h), api.document.root)


def _addresses(operation: ApiOperation) -> list[str]:
    """ "GET https://a.example/v1/things/{}" for each of its servers; none of what the provider calls."""
    if operation.inverted:
        return []
    path = operation.key.partition(" ")[2]
    return [f"{operation.method} {address}" for address in operation.servers.reach(path)]


def _path_of(address: str) -> str:
    """ "GET https://a.example/v1/things" -> "GET /v1/things"."""
    method, _, url = address.partition(" ")
    return f"{method} {path_of_address(url)}"
