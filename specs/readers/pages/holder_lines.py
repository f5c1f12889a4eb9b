"""Headings, and lines above tables, that name a field: what follows is about it, or inside of it."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.pages.page_prose import named_in, text_of

if TYPE_CHECKING:
    from understudy.specs.readers.pages.page_state import PageState

# So many headings are looked for among what the examples of so many operations show.
MAX_LOOKED_UP, MAX_SENDERS = 200, 20
# A heading that names a field in words is no longer.
MAX_SPACED = 100
# What is said of a field in brackets behind its name.
_ASIDE = re.compile(r"[(（][^()（）]{1,40}[)）]\s{0,3}\Z")
# A line that is a name and nothing else.
_HOLDER_ALONE = re.compile(r"[*`]{0,3}[a-z][a-z0-9]{0,40}(?:[A-Z_]\w{1,40})?[*`]{0,3}\s*\Z", re.ASCII)
_IDENTIFIER = re.compile(
    r"(?<![\w.$])[A-Za-z_$][\w$]*(?:\[\d*\])?(?:\.[A-Za-z_$][\w$]*(?:\[\d*\])?)*(?![\w$])"
)
# The things in a list, above a table: "Each frame:", "A frame has these fields:", 每个 frame 包含：.
_OF_EACH = re.compile(
    r"(?:(?:each|every|one|an?|per)\s|每(?:一)?个\s?|单个\s?)`?(?P<name>[A-Za-z]\w{1,40})`?(?:\s(?:object|item|entry|element))?"
    r"(?:\s?(?:has|have|holds|contains|takes|is|with|consists\sof|包含|包括|有|的)[^:：]{0,40})?\s?[:：]\Z",
    re.IGNORECASE,
)
# A line above a table, as copying leaves a heading.
_LIST_ALONE = re.compile(
    r"`?(?P<name>[A-Za-z]\w{0,60}(?:\.\w{1,60}){0,4})\[\]`?\s{0,3}(?:[(（][^()（）]{1,40}[)）])?\Z"
)
# Beside a field's name in a heading these say that what follows are the fields inside of it.
_OF_FIELD = re.compile(
    r"struct|limit|constraint|requirement|object|items?|elements?|fields?|attributes?|propert|param|schema|detail|format|content|each|inside|of|nested|child|sub"
    r"|限制|约束|要求|结构|对象|字段|元素|数组|参数|属性|子|说明|格式|内容|每",
    re.IGNORECASE,
)
_PLAIN_HOLDER = re.compile(
    r"(?P<name>[A-Za-z]\w{1,60})\s(?:objects?|items?|structure|对象|结构)\Z", re.IGNORECASE
)
# The same where the name is set in words: "Dynamic Masks Object Structure", where `dynamic_masks` is a list.
_SPACED_HOLDER = re.compile(
    r"(?P<words>[A-Za-z]\w{1,30}(?:\s[A-Za-z]\w{1,30}){0,3}?)\s(?:(?P<kind>objects?|arrays?|lists?|items?|elements?|entries|definitions?)"
    r"(?:\s(?:structure|schema|fields?|parameters?|properties|format|definition|details))?"
    r"|structure|schema|fields?|parameters?|properties|对象|结构|参数|字段)\Z",
    re.IGNORECASE,
)
# A numbered caption above a table of the fields inside of one: "Table 3 error parameters", 表4 content子参数.
_CAPTION = re.compile(
    r"(?:表|table|tab\.)\s?\d{1,2}(?:[-.]\d{1,2})?[\s:：.、]{0,3}[`*]{0,3}(?P<name>[A-Za-z_][A-Za-z0-9_]{1,60}(?:\.[A-Za-z0-9_]{1,60}){0,4})[`*]{0,3}\s{0,2}"
    r"(?:的?子?(?:参数|字段|属性|结构|对象|数据结构|节点)(?:说明|列表|描述)?|(?:object\s|sub-?|child\s|inner\s)?(?:parameters?|fields?|attributes?|properties|structure|object)(?:\s(?:description|list))?)?\s*\Z",
    re.IGNORECASE,
)


class HolderLines:
    """Looks for fields in lines, and tells the page which one it is about; `owner` is the operation that has it."""

    def __init__(self, page: PageState) -> None:
        self.page = page
        self.owner = page.current
        self.looked_up = 0  # how many headings were looked for among what examples show

    def unplaced(self, text: str) -> str:
        """The type that a heading names and nothing else, where no field says that it is of it; "" else."""
        name = _ASIDE.sub("", text).strip("#*`:： \t0123456789.、")
        name = re.sub(r"\s{0,3}(?:object|type|struct|对象|结构|类型)\Z", "", name, flags=re.IGNORECASE)
        return name if self.page.is_type(name) else ""

    def _spaced(self, text: str) -> str:
        """The list or object whose name a heading says in words of their own; "" where there is none."""
        found = _SPACED_HOLDER.match(text) if len(text) <= MAX_SPACED else None
        words = found["words"].lower().split() if found else []
        if len(words) == 1 and not (found and found["kind"]):
            return ""  # "Input parameters" are those of the request
        names = ["_".join(words), words[0] + "".join(one.title() for one in words[1:])] if words else []
        # "Element definition" is of the things in the list `elements`.
        lists = [f"{name}{end}" for name in names for end in ("s", "_list")]
        for name in [*names, *lists]:
            place = self.page.place_of(name)
            if place and place[1].get("type") in (("array",) if name in lists else ("array", "object")):
                return name
        return ""

    def _of_each(self, text: str) -> str:
        """The list whose things a line leads to: "Each frame:", where `frames` is one; "" where there is none."""
        found = _OF_EACH.match(text.strip("#* ")) if len(text) <= MAX_SPACED else None
        name = found["name"] if found else ""
        for one in (name, f"{name}s", f"{name}_list", name.lower(), f"{name.lower()}s") if name else ():
            place = self.page.place_of(one)
            if place and place[1].get("type") == "array":
                return one
        return ""

    def names_what_is_shown(self, text: str) -> bool:
        """Whether a heading is the name of a field of a request that only its example shows: "resolution (size)"."""
        name = _ASIDE.sub("", text[:MAX_SPACED]).strip("#*`:： \t")
        if not name.isidentifier() or self.looked_up == MAX_LOOKED_UP:
            return False
        self.looked_up += 1
        drafts = self.page.operations.drafts[:MAX_SENDERS]
        shown = [(one, named_in(one.shown.get("body", ()), name)) for one in drafts if not one.request]
        owners = [(one, field) for one, field in shown if field is not None]
        if len(owners) != 1:
            return False
        draft, found = owners[0]
        self.page.inside = ()
        self.page.about, self.owner = text_of(found.path), draft
        return True

    def _is_holder(self, name: str) -> bool:
        """Whether a name is that of a list or an object."""
        place = self.page.place_of(name)
        return place is not None and place[1].get("type") in ("array", "object")

    def names_a_holder(self, text: str, *, is_heading: bool = False) -> bool:
        """Whether a heading, or a line that leads to a table, names a field: then what follows is about it."""
        plain = _PLAIN_HOLDER.match(text) if not is_heading else None
        caption = _CAPTION.match(text[:MAX_SPACED].strip("#* "))
        if caption and self.page.place_of(caption["name"]):
            text = f"`{caption['name']}`:"
        elif (name := self._of_each(text)) or (name := self._spaced(text.strip("#*:： \t0123456789.、"))):
            text = f"`{name}`:"
        elif plain and self.page.place_of(plain["name"].lower()):
            text = plain["name"].lower()  # "Content Object" above a table, where `content` is a field
        elif not is_heading and (items := _LIST_ALONE.match(text)):
            text = items["name"]  # "frames[]" above a table, where `frames` is a list
        elif not is_heading and _HOLDER_ALONE.match(text) and self._is_holder(text.strip("*` ")):
            text = text.strip("*` ")  # "camera_control" above a table, where that is an object
        elif not is_heading and not text.rstrip().endswith((":", "：")):
            return False
        if len(text) > 120:
            return False
        for name in _IDENTIFIER.findall(text):
            place = self.page.place_of(name)
            if place is None:
                continue
            section, found = place
            rest = _ASIDE.sub("", text.replace(name, "", 1)).strip("#*`[]()（）:：.- \t0123456789")
            if rest and not _OF_FIELD.search(rest) and f"`{name}" not in text:
                continue
            self.page.about, self.page.unplaced = text_of(found.path), ""
            self.owner = self.page.current if section == "response" else self.page.operations.with_body()
            if found.get("type") in (None, "array", "object") or name in self.page.types:
                self.page.inside = (*found.path, "[]") if found.get("type") == "array" else found.path
                self.page.section = section
            return True
        return False
