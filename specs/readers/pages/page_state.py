"""What is known of a page while its parts are read: its operations, and what the next part is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import Field, Parameter
from understudy.specs.readers.fields.shown_values import with_further
from understudy.specs.readers.pages.operation_drafts import Known, OperationDraft
from understudy.specs.readers.pages.page_operations import Operations
from understudy.specs.readers.pages.page_prose import named_in, text_of
from understudy.specs.readers.pages.unsaid_features import UnsaidFeatures
from understudy.specs.readers.text.base_addresses import base_paths
from understudy.specs.readers.text.page_text import NOISE

if TYPE_CHECKING:
    from understudy.specs.model import FieldPath
    from understudy.specs.readers.facts import FactLog

MAX_SHOWN = 500
MAX_ADDRESS = 2_000
MAX_ASKED = 40
MAX_BELOW_NAME = 2
MAX_BELOW_SENTENCE = 10  # renderers put buttons between a sentence and the example to which it leads
MAX_TO_BODY = 5  # lines between what heads an answer and its body: a status, a type of media
# So many fields tell what a list below an example is about, so many lines below it.
MIN_TOLD, MAX_TO_TOLD = 2, 8
_ASKED = re.compile(
    r"[?&]([A-Za-z_](?:[\w.]{0,78}\w)?(?:\[\w{0,40}\])?)(?:=([^&#\s`'\"]{0,200})|(?=[\s`'\"&]|\Z))"
)
# Where what a field says goes that is in no body.
PARAMETERS = ("query", "path", "header")
# The name of a type, in two words or more, and of those the ones that are a whole body.
_TYPE_NAME = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\Z")
_LIKE_HEADER = re.compile(r"[A-Z-]|auth|token|sign|key|nonce|timestamp|accept|secret")
_WHOLE = re.compile(
    r"Request|Param|Body|Input|Payload|Query|Quer|Respon|Result|Output|Return|Create|Submit|Generat|Callback|Header"
)


class PageState:
    """The operations read so far, and of the next part: section, status, the field that it is inside of."""

    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.operations = Operations(log)
        self.features = UnsaidFeatures(self.operations)
        self.bases = base_paths(log.document.lines)  # no operation is at one of them
        self.operations.bases = self.bases
        self.section, self.status = "body", "200"
        self.is_said = False  # whether a heading has said which section this is
        self.said_at = 0  # how many headings there were then
        self.said_line = 0  # and on which line it stands
        self.headers_at = -1  # the same of the last heading below which a table of headers was read
        self.inside: FieldPath = ()  # the field whose inner fields are being described
        self.heading = ""  # the last heading
        self.about = ""  # the field that the last heading names
        self.is_of_errors = False  # whether the last heading speaks of errors
        self.is_of_query = False  # whether the last heading that is of no part of a call speaks of a query
        self.types: dict[str, FieldPath] = {}  # fields whose type is a name that is described elsewhere
        self.unplaced = ""  # a type whose fields are being described, and no field says that it is of it
        self.listed: dict[str, list[tuple[str, int]]] = {}  # values in blocks under the names of fields
        # The line behind the last example of what a callback holds, and the keys of that.
        self.told: tuple[int, frozenset[str]] = (-1, frozenset())
        # The status of the answer to which a sentence leads, and its line: an example right below is one.
        # The operation of which a label says that the next answer is, "create" or "query", and its line.
        self.answered: tuple[str, int] = ("", -100)
        self.answer: tuple[str, int] = ("", -100)
        self.leads_to_fields = False  # whether that sentence speaks of fields
        # A name and nothing else on the last line, "data:", and where: a table below may be of its fields.
        self.named: tuple[str, int] = ("", 0)
        self.rows = 0
        self.loose: list[list[Field]] = []  # examples that stand apart from the calls of an overview
        # The objects that headings name in brackets, by their lines.
        self.holders: dict[int, str] = {}
        # What the heading above a table says of all its fields, and on which line: (required, line).
        self.presence: tuple[bool, int] | None = None

    @property
    def current(self) -> OperationDraft:
        return self.operations.current

    @property
    def is_past(self) -> bool:
        """Whether the section at hand is an answer or a callback of which a part before this one tells."""
        return self.section in ("callback", "response") and self.operations.part > self.said_at

    def is_answered_above(self, line: int) -> bool:
        """Whether one of the lines right above heads an answer."""
        return self.section == "response" and self.is_said and 0 < line - self.said_line <= MAX_TO_BODY

    def is_led_to(self, line: int) -> bool:
        """Whether a sentence right above an example leads to it as to an answer."""
        is_below = 0 < line - self.answer[1] <= MAX_BELOW_SENTENCE
        return self.section == "body" and is_below

    def turn_to_answer_fields(self, line: int) -> None:
        """Go to the answer where a sentence right above a list of fields leads to those of one."""
        is_below = 0 < line - self.answer[1] <= MAX_BELOW_SENTENCE
        if self.section == "body" and is_below and self.leads_to_fields and not self.inside:
            self.section, self.status, self.is_said = "response", self.answer[0], False

    def restart(self) -> None:
        """Another operation begins: nothing is said of its parts yet."""
        self.section, self.status, self.is_said = "body", "200", False
        self.inside, self.about, self.types, self.unplaced = (), "", {}, ""

    def turn_to_feature(self, names: set[str], line: int) -> None:
        """Begin another feature, if fields of these names are of one whose address the page does not say."""
        may_begin = (
            (self.section == "body" or self.is_past) and not self.inside and not self.operations.common
        )
        if may_begin and self.features.begins(names):
            if self.is_past:
                self.restart()
            self.features.begin(line)

    def turn_to_callback(self, names: set[str], line: int) -> None:
        """Fields below an example of a callback that all stand in it describe it, whatever heads them."""
        behind, keys = self.told
        if len(names) >= MIN_TOLD and names <= keys and 0 <= line - behind <= MAX_TO_TOLD:
            self.section, self.is_said = "callback", True

    def end_headers(self, names: set[str]) -> None:
        """A second table below what heads the headers has the fields of the body, where none of its names is
        written as a header's: what heads it was not understood."""
        if self.section != "header":
            return
        is_second, self.headers_at = self.headers_at == self.said_line, self.said_line
        if is_second and not any(map(_LIKE_HEADER.search, names)):
            self.section, self.is_said = "body", False

    def go_inside_named(self, names: set[str], line: int) -> None:
        """A table of an answer below a line that is a name, of which nothing else is said, has its fields."""
        name, above = self.named
        is_below = name and self.section == "response" and 0 < line - above <= MAX_BELOW_NAME
        if is_below and not self.inside and name not in names and self.place_of(name) is None:
            self.go_inside(name, above)

    def go_inside(self, name: str, line: int) -> None:
        """What follows is inside of a field of the body at hand, of which the page says nothing else."""
        self.inside = (name,)
        into = self.list_of(self.section)
        if (name,) not in self.known(into).paths:
            into.append(Field((name,), (), line=line))
            self.known(into).paths.add((name,))

    def place_of(self, name: str) -> tuple[str, Field] | None:
        """The section and the field that a name means: of the section at hand first."""
        draft = self.operations.with_body()
        several = [text_of(self.types[name])] if name in self.types else [name, *_as_fields(name)]
        bodies = [("body", draft.request), ("response", draft.responses.get(self.status, []))]
        if self.section == "response":
            bodies.reverse()
        for section, fields in bodies:
            for wanted in several:
                if found := named_in(fields, wanted):
                    return section, found
            for wanted in _as_holders(name):
                found = named_in(fields, wanted)
                if found and found.get("type") in ("array", "object"):
                    return section, found
        return None

    def is_type(self, name: str) -> bool:
        """Whether a name is that of a type, `ImageItem`, whose place no field says; a request is whole."""
        fields = self.list_of(self.section) if self.section not in PARAMETERS else []
        return bool(fields) and _TYPE_NAME.match(name) is not None and not _WHOLE.search(name)

    def show(self, draft: OperationDraft, place: str, fields: list[Field]) -> None:
        """Add what an example shows to what others have shown of the same body."""
        known = draft.shown.get(place, [])
        draft.shown[place] = with_further(known, fields)[: max(MAX_SHOWN, len(known))]

    def asked(self, text: str, line: int) -> None:
        """What an address has behind its question mark: parameters, where nothing states them."""
        known = self.current.asked
        for name, value in _ASKED.findall(text[:MAX_ADDRESS])[:MAX_ASKED]:
            if name.lower() not in NOISE and f"?{name}={value}" not in self.current.path:
                type_ = "integer" if value.isdigit() else "string"
                keyword = self.log.keyword("type", type_, line, "example")
                known.setdefault(name, Parameter("query", Field((name,), (keyword,), line=line)))

    def list_of(self, section: str) -> list[Field]:
        """The fields of the current body, of the request or of an answer."""
        if section == "response":
            return self.current.responses.setdefault(self.status, [])
        return self.operations.with_body().request

    def known(self, into: list[Field]) -> Known:
        """The places of the fields in one of those lists, which may be of an operation before this one."""
        sender = self.operations.with_body()
        owner = sender if into is sender.request else self.current
        return owner.known.setdefault(id(into), Known())


def _as_fields(name: str) -> list[str]:
    """How fields of a type of this name may be named: `ImageItem` → image_item, image, images, image_list."""
    if not _TYPE_NAME.match(name):
        return []
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    one = re.sub(r"_(?:item|object|element)\Z", "", snake)
    return [snake, one, f"{one}s", f"{one}_list"]


def _as_holders(name: str) -> list[str]:
    """How lists and objects of a type of this name may be named, whose first words say what it is of:
    `CatalogImageItem` → image_item, image, images, image_list."""
    words = re.findall(r"[A-Z][a-z0-9]*", name) if _TYPE_NAME.match(name) else []
    return [one for start in range(1, len(words) - 1) for one in _as_fields("".join(words[start:]))]
