"""Two schemas side by side: walks both once and states the differences, pair by pair.

A pair that was met before is not walked again: a component that a thousand operations use is compared once;
who uses it is kept in `parents` and `surfaces`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.bundle import Bundler
from understudy.specs.diff.document import MAX_CHAIN
from understudy.specs.diff.facts import Child, Pair, Surface, changed
from understudy.specs.diff.keywords import compare_keywords, speaks
from understudy.specs.diff.language import same
from understudy.specs.diff.limits import by_pattern, closing, either, property_limit
from understudy.specs.diff.plain import named
from understudy.specs.diff.schema import upgrade
from understudy.specs.diff.stating import SchemaFacts
from understudy.specs.diff.view import SchemaView, Views

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw
    from understudy.specs.diff.facts import Step
    from understudy.specs.diff.parts import Direction
    from understudy.specs.diff.view import Spot


class Walk:
    """Compares schemas of two documents. `pairs` are those with differences, in order of discovery."""

    def __init__(self, base: ApiDocument, revision: ApiDocument) -> None:
        self.base, self.revision = base, revision
        self.base_views, self.revision_views = Views(base), Views(revision)
        self.facts = SchemaFacts(base, revision)
        self.bundlers = {
            (side, direction): Bundler(document, direction)
            for side, document in (("base", base), ("revision", revision))
            for direction in ("request", "response")
        }
        self.pairs: list[Pair] = []
        self._known: dict[tuple[int, int, str], Pair] = {}
        self._empty: dict[tuple[str, int], Raw] = {}

    def surface(self, base: Raw, revision: Raw, surface: Surface) -> Pair | None:
        """Compare the schemas of a surface; None when they are the same."""
        pair = self._pair(base, revision, surface.direction)
        if pair is not None:
            pair.surfaces.append(surface)
        return pair

    def _pair(self, base: Raw, revision: Raw, direction: Direction) -> Pair | None:
        """The pair, walked with everything below it, or None when nothing differs."""
        first = self._known_or_new(base, revision, direction)
        if first is None or first[1] is False:
            return first[0] if first else None
        queue = deque([first[0]])
        while queue:
            pair = queue.popleft()
            for step, base_child, revision_child in self._compare(pair):
                found = self._known_or_new(base_child, revision_child, direction)
                if found is None:
                    continue
                child, new = found
                pair.children.append((step, child))
                child.parents.append((pair, step))
                if new:
                    queue.append(child)
        return first[0]

    def _known_or_new(self, base: Raw, revision: Raw, direction: Direction) -> tuple[Pair, bool] | None:
        base, revision = plain(base, self.base), plain(revision, self.revision)
        key = (id(base), id(revision), direction)
        if key in self._known:
            return self._known[key], False
        if self.facts.same(base, revision):
            return None
        pair = Pair(base, revision, direction)
        self._known[key] = pair
        self.pairs.append(pair)
        return pair, True

    def nothing(self, side: str, like: Raw) -> Raw:
        """A schema that demands nothing and stands where `like` does."""
        key = (side, id(like))
        if key not in self._empty:
            document = self.base if side == "base" else self.revision
            self._empty[key] = document.made({}, like)
        return self._empty[key]

    # --- one pair

    def _compare(self, pair: Pair) -> list[tuple[Step, Raw, Raw]]:
        old, new = self.base_views.view(pair.base), self.revision_views.view(pair.revision)
        if _union(new) and not old.branches and self._among(pair.base, new, base=True):
            old = _alone(pair.base, old, new)
        elif _union(old) and not new.branches and self._among(pair.revision, old, base=False):
            new = _alone(pair.revision, new, old)
        compare_keywords(self.facts, pair, old, new)
        children: list[tuple[Step, Raw, Raw]] = []
        # Where only one side allows objects at all, the change of type has said so.
        if speaks(old, new, "object"):
            children += self._properties(pair, old, new)
            children += self._additional(pair, old, new)
            self._required(pair, old, new)
        if speaks(old, new, "array"):
            children += self._items(pair, old, new)
        children += self._branches(pair, old, new)
        return children

    def _marked(self, side: str, pair: Pair, child: Raw) -> bool:
        return child is not None and self.bundlers[side, pair.direction].marked(child)

    def _properties(self, pair: Pair, old: SchemaView, new: SchemaView) -> list[tuple[Step, Raw, Raw]]:
        children: list[tuple[Step, Raw, Raw]] = []
        for name in [*old.properties, *(n for n in new.properties if n not in old.properties)]:
            before, after = old.properties.get(name), new.properties.get(name)
            # What is demanded is known, whatever it looks like.
            if before is None and name in old.required:
                before = self.nothing("base", pair.base)
            if after is None and name in new.required:
                after = self.nothing("revision", pair.revision)
            if before is not None and after is not None:
                children.append((("property", name), before, after))
                continue
            present, side = (old, "base") if before is not None else (new, "revision")
            marked = self._marked(side, pair, present.properties[name])
            needed = name in present.required and not marked
            action = (
                ("required-" if needed else "") + "property-" + ("removed" if side == "base" else "added")
            )
            limits = {
                "base_limit": property_limit(old, name, self._demands("base", pair, old, name)),
                "revision_limit": property_limit(new, name, self._demands("revision", pair, new, name)),
            }
            self.facts.fact(pair, action, old, new, ("properties", name), subject=name, **limits)
        return children + self._patterns(pair, old, new)

    def _patterns(self, pair: Pair, old: SchemaView, new: SchemaView) -> list[tuple[Step, Raw, Raw]]:
        """Properties by pattern: those of one pattern belong together, however it is written."""
        children: list[tuple[Step, Raw, Raw]] = []
        gone, come = dict(old.patterns), dict(new.patterns)
        for pattern in list(gone):
            twin = next((p for p in come if same(pattern, p)), None)
            if twin is not None:
                children.append((("pattern", pattern), gone.pop(pattern), come.pop(twin)))
        if (gone or come) and not self._together(gone, come):
            action = changed("pattern-properties", gone or None, come or None)
            limits = {"base_limit": by_pattern(old), "revision_limit": by_pattern(new)}
            shown = {"old": list(gone) or None, "new": list(come) or None}
            self.facts.fact(pair, action, old, new, "patternProperties", **shown, **limits)
        return children

    def _together(self, gone: dict[str, Raw], come: dict[str, Raw]) -> bool:
        """Whether patterns with one schema name the same properties together: ^a and ^b, and ^[ab]."""
        if not gone or not come:
            return False
        alike = all(self.facts.same(one, other) for one in gone.values() for other in come.values())
        return alike and same(either(gone), either(come))

    def _demands(self, side: str, pair: Pair, view: SchemaView, name: str) -> bool:
        return name in view.required and not self._marked(side, pair, view.properties.get(name))

    def _required(self, pair: Pair, old: SchemaView, new: SchemaView) -> None:
        for name in sorted({*old.required, *new.required}):
            lacking = old if name not in old.properties else new
            if (name in old.properties) != (name in new.properties) and name not in lacking.required:
                continue  # said with the property itself
            before, after = self._demands("base", pair, old, name), self._demands("revision", pair, new, name)
            if before != after:
                action = "property-became-required" if after else "property-became-optional"
                spots = ("required", name)
                old.spots.setdefault(spots, old.required.get(name, old.spot(("properties", name))))
                new.spots.setdefault(spots, new.required.get(name, new.spot(("properties", name))))
                limit = {"required": [name]}
                self.facts.fact(
                    pair,
                    action,
                    old,
                    new,
                    spots,
                    subject=name,
                    base_limit=limit if before else True,
                    revision_limit=limit if after else True,
                )

    def _items(self, pair: Pair, old: SchemaView, new: SchemaView) -> list[tuple[Step, Raw, Raw]]:
        children: list[tuple[Step, Raw, Raw]] = []
        before, after = old.children.get("items"), new.children.get("items")
        base_items = self.nothing("base", pair.base) if before is None else before
        revision_items = self.nothing("revision", pair.revision) if after is None else after
        if before is not None or after is not None:
            children.append((("item", None), base_items, revision_items))
        for n in range(max(len(old.prefix), len(new.prefix))):
            one = old.prefix[n] if n < len(old.prefix) else base_items
            other = new.prefix[n] if n < len(new.prefix) else revision_items
            children.append((("prefix", n), one, other))
        return children

    def _additional(self, pair: Pair, old: SchemaView, new: SchemaView) -> list[tuple[Step, Raw, Raw]]:
        children: list[tuple[Step, Raw, Raw]] = []
        before, after = old.children.get("additionalProperties"), new.children.get("additionalProperties")
        schemas = isinstance(before, dict) or isinstance(after, dict)
        if schemas and before is not False and after is not False:
            base_more = self.nothing("base", pair.base) if before is None else before
            revision_more = self.nothing("revision", pair.revision) if after is None else after
            children.append((("additional", None), base_more, revision_more))
        limits = {"base_limit": closing(old), "revision_limit": closing(new)}
        if (before is False) != (after is False):
            action = "additional-properties-" + ("closed" if after is False else "opened")
            self.facts.fact(pair, action, old, new, "additionalProperties", **limits)
        elif before is False:
            # Closed on both sides, but properties that stand in another part count as further ones.
            known = old.properties.keys() & new.properties.keys()
            for word, names in (("closed", old.beside - new.beside), ("opened", new.beside - old.beside)):
                if names & known:
                    action = f"additional-properties-{word}"
                    self.facts.fact(pair, action, old, new, "additionalProperties", **limits)
        return children

    # --- oneOf, anyOf

    def _branches(self, pair: Pair, old: SchemaView, new: SchemaView) -> list[tuple[Step, Raw, Raw]]:
        children: list[tuple[Step, Raw, Raw]] = []
        keys = [k for k in ("oneOf", "anyOf") if k in old.branches or k in new.branches]
        if len(keys) == 2 and len(old.branches) == 1 and len(new.branches) == 1:
            (before,), (after,) = old.branches, new.branches
            self._choice(pair, "choice-changed", old, new, before, after)
            return children + self._match(pair, old, new, before, after)
        for key in keys:
            word = "one-of" if key == "oneOf" else "any-of"
            if key in old.branches and key in new.branches:
                children += self._match(pair, old, new, key, key)
            else:
                action = f"{word}-added" if key in new.branches else f"{word}-removed"
                self._choice(pair, action, old, new, key, key)
        return children

    def _choice(
        self,
        pair: Pair,
        action: str,
        left: SchemaView,
        right: SchemaView,
        before: str,
        after: str,
        /,
        **rest: Any,
    ) -> None:
        spot = ("choice", before, after)
        left.spots.setdefault(spot, left.spot(before))
        right.spots.setdefault(spot, right.spot(after))
        ours, theirs = left.branches.get(before), right.branches.get(after)
        limits = {
            "base_limit": {before: [Child(b) for b in ours]} if ours else True,
            "revision_limit": {after: [Child(b) for b in theirs]} if theirs else True,
        }
        self.facts.fact(pair, action, left, right, spot, **limits, **rest)

    def _match(
        self, pair: Pair, old: SchemaView, new: SchemaView, before: str, after: str
    ) -> list[tuple[Step, Raw, Raw]]:
        """Branches that belong together: equal ones, then those with one label, then a last one."""
        ours, theirs = old.branches[before], new.branches[after]
        twins = self.facts.same.twins(ours, theirs)
        come = dict(enumerate(theirs))
        for number in twins.values():
            del come[number]
        labelled: dict[Any, deque[int]] = {}
        for number, branch in come.items():
            labelled.setdefault(self._label(self.revision_views, branch), deque()).append(number)
        gone: list[Raw] = []
        children: list[tuple[Step, Raw, Raw]] = []
        for number, branch in enumerate(ours):
            if number in twins:
                continue
            label = self._label(self.base_views, branch)
            if label and labelled.get(label):
                twin = labelled[label].popleft()
                children.append((("branch", self._called(theirs[twin], twin)), branch, come.pop(twin)))
            else:
                gone.append(branch)
        if len(gone) == len(come) == 1:
            ((number, branch),) = come.items()
            children.append((("branch", self._called(branch, number)), gone[0], branch))
            return children
        word = "one-of" if after == "oneOf" else "any-of"
        if gone:
            old.spots["choice", before, after] = _spot(gone[0], old, before)
            names = [self._name(self.base_views, b) for b in gone]
            self._choice(pair, f"{word}-branch-removed", old, new, before, after, old=names)
        if come:
            new.spots["choice", before, after] = _spot(next(iter(come.values())), new, after)
            names = [self._name(self.revision_views, b) for b in come.values()]
            self._choice(pair, f"{word}-branch-added", old, new, before, after, new=names)
        return children

    def _label(self, views: Views, branch: Raw) -> Any:
        """What a branch is recognised by: its component's name, its title, a constant property."""
        if isinstance(branch, dict):
            if isinstance(branch.get("$ref"), str):
                return ("ref", branch["$ref"].rsplit("/", 1)[-1])
            if isinstance(branch.get("title"), str):
                return ("title", branch["title"])
        view = views.view(branch)
        values = {name: _only_value(views.view(child)) for name, child in view.properties.items()}
        consts = sorted((name, repr(value[0])) for name, value in values.items() if value)
        return tuple(consts) or tuple(view.plain.get("type", ()))

    def _among(self, raw: Raw, union: SchemaView, *, base: bool) -> bool:
        """Whether a schema is recognised among the alternatives of the other side."""
        mine, theirs = self.base_views, self.revision_views
        if not base:
            mine, theirs = theirs, mine
        label = self._label(mine, raw)
        ((_, branches),) = union.branches.items()
        return any(
            (self.facts.same(raw, b) if base else self.facts.same(b, raw))
            or (label and self._label(theirs, b) == label)
            for b in branches
        )

    def _called(self, branch: Raw, number: int) -> str:
        """What an alternative of the revision is called in places: its component, title or constant property,
        or its number from 1."""
        if isinstance(branch, dict):
            if isinstance(branch.get("$ref"), str):
                return str(branch["$ref"].rpartition("/")[2])
            if isinstance(branch.get("title"), str):
                return str(branch["title"])
            label = self._label(self.revision_views, branch)
            if label and isinstance(label[0], tuple):
                return " ".join(f"{name} {value}" for name, value in label[:2])
        return f"choice {number + 1}"

    def _name(self, views: Views, branch: Raw) -> str:
        if isinstance(branch, dict) and isinstance(branch.get("$ref"), str):
            return str(branch["$ref"].rsplit("/", 1)[-1])
        if not isinstance(branch, dict):
            return str(branch).lower()
        label = self._label(views, branch)
        if "title" not in branch and label and isinstance(label[0], tuple):
            return " ".join(f"{name} {value}" for name, value in label)
        return str(branch.get("title") or branch.get("type") or "a schema")


def _spot(branch: Raw, view: SchemaView, key: str) -> Spot:
    """Where an alternative stands."""
    return (branch, None) if isinstance(branch, dict) else view.spot(key)


def _only_value(view: SchemaView) -> list[Any]:
    """The value of a schema that takes one alone, however that is written; [] where it takes several."""
    if "const" in view.plain:
        return [view.plain["const"]]
    values = view.plain.get("enum", ())
    return list(values) if len(values) == 1 else []


def _union(view: SchemaView) -> bool:
    """Whether a schema is nothing but a choice."""
    return len(view.branches) == 1 and not (
        view.plain or view.properties or view.patterns or view.required or view.children or view.rest
    )


def _alone(raw: Raw, view: SchemaView, other: SchemaView) -> SchemaView:
    """A schema as a choice of one, beside a choice of several: what was added is what the others are."""
    (key,) = other.branches
    made = SchemaView(
        raw, branches={key: [raw]}, notes=view.notes, spots={k: view.spot(k) for k in view.notes}
    )
    made.spots[key] = (raw, None)
    return made


def plain(raw: Raw, document: ApiDocument) -> Raw:
    """What a reference names in the end, or an `allOf` of one that says nothing else; a reference with limits
    beside it (3.1) is a schema of its own."""
    for _ in range(MAX_CHAIN):
        raw = named(raw, document)
        parts = raw.get("allOf") if isinstance(raw, dict) else None
        if not isinstance(parts, list) or len(parts) != 1 or set(upgrade(raw, document)) != {"allOf"}:
            break
        (raw,) = parts
    return raw
