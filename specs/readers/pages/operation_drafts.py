"""An operation while the page that states it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.readers.pages.operation_roles import role_of_heading
from understudy.specs.readers.text.page_text import BODILESS

if TYPE_CHECKING:
    from understudy.specs.model import Field, FieldPath, Parameter

# The end of a path that is no word of a sentence.
_TELLING = re.compile(r"(?=.*[\d_-])[a-z][\w-]{3,60}")
# An action that asks for a task: `/?Action=GetResult`, `/?Action=DescribeClipJob`, `/api?action=clip_status`.
_ASKS = re.compile(
    r"\?\w{3,9}=(?:\w{0,60}(?:Get|Query|Describe)(?![a-z])|(?:\w{1,60}[_-])?(?:get|query|describe|fetch|status|result)(?:[_-]\w{1,60})?\Z)"
)
# The same as the last step of a path.
_ASKED = re.compile(r"/(?:query|status|results?|progress)\Z")


# So many fields has an example of a whole body, beside one that shows a single field.
MIN_WHOLE = 3


@dataclass(slots=True)
class Known:
    """The places of the fields of a body, and those of its lists."""

    paths: set[FieldPath] = field(default_factory=set)
    lists: set[FieldPath] = field(default_factory=set)


@dataclass(slots=True)
class OperationDraft:
    """An operation while the page is read."""

    method: str = ""
    path: str = ""
    line: int = 0
    servers: list[str] = field(default_factory=list)
    request: list[Field] = field(default_factory=list)
    responses: dict[str, list[Field]] = field(default_factory=dict)
    parameters: list[Parameter] = field(default_factory=list)
    # What the addresses of examples have behind their question marks, by name.
    asked: dict[str, Parameter] = field(default_factory=dict)
    examples: list[Any] = field(default_factory=list)
    # The same that are sent as a form, whose values are all texts.
    forms: list[dict[str, Any]] = field(default_factory=list)
    # What examples show of the request and of each response.
    shown: dict[str, list[Field]] = field(default_factory=dict)
    # Those of them that a description of a field shows, not an example of the whole body.
    described: set[FieldPath] = field(default_factory=set)
    # Rows of tables whose levels are lost, of the request ("body") and of each response.
    flat: dict[str, list[list[list[Field]]]] = field(default_factory=dict)
    # Whether an example sends it, or a line states it and nothing else: then it is there.
    sent: bool = False
    # What is in each of the lists above, by the list's identity.
    known: dict[int, Known] = field(default_factory=dict)
    # What the row of an overview calls it, and how deep the heading stands that it was stated under.
    label: str = ""
    level: int = 0
    # That heading, and which parts of an operation the headings of its own part have said.
    title: str = ""
    headed: set[str] = field(default_factory=set)
    # How many headings stand above it, and the operations that have its answer where none is said of them.
    part: int = 0
    alike: list[OperationDraft] = field(default_factory=list)
    # Whether what is stated of its request is of the others as well.
    is_for_all: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether nothing was read yet of what it sends and answers."""
        return not (self.request or any(self.responses.values()) or self.parameters or self.shown)

    @property
    def is_empty(self) -> bool:
        return self.says_nothing and not self.sent

    @property
    def sent_names(self) -> set[str]:
        """The names of the outer fields of its body, as they are stated or shown."""
        return {one.path[0] for one in (*self.request, *self.shown.get("body", ()))}

    @property
    def whole_examples(self) -> list[Any]:
        """The examples of its body, without those that show one field where others show more."""
        sizes = [len(one) for one in self.examples if isinstance(one, dict)]
        most = max(sizes, default=0)
        return [
            one
            for one in self.examples
            if not (isinstance(one, dict) and len(one) == 1 and most >= MIN_WHOLE)
        ]

    def is_called(self, text: str) -> bool:
        """Whether a text names the operation by the end of its path: "image2video only"."""
        last = self.path.rpartition("/")[2]
        return _TELLING.fullmatch(last) is not None and last in re.findall(r"[\w-]{1,80}", text)

    @property
    def role(self) -> str:
        """What it does to a task: create, query or list; "" for another method."""
        if self.method in BODILESS:
            is_of_one = "{" in self.path or self.path.rstrip("/").endswith(">")
            asks_by_id = is_of_one or any(name.lower().endswith("id") for name in self.asked)
            return "query" if asks_by_id or self._is_named_query() else "list"
        if self.method == "post":
            return "query" if _ASKS.search(self.path) or self._is_named_query() else "create"
        return ""

    def _is_named_query(self) -> bool:
        """Whether the end of its path or its label in a list of calls says that it asks for a task."""
        return _ASKED.search(self.path) is not None or role_of_heading(self.label) == "query"
