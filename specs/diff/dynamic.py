"""What a `$dynamicRef` names on each way that leads to it (JSON Schema 2020-12, 8.2.3.2).

A schema with an `$id` may be a template: `List` has `items: {$dynamicRef: '#T'}`, and `Names` refers to
`List` with a `$dynamicAnchor: T` of its own. Each way to such a template gets a copy in which plain
references stand for the dynamic ones; the outermost schema that has the anchor decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.diff.document import BrokenReferenceError, mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.diff.document import ApiDocument, Raw

Bindings = dict[str, dict[str, Any]]
# Objects that are copied at most; what is beyond them is left as it is, and told to be not understood.
MOST_COPIES = 20_000


class DynamicReferences:
    """Binds the dynamic references of a document that are reached through a plain `$ref`."""

    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        # The anchors of each schema that has an `$id`, and the one that a schema stands in, by id.
        self.anchors: dict[int, Bindings] = {}
        self.homes: dict[int, int] = {}
        self.copies: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.templates: dict[int, bool] = {}
        self.made = 0

    def bind(self) -> None:
        """Point each `$ref` outside of such schemas to a copy of what it names."""
        self._survey(self.document.root, 0)
        for holder in list(mappings(self.document.root)):
            if isinstance(holder.get("$ref"), str) and not self.homes[id(holder)]:
                self._point(holder, holder, {})

    def _survey(self, root: Raw, home: int) -> None:
        stack = [(root, home)]
        while stack:
            node, home = stack.pop()
            if isinstance(node, dict):
                inside = id(node) if isinstance(node.get("$id"), str) else home
                self.homes[id(node)] = inside
                anchor = node.get("$dynamicAnchor")
                if inside and isinstance(anchor, str):
                    self.anchors.setdefault(inside, {})[anchor] = node
                stack += [(value, inside) for value in node.values()]
            elif isinstance(node, list):
                stack += [(value, home) for value in node]

    def _point(self, holder: dict[str, Any], original: dict[str, Any], bindings: Bindings) -> None:
        """Let `holder`, which is `original` or a copy of it, refer to what that names with these bindings."""
        try:
            target = self.document.step(original)
        except BrokenReferenceError:
            return  # told where it is used
        if isinstance(target, dict):
            self.document.bind(holder, self._instance(target, bindings))

    def _instance(self, node: dict[str, Any], bindings: Bindings) -> dict[str, Any]:
        bindings = {**self.anchors.get(self.homes.get(id(node), 0), {}), **bindings}
        if not bindings or not self._is_template(node) or self.made > MOST_COPIES:
            return node
        key = (id(node), *sorted((name, id(bound)) for name, bound in bindings.items()))
        if key not in self.copies:
            self.copies[key] = {}
            self._fill(self.copies[key], node, bindings)
        return self.copies[key]

    def _fill(self, copy: dict[str, Any], node: dict[str, Any], bindings: Bindings) -> None:
        self.made += 1
        self.document.made(copy, node)
        bindings = {**self.anchors.get(self.homes.get(id(node), 0), {}), **bindings}
        copy |= {key: self._copied(value, bindings) for key, value in node.items()}
        name = str(node.get("$dynamicRef", "")).removeprefix("#")
        if name in bindings:
            del copy["$dynamicRef"]
            copy["$ref"] = f"#{name}"
            self.document.bind(copy, self._instance(bindings[name], bindings))
        elif isinstance(node.get("$ref"), str):
            self._point(copy, node, bindings)

    def _copied(self, value: Any, bindings: Bindings) -> Any:
        if isinstance(value, list):
            return [self._copied(item, bindings) for item in value]
        if not isinstance(value, dict):
            return value
        copy: dict[str, Any] = {}
        self._fill(copy, value, bindings)
        return copy

    def _is_template(self, node: dict[str, Any]) -> bool:
        """Whether a dynamic reference is reached from a schema."""
        if id(node) not in self.templates:
            self.templates[id(node)] = any("$dynamicRef" in below for below in self._reached(node))
        return self.templates[id(node)]

    def _reached(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        seen: set[int] = set()
        stack: list[Raw] = [node]
        while stack:
            for below in mappings(stack.pop()):
                if id(below) in seen:
                    continue
                seen.add(id(below))
                yield below
                if isinstance(below.get("$ref"), str):
                    try:
                        stack.append(self.document.step(below))
                    except BrokenReferenceError:
                        continue


def has_templates(root: dict[str, Any]) -> bool:
    """Whether a schema among the components has an `$id`, as templates have."""
    components = root.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    return isinstance(schemas, dict) and any(isinstance(s, dict) and "$id" in s for s in schemas.values())
