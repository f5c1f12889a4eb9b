"""Families of tasks that a document describes in short, written out to whole operations before it is read.

Families of one vendor differ in few lines: the path, the request, what comes out. Such a document says the
rest once, as a form, and each family as an entry of it:

    x-forms:
      families:                           # the form of the entries of `x-families`
        paths:
          <path>:
            post:
              operationId: create_<ident>
              requestBody: {content: {application/json: {schema: <request>}}}
    x-families:
      text2video:
        path: /v1/videos/text2video
        request: {type: object, …}

`<path>` that stands alone is the entry's value, whatever that is, and its text inside a text; `<name>` is the
entry's key, `<ident>` the same with underscores. A member or an item that asks for a value which the entry
does not have is left out. A form is a part of a document: its members are added to the document's own, after
the others. Written out, `x-forms` and the entries are gone; what is made stands on the line of its entry.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError
from understudy.specs.readers.trees.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMS = "x-forms"
WORD = re.compile(r"<(\w+)>")


def written_out(root: Node, where: str) -> Node:
    """The document with every entry of its forms written out; itself where it has none.

    Raises UnderstudyError for a form without entries, and for entries that are no mappings, with the line.
    """
    forms = root.get(FORMS) if root.kind == "map" else None
    if forms is None:
        return root
    gone = {FORMS, *(f"x-{name.text}" for name, _ in forms.pairs)}
    made = Node("map", root.line, root.column, pairs=[(k, v) for k, v in root.pairs if k.text not in gone])
    for name, form in forms.pairs:
        entries = root.get(f"x-{name.text}")
        if entries is None or entries.kind != "map":
            raise UnderstudyError(
                f"the form {name.text!r} has no entries",
                where=f"{where}:{name.line}",
                advice=f"they stand in x-{name.text}: a mapping of names",
            )
        for key, entry in entries.pairs:
            if entry.kind != "map":
                raise UnderstudyError(f"{key.text} is no mapping", where=f"{where}:{key.line}")
            part = _Writer(key, entry).written(form)
            made = _joined(made, part) if part is not None else made
    return made


class _Writer:
    """Writes a form out for one entry."""

    def __init__(self, key: Node, entry: Node) -> None:
        self.line = key.line
        self.values: Mapping[str, Node] = {
            "name": self._text(key.text),
            "ident": self._text(key.text.replace("-", "_")),
            **{name.text: value for name, value in entry.pairs},
        }

    def written(self, form: Node) -> Node | None:
        """The form with the entry's values; None where it asks for one that the entry does not have."""
        if form.kind == "map":
            pairs = []
            for key, value in form.pairs:
                name, part = self.written(key), self.written(value)
                if name is not None and part is not None:
                    pairs.append((name, part))
            return Node("map", self.line, form.column, pairs=pairs)
        if form.kind == "seq":
            items = [part for item in form.items if (part := self.written(item)) is not None]
            return Node("seq", self.line, form.column, items=items)
        words = WORD.findall(form.text)
        if any(word not in self.values for word in words):
            return None
        if WORD.fullmatch(form.text):
            return self.values[words[0]]
        text = WORD.sub(lambda one: self.values[one[1]].text, form.text)
        return Node("scalar", self.line, form.column, text, form.plain, self.line)

    def _text(self, text: str) -> Node:
        return Node("scalar", self.line, 1, text, end_line=self.line)


def _joined(one: Node, more: Node) -> Node:
    """Both mappings' members; where both have one that is a mapping or a list, all that is in either."""
    pairs = list(one.pairs)
    places = {key.text: place for place, (key, _) in enumerate(pairs)}
    for key, value in more.pairs:
        place = places.get(key.text)
        if place is None:
            pairs.append((key, value))
            continue
        pairs[place] = (pairs[place][0], _both(pairs[place][1], value))
    return Node("map", one.line, one.column, pairs=pairs)


def _both(old: Node, new: Node) -> Node:
    if old.kind == new.kind == "seq":
        return Node("seq", old.line, old.column, items=[*old.items, *new.items])
    return _joined(old, new) if old.kind == new.kind == "map" else new
