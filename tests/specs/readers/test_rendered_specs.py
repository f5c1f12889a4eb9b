"""Whatever a spec says, a page that says it is read: random specs, rendered as pages are written, read back.

Each fact of the spec must be read from the page, or a note must stand on the line that states it.
"""
# ruff: noqa: E501 - one page a line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.specs.readers.stated import facts_of

from understudy.specs.documents import Document
from understudy.specs.readers import read

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "POST /v1/videos/multi-image2video"
NAMES = (
    "prompt",
    "negative_prompt",
    "mode",
    "duration",
    "image_list",
    "cfg_scale",
    "n",
    "callback_url",
    "seed_value",
)
WORDS = ("std", "pro", "kling-v1-6", "kling-v2", "simple", "down_back", "master", "on-line")


@dataclass(frozen=True)
class Stated:
    """A field as a page states it; `said` are its keywords in the short words of the case files."""

    name: str
    type: str
    required: bool
    english: str
    chinese: str
    said: tuple[tuple[str, str], ...]


def _limits(type_: str) -> st.SearchStrategy[tuple[str, str, tuple[tuple[str, str], ...]]]:
    count = st.integers(2, 9)
    if type_ == "string":
        values = st.lists(st.sampled_from(WORDS), min_size=2, max_size=4, unique=True)
        return st.one_of(
            st.just(("Plain words", "文字", ())),
            st.integers(2, 5000).map(
                lambda n: (f"Cannot exceed {n} characters", f"不能超过{n}个字符", (("maxLen", str(n)),))
            ),
            values.map(
                lambda v: (
                    f"Enum values: {', '.join(v)}",
                    f"枚举值：{'、'.join(v)}",
                    (("enum", ",".join(sorted(v))),),
                )
            ),
        )
    if type_ == "array":
        return count.map(lambda n: (f"Up to {n} images", f"最多支持{n}张图片", (("maxItems", str(n)),)))
    return count.map(
        lambda n: (f"Value range: [1, {n}]", f"取值范围：[1, {n}]", (("min", "1"), ("max", str(n))))
    )


@st.composite
def fields(draw: st.DrawFn) -> list[Stated]:
    out = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True)):
        type_ = draw(st.sampled_from(["string", "array", "integer"]))
        english, chinese, said = draw(_limits(type_))
        out.append(Stated(name, type_, draw(st.booleans()), english, chinese, said))
    return out


def english_table(spec: list[Stated]) -> str:
    rows = "".join(
        f"| `{f.name}` | {f.type} | {'Yes' if f.required else 'No'} | {f.english} |\n" for f in spec
    )
    return f"{KEY}\n\n| Parameter | Type | Required | Description |\n|---|---|---|---|\n{rows}"


def chinese_table(spec: list[Stated]) -> str:
    rows = "".join(f"| {f.name} | {f.type} | {'是' if f.required else '否'} | {f.chinese} |\n" for f in spec)
    return f"{KEY}\n\n| 参数 | 类型 | 必填 | 说明 |\n|---|---|---|---|\n{rows}"


def bullets(spec: list[Stated]) -> str:
    return f"{KEY}\n\n" + "".join(
        f"- **`{f.name}`** (`{f.type}`, {'_required_' if f.required else '_optional_'}): {f.english}\n"
        for f in spec
    )


def headings(spec: list[Stated]) -> str:
    return f"{KEY}\n\n" + "".join(
        f"### `{f.name}`\n\n- type: {f.type}\n- required: {'yes' if f.required else 'no'}\n- {f.english}\n\n"
        for f in spec
    )


def apifox(spec: list[Stated]) -> str:
    said = "".join(f"{f.name}\n{f.type}\n{'必需' if f.required else '可选'}\n{f.chinese}\n" for f in spec)
    return f"创建任务\nPOST\n{KEY.split()[1]}\nBody 参数 application/json\n{said}"


def mintlify(spec: list[Stated]) -> str:
    markers = {
        "maxLen": "Maximum string length: {0}",
        "maxItems": "Maximum array length: {0}",
        "enum": "Available options: {1}",
    }
    said = ""
    for f in spec:
        facts = dict(f.said)
        lines = [
            markers[name].format(value, value.replace(",", ", "))
            for name, value in facts.items()
            if name in markers
        ]
        lines += [f"Required range: 1 <= x <= {facts['max']}"] if "max" in facts else []
        said += "\n".join([f.name, f.type, *(["required"] if f.required else []), "Words", *lines]) + "\n"
    return f"Clip\n{KEY}\nBody\napplication/json\n{said}"


def copied(spec: list[Stated]) -> str:
    rows = "".join(
        f"{f.name}\t{f.type}\t{'Required' if f.required else 'Optional'}\tNone\t\n\nWords\n\n    {f.english}\n\n"
        for f in spec
    )
    heads = "Protocol\tRequest URL\tRequest Method\nhttps\t/v1/videos/multi-image2video\tPOST\nRequest Body\n"
    return f"Clip\n{heads}Field\tType\tRequired Field\tDefault\tDescription\n{rows}"


def html(spec: list[Stated]) -> str:
    rows = "".join(
        f"<tr><td><code>{f.name}</code></td><td>{f.type}</td><td>{'Yes' if f.required else 'No'}</td>"
        f"<td><p>Words.</p><ul><li>{f.english}</li></ul></td></tr>\n"
        for f in spec
    )
    head = "<tr><th>Parameter</th><th>Type</th><th>Required</th><th>Description</th></tr>"
    return f"<!doctype html><html><body><p>{KEY}</p>\n<table>{head}\n{rows}</table></body></html>"


def pydantic(spec: list[Stated]) -> str:
    kinds = {"string": "str", "array": "list[str]", "integer": "int"}
    said = "".join(
        f"    {f.name}: {kinds[f.type]}{'' if f.required else ' | None = None'}  # {f.english}\n"
        for f in spec
    )
    return f"`{KEY}`\n\n```python\nclass Clip(BaseModel):\n{said}```\n"


def list_table(spec: list[Stated]) -> str:
    rows = [("Name", "Type", "Required", "Description")]
    rows += [(f"``{f.name}``", f.type, "yes" if f.required else "no", f.english) for f in spec]
    said = "".join("   * - " + "\n     - ".join(row) + "\n" for row in rows)
    return f"Clip\n====\n\n.. http:post:: {KEY.split()[1]}\n\n.. list-table::\n   :header-rows: 1\n\n{said}"


def commented_yaml(spec: list[Stated]) -> str:
    values = {"string": '"x"', "array": "[]", "integer": "2"}
    said = "".join(
        f"{f.name}: {values[f.type]}  # {f.type}, {'required' if f.required else 'optional'}, {f.english}\n"
        for f in spec
    )
    return f"# {KEY}\n{said}"


def comments_above(spec: list[Stated]) -> str:
    values = {"string": '"x"', "array": "[]", "integer": "2"}
    said = "".join(
        f'  // {"Required" if f.required else "Optional"}. {f.english}\n  "{f.name}": {values[f.type]},\n'
        for f in spec
    )
    return f"{KEY}\n\n```json\n{{\n{said}}}\n```\n"


def typescript_file(spec: list[Stated]) -> str:
    kinds = {"string": "string", "array": "string[]", "integer": "number"}
    said = "".join(f"  {f.name}{'' if f.required else '?'}: {kinds[f.type]};  // {f.english}\n" for f in spec)
    return f"// {KEY}\nexport interface CreateClip {{\n{said}}}\n"


def go_file(spec: list[Stated]) -> str:
    kinds = {"string": "string", "array": "[]string", "integer": "int"}
    said = "".join(
        f'\tF{n} {kinds[f.type]} `json:"{f.name}{"" if f.required else ",omitempty"}"` // {f.chinese}\n'
        for n, f in enumerate(spec)
    )
    return f"package clips\n\n// {KEY}\ntype CreateClip struct {{\n{said}}}\n"


def java_file(spec: list[Stated]) -> str:
    kinds = {"string": "String", "array": "List<String>", "integer": "Integer"}
    said = "".join(
        f"    /** {f.english} */\n{'    @NotNull' if f.required else ''}\n"
        f'    @JsonProperty("{f.name}")\n    private {kinds[f.type]} f{n};\n\n'
        for n, f in enumerate(spec)
    )
    return f"package clips;\n\n/** {KEY} */\npublic class CreateClip {{\n{said}}}\n"


def kotlin_file(spec: list[Stated]) -> str:
    kinds = {"string": "String", "array": "List<String>", "integer": "Int"}
    said = ",\n".join(
        f'    @Schema(description = "{f.english}") val {f.name}: {kinds[f.type]}'
        f"{'' if f.required else '? = null'}"
        for f in spec
    )
    return f"package clips\n\n// {KEY}\ndata class CreateClip(\n{said}\n)\n"


def linked_headings(spec: list[Stated]) -> str:
    return f"{KEY}\n\n" + "".join(
        f"### [{f.name}](https://api.example.com/docs#{f.name})\n\n- **Type**: `{f.type}`\n"
        f"- **Required**: {'true' if f.required else 'false'}\n\n{f.english}.\n\n"
        for f in spec
    )


def marked_lines(spec: list[Stated]) -> str:
    said = "".join(f"{f.name}{'*' if f.required else '?'}{f.type}\n{f.chinese}\n" for f in spec)
    return f"Clip\n{KEY}\nRequest Body\napplication/json\n{said}"


def apidoc(spec: list[Stated]) -> str:
    kinds = {"string": "String", "array": "String[]", "integer": "Integer"}
    said = "".join(
        f" * @apiBody {{{kinds[f.type]}}} {f.name if f.required else f'[{f.name}]'} {f.english}\n"
        for f in spec
    )
    return f"/**\n * @api {{post}} {KEY.split()[1]} Make a clip\n *\n{said} */\n"


def inline_words(spec: list[Stated]) -> str:
    said = "".join(
        f"{f.name} {f.type} ({'Required' if f.required else 'Optional'})\n\n{f.english}.\n\n" for f in spec
    )
    return f"Clip\n{KEY}\nRequest body\n\n{said}"


def glued_words(spec: list[Stated]) -> str:
    said = "".join(
        f"{f.name}{f.type}{'Required' if f.required else 'Optional'}\n\n{f.english}.\n\n" for f in spec
    )
    return f"Clip\n{KEY}\nBody\n{said}Responses\n200Success\n"


def bracketed_below(spec: list[Stated]) -> str:
    said = "".join(
        f"{f.name}\n({'required' if f.required else 'optional'}, {f.type}): {f.english}\n" for f in spec
    )
    return f"Clip\n{KEY}\nGuidance\n{said}"


def starred(spec: list[Stated]) -> str:
    said = "".join(f"-\n{f.name}{'*' if f.required else ''} ({f.type}) {f.english}.\n" for f in spec)
    return f"Clip\n{KEY}\nParameters\n{said}"


def labels_below_headings(spec: list[Stated]) -> str:
    said = "".join(
        f"#### {f.name}\n\n**类型**: `{f.type}`  \n**必需**: `{'是' if f.required else '否'}`\n\n{f.chinese}。\n\n"
        for f in spec
    )
    return f"# Clip\n\n{KEY}\n\n## 请求体 (application/json)\n\n{said}"


def set_apart_by_dashes(spec: list[Stated]) -> str:
    said = "".join(
        f"`{f.name}` — {f.type} — {'required' if f.required else 'optional'}. {f.english}\n\n" for f in spec
    )
    return f"# Clip\n\n{KEY}\n\n### Parameters\n\n{said}"


def name_and_word_glued(spec: list[Stated]) -> str:
    said = "".join(
        f"{f.name}{'required' if f.required else 'optional'}\n{f.type}\n\n{f.english}\n\n" for f in spec
    )
    return f"Clip\n{KEY.replace(' ', '')}\n\nParameters\n\n{said}"


def bars_without_headings(spec: list[Stated]) -> str:
    said = "".join(
        f"{f.name} | {f.type} | {'必填' if f.required else '选填'} | {f.chinese}。\n\n" for f in spec
    )
    refusals = "| 状态码 | 说明 |\n|---|---|\n| 400 | 参数错误 |\n| 401 | 鉴权失败 |\n"
    return f"# Clip\n\n{KEY}\n\n## 入参\n\n{said}\n## 错误码\n\n{refusals}"


def types_in_square_brackets(spec: list[Stated]) -> str:
    said = "".join(
        f"{f.name} [{f.type}] ({'required' if f.required else 'optional'}) {f.english}.\n" for f in spec
    )
    return f"# Clip\n\n{KEY}\n\n## Payload\n\n{said}"


def italics(spec: list[Stated]) -> str:
    said = "".join(
        f"* *{f.name}* *({f.type}, {'Required' if f.required else 'Optional'})* — {f.english}.\n"
        for f in spec
    )
    return f"# Clip\n\n{KEY}\n\n## Body\n\n{said}"


def a_cell_a_line(spec: list[Stated]) -> str:
    said = "".join(f"{f.name}\n\n{f.type}\n\n{'M' if f.required else 'O'}\n\n{f.english}.\n\n" for f in spec)
    return f"Clip\n{KEY}\nInput Parameters\n\nParam\n\nFormat\n\nMandatory?\n\nDetails\n\n{said}"


def tabs(spec: list[Stated]) -> str:
    said = "".join(f"{f.name}\t{'●' if f.required else '○'}\t{f.type}\t{f.english}.\n" for f in spec)
    return f"Clip\n{KEY}\nPayload\n\nKey\tPresence\tFormat\tMeaning\n{said}\nError codes\n\n400 Not valid\n"


PAGES: list[Callable[[list[Stated]], str]] = [
    english_table, chinese_table, bullets, headings, apifox, mintlify, copied, html,
    pydantic, list_table, commented_yaml, comments_above,
    typescript_file, go_file, java_file, kotlin_file, linked_headings, marked_lines, apidoc,
    inline_words, glued_words, bracketed_below, starred, labels_below_headings, set_apart_by_dashes,
    name_and_word_glued, bars_without_headings, types_in_square_brackets, italics, a_cell_a_line, tabs,
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=[page.__name__ for page in PAGES])
@settings(max_examples=40)
@given(spec=fields())
def test_what_a_page_states_is_read_or_told(page: Any, spec: list[Stated]) -> None:
    text = page(spec)

    reading = read(Document("page", text))

    got = facts_of(reading).get(KEY, {})
    told = " ".join(
        text.split("\n")[note.line - 1] for note in reading.notes if 0 < note.line <= text.count("\n")
    )
    for field in spec:
        words = got.get(("", field.name), {})
        type_ = "number" if (page, field.type) == (typescript_file, "integer") else field.type
        wanted = {("type", type_), *field.said}
        wanted |= {("req", "R")} if field.required else set()
        missing = {(name, value) for name, value in wanted if words.get(name) != value}
        assert not missing or field.english in told or field.chinese in told, (field, words, text)
        assert words.keys() <= {"type", "req", *dict(field.said)}, (field, words, text)
