"""Whether two schemas say the same, references included, without walking what is equal letter by letter."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING

import orjson

from understudy.specs.diff.children import children_of
from understudy.specs.diff.document import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.diff.document import ApiDocument, Raw

# A key of `properties` may be called "enum"; the values of these keywords hold no references.
VALUES = frozenset(("enum", "const", "default", "example", "examples"))


class Sameness:
    """Callable: same(base, revision). True is sure; False means that somebody has to look closer."""

    def __init__(self, base: ApiDocument, revision: ApiDocument) -> None:
        self.base, self.revision = base, revision
        # 3.0 and 3.1 read the same letters differently, so there everything is looked at.
        self.comparable = (base.version == (3, 0)) == (revision.version == (3, 0))
        self._refs: dict[int, tuple[Raw, list[Raw]]] = {}
        self._texts: dict[int, tuple[Raw, bytes]] = {}
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, base: Raw, revision: Raw) -> bool:
        if not self.comparable:
            return False
        key = (id(base), id(revision))
        if key not in self._known:
            self._explore(base, revision)
        return self._known[key]

    def twins(self, bases: Sequence[Raw], revisions: Sequence[Raw]) -> dict[int, int]:
        """Which of `revisions` each of `bases` is the same as, by their places; each is a twin once."""
        if not self.comparable:
            return {}
        written: dict[bytes, list[int]] = {}
        for place, revision in enumerate(revisions):
            written.setdefault(self._text(revision), []).append(place)
        found = {}
        for place, base in enumerate(bases):
            # Only what is written alike can be the same.
            alike = written.get(self._text(base), [])
            twin = next((other for other in alike if self(base, revisions[other])), None)
            if twin is not None:
                alike.remove(twin)
                found[place] = twin
        return found

    def _explore(self, base: Raw, revision: Raw) -> None:
        """Settle every pair that is reachable through references: dirt spreads to all who refer to it."""
        users: dict[tuple[int, int], list[tuple[int, int]]] = {}
        dirty: list[tuple[int, int]] = []
        queue, seen = [(base, revision)], set()
        while queue:
            one, other = queue.pop()
            key = (id(one), id(other))
            if key in seen:
                continue
            seen.add(key)
            if key in self._known:
                if not self._known[key]:
                    dirty.append(key)
                continue
            if self._text(one) != self._text(other):
                dirty.append(key)
                continue
            below = [
                (self.base.target(mine), self.revision.target(theirs))
                for mine, theirs in zip(self._holders(one), self._holders(other), strict=True)
            ]
            children = self._children(one, other)
            if children is None:
                dirty.append(key)
                continue
            for a, b in below + children:
                users.setdefault((id(a), id(b)), []).append(key)
                queue.append((a, b))
        unclean = set(dirty)
        while dirty:
            for user in users.get(dirty.pop(), ()):
                if user not in unclean:
                    unclean.add(user)
                    dirty.append(user)
        self._known |= {key: key not in unclean for key in seen}

    def _children(self, one: Raw, other: Raw) -> list[tuple[Raw, Raw]] | None:
        """The children that a discriminator tells apart, in pairs; None where they are others."""
        if not isinstance(one, dict) or "discriminator" not in one:
            return []
        ours, theirs = children_of(one, self.base), children_of(other, self.revision)
        if ours.keys() != theirs.keys():
            return None
        return list(zip(ours.values(), theirs.values(), strict=True))

    def _text(self, raw: Raw) -> bytes:
        """A digest of `raw` as canonical JSON: order of keys does not count, and 1 is not true."""
        if id(raw) not in self._texts:
            try:
                text = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)
            except orjson.JSONEncodeError:  # a huge integer
                text = json.dumps(raw, sort_keys=True).encode()
            self._texts[id(raw)] = (raw, blake2b(text, digest_size=16).digest())
        return self._texts[id(raw)][1]

    def _holders(self, raw: Raw) -> list[Raw]:
        """The objects below `raw` that hold a `$ref`, in document order."""
        if id(raw) not in self._refs:
            self._refs[id(raw)] = (raw, list(_holders(raw)))
        return self._refs[id(raw)][1]


def _holders(raw: Raw) -> list[Raw]:
    found, stack = [], [raw]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(reference(node), str):
                found.append(node)
            # Sorted, so that two objects that differ in the order of their keys give the same order here.
            keys = sorted(k for k, v in node.items() if isinstance(v, dict | list) and k not in VALUES)
            stack += [node[k] for k in keys]
        elif isinstance(node, list):
            stack += [v for v in node if isinstance(v, dict | list)]
    return found
