"""What a page says and nothing kept becomes a note with its line: limits, alternatives, required, default."""

from __future__ import annotations

import pytest
from tests.specs.readers.stated import facts_of

from understudy.specs.documents import Document
from understudy.specs.model import UNTOLD_NAME, Reading, StatedRefusal
from understudy.specs.normalise import provider_spec
from understudy.specs.profile import Profile, Source
from understudy.specs.readers import read
from understudy.specs.readers.told import untold, untold_lines
from understudy.specs.readers.told.excerpts import Unread, told_as
from understudy.specs.readers.told.share import share_read
from understudy.specs.readers.told.untold import with_untold
from understudy.specs.readers.told.untold_glued import untold_glued_rows

PAGE = """# Clip

POST /v1/videos/multi-image2video

| Field | Type | Required | Description |
|---|---|---|---|
| prompt | string | Yes | Words, at most 500 characters |
| mode | string | No | One of `std`, `pro` |

{line}
"""


def told_of(line: str) -> list[tuple[int, str]]:
    page = read(Document("clip.md", PAGE.format(line=line)))
    return [(note.line, note.code) for note in page.notes if note.kind == "untold"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Results are kept for 30 days.", "untold-number"),
        ("A key makes 30 loops a day.", "untold-number"),
        ("450 clips/day", "untold-number"),
        ("The seed is 4 if you leave it out.", "untold-word"),
        ("A prompt between 500 and 900 is long.", "untold-number"),
        ("每个账号最多同时运行 20 个任务", "untold-number"),
        ("A clip has 24 fps.", "untold-number"),
        ("Höchstens 300 Zeichen", "untold-number"),
        ("Hasta 300 caracteres", "untold-number"),
        ("Не более 300 символов", "untold-number"),
        ("The seed lies in [0, 4294967295].", "untold-number"),
        ("Choose `fast` or `slow` with care.", "untold-list"),
        ("音色：`male`、`female`", "untold-list"),
        ("Camera: optional", "untold-word"),
        ("镜头运动为必填", "untold-word"),
        ("边长在720px~1920px之间", "untold-number"),
        ("Pictures must be at least 128x128 large.", "untold-number"),
        ("支持的格式：JPG、JPEG、PNG", "untold-list"),
        ("Send .mp4 or .mov files.", "untold-list"),
        ("Sizes: 540p, 720p, 1080", "untold-list"),
        ("Shapes are 16:9, 9:16 and more", "untold-list"),
        ("near, far Where the camera stands", "untold-list"),
        ("It tells each change (waiting/made/failed)", "untold-list"),
        ("How it is used: 'look' for the style, 'base' for edits.", "untold-list"),
        ("- near-by - close\n- far-off - wide", "untold-list"),
        ("A finished clip has a clip_url.", "untold-name-of-page"),
        ("Failures have `errorReason` beside it.", "untold-name-of-page"),
        ("Optional fields are tone, seed and mode.", "untold-name-of-page"),
        ("tone string How it sounds", "untold-field"),
        ("toneString: how it sounds", "untold-field"),
        ("tone字符串画面的风格", "untold-field"),
        ("- **tone**: how it sounds", "untold-field"),
        ("### `tone`\n\nHow it sounds", "untold-field"),
        ("Call GET /v1/videos/multi-image2video for all of them.", "untold-operation"),
        ("- 429: too many at once", "untold-refusal"),
        ("| 1303 | 并发过多 |", "untold-refusal"),
        ("- 1080: no balance, an error", "untold-refusal"),
        ("tone_of_it string how it sounds", "untold-field"),
        ("toneUrl uri", "untold-field"),
        ("tone_id uuidrequired", "untold-field"),
        ("Shade from 3 .. 15: [3 .. 15]", "untold-number"),
        ("Shade  3-15", "untold-number"),
        ("toneDefaults to warm", "untold-word"),
        ("The tone that you hear Optional", "untold-word"),
        ("音色 可选值: 男声", "untold-word"),
        ("It starts with `0` \\~ `20`.", "untold-number"),
        ("| shade | <64 | words |", "untold-number"),
        ('"tone": "warm", // 取值范围：[2, 9]', "untold-number"),
        ("Tono: `claro` o `oscuro`", "untold-list"),
        ("Ton : `clair` ou `sombre`", "untold-list"),
        ("音色：`male`（男声）、`female`（女声）", "untold-list"),
        ("| tone | `warm` \\| `cold` |", "untold-list"),
        ("Tones: `warm` `cold` `plain`", "untold-list"),
        ('The tone should be set to "warm".', "untold-word"),
        ("Tone, optional values: warm, cold", "untold-word"),
        ("音色 可用值: 男声", "untold-word"),
        ("Tone. Allowed values:\nwarm", "untold-word"),
        ("音色。可选值：\n- 男声\n- 女声", "untold-word"),
        ("Tone. By default, `warm`.", "untold-word"),
        ("音色，省略时为 `warm`", "untold-word"),
        ("Tom. Padrão: `claro`.", "untold-word"),
        ("Тон (по умолчанию светлый)", "untold-word"),
        ("トーン。デフォルトは明るい", "untold-word"),
        ("Tono (obligatorio)", "untold-word"),
        ("Tone of the sound: warm, cold, or plain.", "untold-list"),
        ("音色：warm、cold 或 plain", "untold-list"),
        ('"tone": "warm", // warm · cold · plain', "untold-list"),
        ('"tone": "warm", // warm/cold', "untold-list"),
        ("Refused with 403 Forbidden", "untold-refusal"),
        ("请求地址：`/tones/make`", "untold-operation"),
        ("/tones/make", "untold-operation"),
        ("- URL：/tones/make/", "untold-operation"),
        ("| /tones/make | POST |", "untold-operation"),
        ("### [toneOfIt](https://clips.example/ref#tone)", "untold-field"),
    ],
)
def test_line_that_limits_and_is_in_no_fact_is_told(line: str, code: str) -> None:
    assert told_of(line) == [(10, code)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("POST/v1/tones", "an operation that is in no fact: POST /v1/tones"),
        ("post https://clips.example/tones/make", "an operation that is in no fact: POST /tones/make"),
        ('{"text": "la"}', "named here and in no fact: text"),
        ('"tune"\n:\n"la"', "named here and in no fact: tune"),
        ('A tone url.\n\n{"url": 1}', "named here and in no fact: url"),
    ],
)
def test_what_a_page_says_is_told_where_nothing_is_read(text: str, told: str) -> None:
    reading = with_untold(Reading("clip.md", "Markdown tables"), Document("clip.md", text))

    assert [note.text for note in reading.notes] == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('/**\n * @apiBody {String} [tone="warm"] How it sounds\n */\n', "a field is in no fact: "),
        ("@apiParam {Number} tone.depth 音色", "a field is in no fact: "),
    ],
)
def test_field_that_a_tag_documents_is_told(text: str, told: str) -> None:
    reading = with_untold(Reading("clip.js", "apiDoc comments"), Document("clip.js", text))

    assert [note.text.startswith(told) for note in reading.notes] == [True]


@pytest.mark.parametrize(
    "line",
    [
        "The `prompt` takes at most 500 characters.",  # the same fact, said again
        "Give `prompt` or `mode`.",  # names of fields are no values
        "## At most 3 clips",  # a heading
        "See https://example.com/docs/v2/30 days",
        "Made with plain optional references and care.",
        "Published on 2026-11-21.",
        "Every string value is text.",
        "- **Note**: made with care",
        "| Content-Type | application/json |",
        "- 480: small\n- 1024: large",
        "| 1080 | Full HD |",
        "### `mode` values",
        "2. `POST` what you have",
        "The sound: `true` | `false`",
        "Use bool flags with care",
        "model list of a vendor",
        "Modified at 8 days ago",
        "更新于 3 小时前",
        "参数类型必填说明",
        "NameTypeRequiredDescriptionDefault / options",
        "Name\nType\nRequired\nDefault\nDescription",
        "Content-Type: 枚举值: application/json",
        "`data.prompt` / `data.mode`",
        "POST /v1/videos/multi-image2video is the same again.",
        "POST https://api.clips.example/v1/videos/multi-image2video",
        "Results are called back at https://me.example/api/callback and kept at https://clips.example/v1/clip.mp4",
        "See https://clips.example/docs/v2/limits",
        "Use `prompt` opcional para describir la escena.",
        "声音，可选值：\n- true：有\n- false：无",
        "The `enum` `string` tone",
        "`POST` `/v1/videos/multi-image2video`",
        "/v1/videos/multi-image2video",
        "GET/POST requests",
        "变量名 字段类型 必填 默认值 含义",
        "Sound, default: none",
        "Content-Type: application/json",
        "Body (application/json)",
        "Picture: URL or base64",
        "string | null",
        '"prompt": "a dog", // required',
        "### [guide](https://clips.example/guide)",
        "`mode`, allowed values: std, pro",
        '```json\n"prompt": "a dog", // what is seen\n```',
    ],
)
def test_line_that_limits_nothing_new_is_not_told(line: str) -> None:
    assert told_of(line) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "| speed | number | Yes | From 0 to 9, [0, 9], default 3 |",
            "a limit and 'default' are in no fact: speed number Yes From 0 to 9, [0, 9], default 3",
        ),
        (
            "| shade | string | `dark`、`light`，默认 dark |",
            "alternatives and '默认' are in no fact: shade string `dark`,`light`,默认 dark",
        ),
        ("The step lies in `0`～`20`.", "a limit is in no fact: The step lies in `0`~`20`."),
    ],
)
def test_line_is_told_once_with_all_that_is_in_no_fact(line: str, told: str) -> None:
    notes = read(Document("clip.md", PAGE.format(line=line))).notes

    assert [(note.line, note.text) for note in notes if note.kind == "untold"] == [(10, told)]


def test_values_in_one_span_of_code_that_are_read_are_not_told() -> None:
    rows = "| Field | Values |\n|---|---|\n| `look` | `calm / wild` |\n| `beat` | `4 / 8 s` |"
    page = PAGE.format(line=f"## Request parameters\n\n{rows}")

    assert [note for note in read(Document("clip.md", page)).notes if note.line > 10] == []


def test_words_of_both_scripts_are_shown_as_the_page_has_them() -> None:
    page = read(Document("clip.md", PAGE.format(line="视频网关：每天最多 300 部影片。")))

    assert [note.text for note in page.notes if note.line == 10] == [
        "a limit is in no fact: 视频网关:每天最多 300 部影片"
    ]


def test_a_long_run_of_blanks_is_shown_as_one() -> None:
    line = f"A key makes{' ' * 40}30 loops a day."
    page = read(Document("clip.md", PAGE.format(line=line)))

    assert [one.text for one in page.notes if one.line == 10] == [
        "a limit is in no fact: A key makes 30 loops a day."
    ]


def test_of_a_long_line_its_beginning_and_what_is_unread_are_told() -> None:
    text = f"| tone | {'a' * 200} at most 4 {'b' * 200} from {'c' * 200}"
    unread = [Unread("a limit", 210, 219), Unread("alternatives", 421, 425)]

    assert told_as(text, unread) == (
        f"a limit and alternatives are in no fact: tone {'a' * 31} … {'a' * 59} at most 4 {'b' * 59} "
        f"… {'b' * 59} from {'c' * 59}"
    )


def test_rows_of_a_table_that_was_not_read_are_told_though_another_has_the_same_names() -> None:
    page = PAGE.format(line="## Later\n\n| Thing | Sort |\n|---|---|\n| prompt | loud |\n| mode | quick |")
    notes = read(Document("clip.md", page)).notes

    assert [(note.line, note.text) for note in notes] == [
        (14, "an entry that is in no fact: prompt loud"),
        (15, "an entry that is in no fact: mode quick"),
    ]


def test_rows_of_a_table_of_prices_are_told_together() -> None:
    rows = [f"| clip-{n} | quick | 0.{n} |" for n in range(1, 26)]
    page = PAGE.format(line="\n".join(["| Model | Sort | Price |", "|---|---|---|", *rows]))

    names = ", ".join(f"clip-{n}" for n in range(1, 26))
    assert [(note.line, note.text) for note in read(Document("clip.md", page)).notes] == [
        (12, f"25 rows of a table that are in no fact: {names}"),
    ]


def test_codes_of_refusals_that_are_read_are_no_values() -> None:
    page = PAGE.format(line="## Errors\n\n| Code | Meaning |\n|---|---|\n| 1101 | No key |\n| 1102 | Wait |")
    reading = read(Document("clip.md", page))

    assert [one.code for one in reading.refusals] == ["1101", "1102"]
    assert reading.notes == ()


def test_field_whose_parts_stand_a_line_each_is_told_with_all_of_them() -> None:
    page = PAGE.format(line="tone_of_it\nstring\noptional\nHow it sounds")
    notes = read(Document("clip.md", page)).notes

    assert [(note.line, note.text) for note in notes] == [
        (10, "a field that is in no fact: tone_of_it string optional"),
        (12, "'optional' is in no fact: optional"),
    ]


def test_limit_inside_an_example_is_not_told() -> None:
    assert told_of('```json\n{"prompt": "at most 3 clips of 5 seconds"}\n```') == []


def test_rows_of_a_table_on_one_line_are_told_row_by_row() -> None:
    rows = ["| Thing | Sort | Notes |", "| --- | --- | --- |", "| tone | word | At most 40 characters |"]
    page = PAGE.format(line=" ".join([*rows, "| shade | word | How dark |", "| prompt | word | As above |"]))
    notes = read(Document("clip.md", page)).notes

    assert [(note.line, note.text) for note in notes] == [
        (10, "a limit is in no fact: tone word At most 40 characters"),
        (10, "an entry that is in no fact: prompt word As above"),
        (10, "an entry that is in no fact: shade word How dark"),
    ]


@pytest.mark.parametrize(
    ("head", "row", "told"),
    [
        ("FieldTypeRequiredDescription", "tonestring✓How it sounds", True),
        ("FieldTypeRequiredDescription", "└ tonedecimalNoHow it sounds", True),
        ("参数类型是否必填说明", "toneint是音色", True),
        ("FieldTypeDescription", "tonestringHow it sounds", True),
        ("NameTypeRequired/OptionalExplanation", "tonearrayYesHow it sounds", True),
        ("FieldTypeRequiredDescription", "and so on", False),
        ("Field of the type", "tonestring✓How it sounds", False),
    ],
)
def test_row_of_a_glued_table_is_told_where_nothing_is_read(head: str, row: str, *, told: bool) -> None:
    notes = [*untold_glued_rows(Document("clip.md", f"{head}\n{row}\n"), {}, ())]

    assert [(note.line, note.code) for note in notes] == [(2, "untold-field")] * told


def test_mark_of_a_glued_row_that_is_read_without_it_is_told() -> None:
    page = Document(
        "clip.md", "FieldTypeRequiredDescription\ntonestring✓How\nshadestringHow\nseedintNoA number\n"
    )
    notes = [*untold_glued_rows(page, {2: {"type"}, 3: {"type"}, 4: {"type", "required"}}, ())]

    assert [(note.line, note.text) for note in notes] == [
        (2, "whether it is required is in no fact: tonestring✓How")
    ]


def test_comment_behind_a_key_of_an_example_is_told() -> None:
    assert told_of('```js\n"prompt": "a dog", // at most 40 characters\n```') == [(11, "untold-number")]


def test_each_name_in_an_example_that_no_field_has_is_told_once() -> None:
    page = PAGE.format(
        line='```python\nnumber_of_tries = 3\n```\n\n```json\n"near": {"deep_name": 1, "prompt": ""},\n```'
    )
    notes = read(Document("clip.md", page + '\n```json\n"near": {"deep_name": 2},\n```\n')).notes

    told = [(note.line, note.text) for note in notes if note.code == "untold-name-of-page"]
    assert told == [(15, "named here and in no fact: near, deep_name; only in facts of another body: prompt")]


def test_lines_beside_a_line_that_is_told_are_told_too() -> None:
    rows = ["Clip", "POST", "/v1/clips", "Body", "words", "string", "What is seen"]
    limits = ["All files are limited to 50MB", "The base64 text stays under 10MB"]

    notes = read(Document("clip.txt", "\n".join([*rows, *limits]))).notes

    assert [note.line for note in notes if note.kind in ("untold", "not-understood")] == [8, 9]


@pytest.mark.parametrize(
    "rows",
    [
        "| Name | Engine |\n|---|---|\n| Nine | `clip-9` |\n| Ten | `clip-10` |",
        "name\tengine\nNine\tclip-9\nTen\tclip-10",
    ],
)
def test_values_of_a_table_that_is_of_no_field_are_told(rows: str) -> None:
    notes = read(Document("clip.md", PAGE.format(line=rows))).notes

    told = [note.text for note in notes if note.code == "untold-list"]
    assert told == ["values that are in no fact: clip-9, clip-10"]


def test_what_is_said_of_a_field_a_word_a_line_is_not_told_again() -> None:
    field = 'tone\nstring\ndefault:"warm"\nHow it looks\n'
    page = read(Document("clip.txt", f"POST /v1/clips\nParameters\n{field}{field.replace('tone', 'shade')}"))

    assert page.format.startswith("stated fields")
    assert [note.text for note in page.notes if note.kind == "untold"] == []


def test_page_of_which_only_its_call_is_understood_is_told_line_by_line() -> None:
    call = "Make a clip\nPOST https://api.example.com/v1/clips\nBody\n"

    page = read(Document("clip.txt", f"{call}What is seen. Max 900 characters.\nnear, far Where it stands"))

    assert [(one.method, one.path, one.request) for one in page.operations] == [("post", "/v1/clips", ())]
    assert [(note.line, note.kind) for note in page.notes] == [(2, "problem"), (4, "untold"), (5, "untold")]


def test_page_of_examples_alone_says_so_first() -> None:
    page = read(Document("x.md", 'POST /v1/videos/multi-image2video\n\n```json\n{"prompt": "go"}\n```\n'))

    assert [(note.line, note.code) for note in page.notes] == [(1, "examples-only")]


def test_name_of_the_vendors_that_stands_in_the_text_is_unread_not_undocumented() -> None:
    key = "POST /v1/videos/multi-image2video"
    vendor = read(Document("v.md", PAGE.replace("| mode |", "| negative_prompt |").format(line="")))
    page = read(Document("clip.md", PAGE.format(line="Say in `negative_prompt` what to avoid.")))

    spec = provider_spec(
        Profile("acme", "Acme", documents=(Source(file="clip.md"),)),
        [page],
        {key: vendor.operations[0].request},
        {},
    )

    told = [(note.line, note.field) for note in spec.notes if note.code == UNTOLD_NAME]
    assert told == [(10, ("negative_prompt",))]


def test_name_that_stands_as_a_field_of_another_call_is_not_unread() -> None:
    head = "| Field | Type | Description |\n|---|---|---|\n"
    row = "| negative_prompt | string | what to avoid |\n"
    words = "| prompt | string | what is seen |\n"
    first = f"POST /v1/videos/multi-image2video\n\n{head}{words}\n"
    page = read(Document("clip.md", f"{first}POST /v1/videos/text2video\n\n{head}{words}{row}"))
    vendor = read(Document("v.md", f"POST /v1/videos/multi-image2video\n\n{head}{words}{row}"))

    spec = provider_spec(
        Profile("acme", "Acme", documents=(Source(file="clip.md"),)),
        [page],
        {"POST /v1/videos/multi-image2video": vendor.operations[0].request},
        {},
    )

    assert [note.field for note in spec.notes if note.code == UNTOLD_NAME] == []


def test_share_counts_lines_that_gave_a_fact() -> None:
    document = Document("clip.md", PAGE.format(line="Nothing to see."))

    share = share_read(read(document), document)

    assert (share.read, share.lines) == (3, 6)
    assert set(facts_of(read(document))) == {"POST /v1/videos/multi-image2video"}


def test_refusals_are_read_and_fields_of_callbacks_are_told() -> None:
    page = Document(
        "page.md",
        "POST /v1/x\n\n| Field | Type | Required |\n|---|---|---|\n| prompt | string | Yes |\n\n"
        "## Error codes\n\n| Code | Message |\n|---|---|\n| 1001 | bad |\n| 1002 | no key |\n\n"
        "## Callback body\n\n| Field | Type | Description |\n|---|---|---|\n| task_id | string | Task |\n",
    )

    reading = read(page)
    assert reading.refusals == (
        StatedRefusal(None, "1001", "bad", "", "page.md", 11),
        StatedRefusal(None, "1002", "no key", "", "page.md", 12),
    )
    assert [(note.line, note.text) for note in reading.notes] == [
        (18, "a field of a callback, which no fact holds: task_id"),
    ]


def test_lines_beyond_those_that_are_listed_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def numbers_of(text: str, _values: set[str]) -> list[Unread]:
        looked.append(text)
        return [Unread("a limit", 0, 7)]

    monkeypatch.setattr(untold, "unread_numbers", numbers_of)
    text = "POST /v1/x\n\n- `prompt` (string): words\n\n" + "At most 4 of them.\n\n" * 2_000
    notes = [note.text for note in read(Document("page.md", text)).notes if note.kind == "untold"]

    assert len(looked) == untold.MAX_NOTES + 1
    assert notes[-1] == f"more than {untold.MAX_NOTES} such lines; the rest is not listed"


def test_fields_of_a_type_that_no_field_is_of_are_told_and_stand_nowhere() -> None:
    described = """### PieceItem

| Field | Type | Required | Description |
|---|---|---|---|
| length | integer | Yes | Seconds |
"""

    page = read(Document("clip.md", PAGE.format(line=described)))

    assert list(facts_of(page)["POST /v1/videos/multi-image2video"]) == [("", "prompt"), ("", "mode")]
    assert [(note.line, note.text) for note in page.notes if note.kind == "untold"] == [
        (14, "a field of PieceItem, of which no field says that it is one: length")
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("z.string().regex(/^(a|b)+$/)", "regex"),
        ("z.number().multipleOf(8)", "multipleOf"),
        ("z.string().refine((one) => one.length > 2, { message: 'short' })", "refine"),
        ("z.string().max(LONGEST)", "max"),
        ("z.number().default(() => now())", "default"),
        ("z.union([z.string(), z.array(z.string())])", "union"),
        ("z.array(z.string().max(9))", "at most 9 characters of each item"),
        ("z.object({ ...Other.shape })", "the members of Other"),
        ("z.object({ ...rest() })", "..."),
        ("Other.partial()", "partial"),
        ("ours(z.string())", "ours"),
    ],
)
def test_what_a_schema_of_zod_says_beyond_its_fields_is_told(said: str, told: str) -> None:
    text = f"// POST /v1/clips\nconst body = z.object({{\n  part: {said},\n  last: z.string(),\n}});\n"

    page = read(Document("clip.ts", text))

    notes = [(note.line, note.text) for note in page.notes if note.kind == "untold"]
    assert notes == [(3, f"the schema of 'part' says {told!r}")]
    assert [one.path for one in page.operations[0].request if len(one.path) == 1] == [("part",), ("last",)]


@pytest.mark.parametrize(
    "code",
    [
        'const body = z.object({\n  parts: z.array(z.enum(["a", "b"])),\n});\n',
        'interface Body {\n  parts: Part[];\n}\ntype Part = "a" | "b";\n',
    ],
)
def test_values_of_the_items_of_a_list_are_told(code: str) -> None:
    notes = read(Document("clip.ts", f"// POST /v1/clips\n{code}")).notes

    assert (3, "each item of 'parts' is one of a, b") in [(note.line, note.text) for note in notes]


def test_row_whose_name_cannot_be_known_is_told_and_no_type_word_becomes_a_field() -> None:
    rows = [
        "POST https://api.example.com/v1/clips",
        "Field\tType\tRequired\tDescription",
        "masks\tarray\tNo\tAreas",
        "one",
        "of several",
        "string\tNo\tPainted",
    ]

    page = read(Document("clip.txt", "\n".join(rows)))

    assert list(facts_of(page)["POST /v1/clips"]) == [("", "masks")]
    assert [(note.line, note.kind, note.text) for note in page.notes] == [
        (6, "unnamed", "a row without a name")
    ]


def test_of_a_page_with_more_text_than_there_is_time_for_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = ["one sentence", "another one", "a third"]
    monkeypatch.setattr(untold_lines, "MAX_CHARACTERS", 24)
    assert untold_lines.first_lines(enumerate(lines, 1)) == ([(1, "one sentence"), (2, "another one")], 3)
    monkeypatch.setattr(untold_lines, "MAX_CHARACTERS", 30)
    assert untold_lines.first_lines(enumerate(lines, 1)) == ([*enumerate(lines, 1)], 0)
    monkeypatch.setattr(untold_lines, "MAX_PROSE", 1)
    assert untold_lines.first_lines(enumerate(lines, 1)) == ([(1, "one sentence")], 2)


def test_answer_of_a_query_that_the_page_does_not_name_is_told_and_not_given_to_the_create() -> None:
    page = PAGE.format(
        line='Response\n\n```json\n{"code": 0, "data": {"clip_id": "c1"}}\n```\n\nLater it is ready:\n\n'
        '```json\n{"code": 0, "data": {"status": "made", "clip_url": "https://x.example/a.mp4"}}\n```'
    )
    reading = read(Document("clip.md", page))

    (operation,) = reading.operations
    assert [one.path for one in operation.responses["200"]] == [("code",), ("data",), ("data", "clip_id")]
    assert [(note.line, note.text) for note in reading.notes] == [
        (19, "named here and in no fact: status, clip_url"),
        (19, "the answer of a query that the page does not name is of no operation"),
    ]


def test_shape_of_one_field_is_no_example_request() -> None:
    shape = '"image_list":[\n  { "image":"image_url" }\n]\n'
    rows = (
        f"image_list\narray\nRequired\nPictures\n\nIn this form:\n{shape}\nprompt\nstring\nRequired\nText\n"
    )
    (operation,) = read(Document("clip.txt", f"POST\n/v1/clips\n\nRequest Body\n{rows}")).operations

    assert operation.examples == ()
    assert {one.path[0] for one in operation.request} == {"image_list", "prompt"}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            'if clip["status"] == "made":\n    save(clip)',
            ["values with which a program compares status: made"],
        ),
        (
            'while state in ("waits", "works"):\n    wait()',
            ["values with which a program compares state: waits, works"],
        ),
        (
            'switch (clip.state) {\n  case "made": save(); break;\n  case "broken": stop();\n}',
            ["values with which a program compares state: made, broken"],
        ),
        ('if response.status_code == 200:\n    save("made")', []),
        ('if (clip.kind === "made") save();', []),
    ],
)
def test_states_of_which_only_programs_know_are_told(code: str, told: list[str]) -> None:
    page = (
        "# Clips\n\nPOST /v1/clips\n\n| Field | Type | Required | Description |\n|---|---|---|---|\n"
        f"| words | string | yes | What is seen |\n\n```\n{code}\n```\n"
    )

    found = [note.text for note in read(Document("x.md", page)).notes if "a program compares" in note.text]

    assert found == told
