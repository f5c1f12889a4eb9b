"""Documents that no one writes in good faith, each as a function of its size in bytes.

Run as a script it reads one of them in this process and prints CPU seconds and peak memory: what the long
tests measure.
"""
# ruff: noqa: E501 - one document a line

from __future__ import annotations

import json
import random
import resource
import sys
import time
from typing import TYPE_CHECKING

from understudy.specs.documents import Document
from understudy.specs.errors import UnderstudyError
from understudy.specs.readers import read

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = """openapi: 3.0.1
paths:
  /a/b:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
"""
FIELD = "                q:\n                  type: string\n                  description: "
REACT = "import a from 'react';\nexport default function P() {\n  return (\n    <p className='x'>"
TABLE = "POST /a/b\n\n| Field | Type | Required | Description |\n|---|---|---|---|\n"


def fill(head: str, part: str, tail: str = "") -> Callable[[int], str]:
    """`head`, then `part` as often as fits, then `tail`."""
    return lambda size: head + part * max(1, (size - len(head) - len(tail)) // len(part.encode())) + tail


def described(part: str) -> Callable[[int], str]:
    """A field whose description is `part` over and over, as long as is read."""
    return lambda size: HEAD + FIELD + '"' + part * (min(size, 8_000) // len(part)) + '"\n'


def alias_bomb(_: int) -> str:
    lines = [
        "openapi: 3.0.1",
        "x: &a0 [l, l, l]",
        *(f"x{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)),
    ]
    return "\n".join([*lines, "paths: *a29", ""])


def schema_bomb(_: int) -> str:
    schemas = ["    S0: {type: object, properties: {a: {type: string}}}"]
    for i in range(1, 40):
        inner = ", ".join(f"p{j}: {{$ref: '#/components/schemas/S{i - 1}'}}" for j in range(9))
        schemas.append(f"    S{i}: {{type: object, properties: {{{inner}}}}}")
    part = "\n".join(["components:", "  schemas:", *schemas])
    body = "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S39'}}}}"
    return f"openapi: 3.0.1\n{part}\npaths:\n  /a/b:\n    post:\n      {body}\n"


def descriptions(size: int) -> str:
    text = FIELD + '"' + "max 5 or 不能超过取值范围 " * 200 + '#"\n'
    return HEAD + "".join(
        text.replace("q:", f"q{i}:").replace("#", str(i)) for i in range(size // len(text.encode()) + 1)
    )


def rolling_stairs(size: int) -> str:
    return "openapi: 3.0.1\n" + "".join(" " * i + "a:\n" for i in range(min(3000, size // 100)))


def each(head: str, part: str, most: int = 110_000) -> Callable[[int], str]:
    """`head`, then `part` with a number in place of `#`, as often as fits, but fewer lines than are refused."""
    lines = max(part.count("\n"), 1)
    return lambda size: (
        head
        + "".join(
            part.replace("#", str(number))
            for number in range(min(most // lines, size // (len(part.encode()) + 5 * part.count("#"))))
        )
    )


def collection(part: str, most: int = 2_000) -> Callable[[int], str]:
    """A Postman collection of requests, `part` with a number in place of `#` in each."""
    request = '{"request":{"method":"POST","url":"/v1/x#x",' + part + "}},"
    return lambda size: '{"_postman_id":"1","item":[' + each("", request, most)(size) + "{}]}"


def escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# A page that begins with a call, and one that begins with fields.
SEEN = TABLE + "| a | string | yes | b |\n\nGET /v1/x/{id}\n\n"
LOOSE = TABLE.removeprefix("POST /a/b\n\n") + "| a | string | yes | b |\n\n"
BLANKS = " " * 19_000
SAID = TABLE + "| a | string | yes | max #5 characters or 不能超过取值范围 |\n" * 150
VARIABLES = [{"key": "abc"[n], "value": part * 3_000} for n, part in enumerate(("{{b}}", "{{c}}", "x"))]

ARCHIVE = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
PART = "--x\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<!doctype html><html>"

CASES: dict[str, Callable[[int], str | bytes]] = {
    "alias bomb": alias_bomb,
    "schema bomb": schema_bomb,
    "alias to itself": lambda _: "openapi: 3.0.1\nx: &a [*a]\npaths: {}\n",
    "reference to itself": lambda _: HEAD + "                q: {$ref: '#/paths/~1a~1b/post/requestBody/content'}\n",
    "allOf of itself": lambda _: (
        "openapi: 3.0.1\ncomponents:\n  schemas:\n    A: {allOf: [{$ref: '#/components/schemas/A'}]}\n"
        + HEAD.removeprefix("openapi: 3.0.1\n")
        + "                q: {$ref: '#/components/schemas/A'}\n"
    ),
    "deep flow": fill("openapi: 3.0.1\nx: ", "["),
    "deep JSON": fill('{"openapi": "3.0.1", "x": ', "["),
    "deep block": rolling_stairs,
    "deep dashes": fill("openapi: 3.0.1\nx:\n", "- "),
    "one line of letters": fill("", "a"),
    "one line of brackets": fill("", "{"),
    "one line of blanks": fill("", " "),
    "one line of quotes": fill("", '"'),
    "one line of fence": fill("", "`"),
    "one line in a block": fill("```yaml\nopenapi: 3.0.1\npaths: ", "a", "\n```"),
    "one line of colons in a block": fill("```yaml\nopenapi: 3.0.1\npaths:\n  /a:\n    post:\n      description: ", "a: b # "),
    "one line of description": fill(HEAD + FIELD, "max 5 "),
    "one line of digits": fill("openapi: 3.0.1\nx: ", "1"),
    "one line of a token page": fill("Body Parameters\nfoo\nstring\nRequired\n", "x"),
    "one line of options": fill("POST /a/b\nBody\nAvailable options:\n", "a, "),
    "one row": fill(TABLE, "|"),
    "empty lines": fill("", "\n"),
    "token page": fill("Body Parameters\n", "foo\nstring\nRequired\nmax 5 chars\n"),
    "page without names": fill("POST /a/b\nBody\n", "Some text\nAvailable options:\na, b Foo\n"),
    "page with names": fill("POST /a/b\nBody\n", "foo\nstring\nAvailable options:\na, b\n"),
    "rows": fill(TABLE, "| a | string | yes | max 5 |\n"),
    "tables": fill("", TABLE),
    "JSON escapes": fill('{"openapi":"3.0.1","paths":{"/a":"', "\\u0041", '"}}'),
    "JSON numbers": fill('{"openapi":"3.0.1","x":[', "1,", "1]}"),
    "JSON string without end": fill('{"openapi":"3.0.1","x":"', "a"),
    "JSON of mixed quotes": fill('{"openapi":"3.0.1","x":', "'\""),
    "JSON comment without end": fill('{"openapi":"3.0.1",', "/* "),
    "React of braces": fill(REACT, "{<a", "\n  );\n"),
    "React of closed braces": fill(REACT, "{<a>{" * 20 + "}" * 40, "\n  );\n"),
    "React of tags": fill(REACT, "<P name='a' type='string' x={[{name: 'b', type: 'string'}]}>\n", "\n  );\n"),
    "React of quotes": fill(REACT, "<a b={'\"`", "\n  );\n"),
    "React of lists": fill("export default 1;\n", "const a = [{name: 'b', type: 'c'}];\nconst d = '\n", "return (\n<a/>\n);\n"),
    "React of returns": fill(REACT, "  );\n  return (\n    <a>{b}</a>\n"),
    "HTML of less-than signs": fill("<!doctype html><html>", "<"),
    "HTML of comments": fill("<!doctype html><html>", "<!--"),
    "HTML of entities": fill("<!doctype html><html>", "&lt;"),
    "HTML of cells": fill("<!doctype html><html><table>", "<tr><td>a<td>b</tr>"),
    "HTML of lists": fill("<!doctype html><html>", "<ul><li>"),
    "HTML of open blocks": fill("<!doctype html><html>", "<pre>\n"),
    "lists of fields": fill("POST /a/b\n", "- `a` (string)\n"),
    "stairs of fields": lambda size: "POST /a/b\n" + "".join(" " * i + "- `a` (string)\n" for i in range(min(2500, size // 99))),
    "one bracket behind a name": fill("POST /a/b\n- `a` (", "("),
    "headings of fields": fill("POST /a/b\n", "### `a`\n- type: string\n"),
    "copied rows": fill("POST /a/b\nField\tType\tDescription\n", "a\tstring\tx\n"),
    "one copied row": fill("POST /a/b\nField\tType\tDescription\na\tstring\tb\n", "words words\n"),
    "curl lines that go on": fill("", "curl https://a.test/v1/x \\\n"),
    "curl with an open quote": fill("curl https://a.test/v1/x -d '", "{\n"),
    "shapes in braces": each("POST /a/b\n", "- Body: `{ a#: string, b?: { c: 'd'|'e' }, f: [{ g }] }`\n"),
    "shapes in shapes": fill("POST /a/b\n", "- Body: `" + "{ a: " * 300 + "\n"),
    "braces that nothing closes": fill("POST /a/b\n", "{\n"),
    "Postman requests": fill('{"_postman_id":"1","item":[', '{"request":{"method":"GET","url":"/v1/x"}},', "{}]}"),
    "GitBook parameters": fill("", '{% swagger-parameter in="body" name="a" %}\n'),
    "GitBook without end": fill('{% swagger-parameter in="body" name="a" %}', '{% swagger-parameter "'),
    "comments before HTML": fill("", "<!---->", "x"),
    "HTML lists with words": fill("<!doctype html><html>", "<ul><li>a"),
    "GitBook of blanks": fill("{% swagger-parameter", " "),
    "GitBook lines of blanks": each("", "{% swagger-parameter" + " " * 2_000 + "\n"),
    "escaped quotes without end": each("POST /a/b\n{\n", '"' + '\\"' * 9_000 + "\n"),
    "blanks behind a type": each("POST /a/b\n", "- `a` `string`" + BLANKS + "x\n"),
    "blanks in brackets": each("POST /a/b\n", "- `a` (string (" + BLANKS + "))\n"),
    "brackets in rows": each(TABLE, "| " + "[" * 19_000 + " |\n"),
    "brackets behind tabs": each("POST /a/b\nField\tType\tDescription\n", "a\tstring\t" + "[" * 19_000 + "\n"),
    "half separators": each("POST /a/b\n", "|--" + " " * 1_980 + "x\n"),
    "lists of words": each("POST /a/b\n", "- a\n"),
    "lists of names": each("POST /a/b\n", "- `a` b\n\n"),
    "stairs of words": lambda size: "".join(" " * i + "- a\n" for i in range(min(2500, size // 99))) * 3,
    "rows of many names": each(TABLE, "| a# | string | yes | max 5 |\n"),
    "rows of many lists": each(TABLE, "| a# | array | yes | URL or Base64 |\n"),
    "rows in many lists": each(TABLE, "| a#.b | array | yes | |\n"),
    "names of blanks": each(TABLE, "| a " + "\u2003" * 6_000 + " ( | string | yes | x |\n"),
    "tables of values": each(TABLE + "| a | string | yes | x |\n" * 2_000, "\n| 名称 | 值 |\n|---|---|\n| z# | v |\n"),
    "many headings": each("", "Field\tType#\tDescription\n"),
    "many operations": each("", "curl https://a.test/v1/x#x -d '{\"a\": 1}'\n"),
    "examples of many values": each("POST /a/b\n", "```\n{\"a\": [" + "1," * 4_000 + "1]}\n```\n"),
    "curl of many values": each("", "curl https://a.test/v1/x# -d '{\"a\": [" + "1," * 4_000 + "1]}'\n"),
    "Postman variables": lambda _: json.dumps({"_postman_id": "1", "variable": VARIABLES, "item": [{"request": {"url": "{{a}}/v1/x"}}]}),
    "Postman bodies": collection('"body":{"mode":"raw","raw":' + escaped('{"a": [' + "1," * 4_000 + "1]}") + "}"),
    "Postman descriptions": collection('"description":' + escaped(SAID)),
    "described operations": lambda size: '{"openapi":"3.0.1","paths":{' + each("", '"/a/b#":{"post":{"description":' + escaped(SAID) + '}},')(size) + '"/a":{}}}',
    "YAML list": fill("openapi: 3.0.1\nx:\n", "- a\n"),
    "YAML list, broken": fill("openapi: 3.0.1\nx:\n", "- a\n", "y: a: b\n"),
    "YAML broken in each line": fill("openapi: 3.0.1\n", "description: a: b\n"),
    "YAML of open quotes": fill("openapi: 3.0.1\nx: '\n", 'foo: "bar\n'),
    "YAML of tabs": fill("openapi: 3.0.1\n", "\t\tfoo: bar\n  baz: q\n"),
    "fences": fill("", "```\n"),
    "open fences": fill("", "```yaml\nopenapi: 3.0.1\npaths: {}\n"),
    "blocks": fill("", "```yaml\nopenapi: 3.0.1\npaths: {}\n```\n"),
    "broken blocks": fill("", "```yaml\nopenapi: 3.0.1\npaths: a: b\n```\n"),
    "headings": fill("", "# a\n"),
    "headed tables": each("POST /a/b\n", "\n## z#\n\n| Field | Type | Description |\n|---|---|---|\n| a# | string | max 5 |\n"),
    "apiDoc": each("", " * @api {post} /v1/x#x One\n * @apiBody {String{..5}} [a=b] max 5 characters, one of a, b\n"),
    "apiDoc fields": each(" * @api {post} /v1/x One\n", " * @apiBody {String{..5}} [a#=b] max 5 characters\n"),
    "TypeScript": each("POST /a/b\n```ts\ninterface A {\n", "  a#?: string; // max 5 characters, one of a, b\n"),
    "zod": each("// POST /a/b\nconst a = z.object({\n", "  a#: z.array(z.string().max(5)).max(5).describe('one of a, b'),\n"),
    "zod, never closed": each("", "const a# = z.object({ a: z.string(\n"),
    "zod in zod": fill("const a = z.object({\n", "a: z.object({ a: [("),
    "zod of what was above": each("const a0 = z.object({})\nconst a1 = z.object({})\n", "const a# = z.object({ ...a1.shape, a: a0.partial(), ...a0.shape })\n"),
    "zod that inherits": lambda size: "// POST /a/b\nconst a0 = z.object({\n})\n" + "".join(f"const a{n} = a{n - 1}.extend({{ x: z.string() }})\n" for n in range(1, min(size // 45, 1_400))),
    "slashes of zod": fill("const a = z.object({ a: z.string().regex(", " /[", " })"),
    "Python classes": each("POST /a/b\n```python\nclass A(BaseModel):\n", "    a#: str | None = None\n"),
    "Python classes in classes": lambda size: "POST /a/b\n```python\n" + "".join(f"class A{n}(B):\n" + "".join(f"    f{m}: list[A{n + 1}]\n" for m in range(20)) for n in range(min(size // 500, 60))) + "\n```\n",
    "Python of bars": lambda size: "POST /a/b\n```python\nclass A(B):\n    a: " + "a|" * min(size // 4, 15_000) + "a\n```\n",
    "rows of list tables": each(".. http:post:: /a/b\n\n.. list-table::\n\n   * - Name\n     - Type\n", "   * - a#\n     - string\n"),
    "one cell of a list table": fill(".. list-table::\n\n   * - Name\n     - Type\n   * - a\n", "     words words\n"),
    "borders": fill("", "===  ===\n\n"),
    "grids": fill("", "+--+--+\n| a | b |\n"),
    "headings of texts": fill(".. code-block:: c\n\n", "a\n===\n"),
    "commented YAML": lambda size: "# POST /a/b\n" + "".join(f"a{n}: 1  # string, required, max 5\n" for n in range(min(size // 40, 100_000))),
    "stairs of YAML": lambda size: "# POST /a/b\n" + "".join(" " * (i % 60) + f"a{i}: 1 # int, optional\n" for i in range(min(size // 40, 100_000))),
    "client calls": each("", "```python\nrequests.post('https://a.test/v1/x#', json={'a': 1})\n```\n"),
    "one client call": fill("```python\nrequests.post('https://a.test/v1/x', json={\n", "'a': [{\n"),
    "comments above": fill("POST /a/b\n```json\n{\n", "// a\n"),
    "properties": fill(
        HEAD, "                q:\n                  type: string\n                  description: max 5 characters, one of a or b\n"
    ),
    "descriptions": descriptions,
    "components": fill("POST /a/b\n", '<ParamField body="a" type="string">max 5 characters</ParamField>\n'),
    "open components": fill("POST /a/b\n", '<ParamField body="a" type="object">\n'),
    "half components": fill('<ParamField body="a">', "<ParamField body="),
    "lost indentation": fill("openapi: 3.0.1\npaths:\n/a:\npost:\nrequestBody:\ncontent:\na/b:\nschema:\nproperties:\n", "q:\ntype: string\n"),
    "lost indentation, deep": fill("openapi: 3.0.1\npaths:\n/a:\npost:\nx-a:\n", "q:\n"),
    "labels of entries": fill("", "Name\na\nType\nstring\n"),
    "headings a line": fill("", "Name\nType\nRequired\n"),
    "archive of many parts": fill(ARCHIVE, "--x\nContent-Type: text/css\n\na\n"),
    "archive of long heads": fill(ARCHIVE, "--x\n" + "a: b\n" * 3_000 + "\n"),
    "archive of one head": fill("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x; a=", "b;"),
    "archive of headers": fill("", "a: b\n c\n"),
    "archive of escapes": fill(ARCHIVE + PART, "=3D=\n"),
    "archive of fields": fill(ARCHIVE + PART + "<p>POST /a/b</p><table><tr><td>Field<td>Type", "<tr><td>a<td>string\n"),
    "archive without end": fill(ARCHIVE + "--x\n", "--x"),
    "terms and definitions": each("POST /a/b\n", "a# (string)\n: words, max 5\n"),
    "terms of HTML": each("POST /a/b\n", "<dt>a#</dt><dd>string, max 5</dd>\n"),
    "terms that nothing closes": fill("POST /a/b\n", "<dt>a\n"),
    "columns by single blanks": each("POST /a/b\nName Type Description Required Default\n", "a# string words of it No x\n"),
    "names with glued types": each("POST /a/b\nBody\n", "a#string\nWords of it.\n"),
    "names with glued limits": each("POST /a/b\nBody\n", "a#integer1 to 9Defaults to 4\n"),
    "names with braces": each("POST /a/b\n", "- `a#` {string, required} max 5\n"),
    "rows that are untold": each("POST /a/b\n", "| X | Y |\n|---|---|\n| a_# | b |\n\n"),
    "heads of copied tables": fill("POST /a/b\n", "Name\nType\nRequired\n\n"),
    "calls by the way": each("POST /a/b\n", "See GET /a/b/# for it. The callback is a POST /x/# request.\n"),
    "rows in columns": each("POST /a/b\nParameters:\n", "  a#  string  required  max 5\n"),
    "one row in columns": fill("POST /a/b\nParameters:\n  a  string\n  b  string\n", "       words words\n"),
    "stairs in columns": lambda size: "POST /a/b\n" + "".join(" " * (i % 40) + f"a{i}  object\n" for i in range(size // 40)),
    "programs that call": each(SEEN, "```python\nrequests.post('https://a.test/v1/x#', json={'a': [1], 'b': c or 5})  # {\"d\": 1}\n```\n"),
    "a program of calls": fill(SEEN + "```python\nB = 'https://a.test'\n", "p = {'a': q}; r = requests.post(f'{B}/v1/x', json=p)\n"),
    "a line of calls": fill(SEEN + "```js\n", "await fetch(`${B}/v1/x`, {method: 'POST', body: JSON.stringify({a: 1})}); "),
    "calls that nothing closes": fill(SEEN + "```js\n", "axios.post('https://a.test/v1/x', {a: {b: [\n"),
    "a call with nested objects": fill(SEEN + "```js\naxios.post('https://a.test/v1/x', ", "{a: [", "\n```\n"),
    "objects with open quotes": fill(SEEN, "```python\nrequests.post('https://a.test/v1/x', json={'a': \"b\n```\n"),
    "templates that nothing closes": fill(SEEN + "```js\n", "fetch(`https://a.test/v1/x/${"),
    "names of names": fill(SEEN + "```js\n", "u = b + c + d; axios.post(u, b, {params: c})\n"),
    "answers in comments": fill(SEEN + "```bash\ncurl https://a.test/v1/x\n", "# Returns: {\"a\": 1}\n"),
    "comments that nothing closes": fill(SEEN + "```bash\ncurl https://a.test/v1/x\n", "# {\"a\": {\n"),
    "what programs take out": fill(SEEN + "```python\nr = requests.get('https://a.test/v1/x/1').json()\n", "a = r['b']['c'][0]['d']; e = a['f'] or r.get('g', {}).get('h')\n"),
    "what programs take out and name again": each(SEEN + "```python\nr = requests.get('https://a.test/v1/x/1').json()\n", "a# = r['b#']['c#']\n"),
    "states in arrows": each(SEEN + "```json\n{\"status\": \"queued\"}\n```\n", "queued -> running / waiting, pending -> failed\n", most=2_500),
    "a line of arrows": each(SEEN, "queued -> " * 500 + "\n"),
    "branches of arrows": each(SEEN + "queued -> running -> done\n", "   └-> failed / done / queued\n", most=3_000),
    "answers said in braces": each(SEEN, "Returns `{ a#: string, b: { c }, d: [{ e }] }` for `GET /v1/x#` → `{ id }`.\n", most=800),
    "answers said in braces in braces": each(SEEN, "Returns " + "{ a: " * 500 + "\n", most=80),
    "names taken out by sentences": each(SEEN + "```json\n{\"a\": 1}\n```\n", "Save `a#`, `b` and `c` of the file, get `d` and `e` from the response; read links in `f.g`.\n", most=2_000),
    "a line that takes out": each(SEEN, "get the file in `a` and `b`, " * 600 + "\n"),
    "queries in sentences": each(SEEN, "Poll `GET /v1/x#/{id}` until `status` is `a`, `b` or `c`, then take links in `u`.\n", most=1_800),
    "labelled calls": each(LOOSE, "- Submit: https://a.test/v1/x#\n- Query: https://a.test/v1/y#\n\n\n\n"),
    "labels of calls": each(LOOSE, "- 创建任务请求结果：https://a.test/v1/x\n", most=3_000),
    "optional names": each(SEEN, "Optional fields: `a#`" + ", `b`" * 100 + "\n", most=300),
    "choices in clauses": each(SEEN, "分辨率支持 `a#`" + "、`b`" * 200 + "；\n", most=250),
    "states by number": each(SEEN, "| Code | Meaning |\n|---|---|\n| # | queued |\n| 1 | done |\n\n"),
    "fields with their values": each(SEEN, "| Name | Values |\n|---|---|\n| a# | b / c |\n\n"),
    "rows without headings": fill(SEEN, "| a | string | b | c |\n"),
    "rows above headings": fill(SEEN, "| a | string | b |\n" * 150 + "| Name | Type | Notes |\n|---|---|---|\n| c | string | d |\n\n"),
    "types in clauses": each(SEEN, "- `a#`：" + "字符串，" * 30 + "必填\n", most=500),
    "values below labels": each(SEEN, "Available a# values:\n- b\n- c (default)\n\n"),
    "JSON in code on lines": fill(SEEN, "`{\"a\": [1, 2]}`\n\n"),
    "NUL": fill("", "\0"),
    "lone surrogates": lambda size: ("openapi: 3.0.1\nx: " + "\ud800" * (size // 3)).encode("utf-8", "surrogatepass"),
    "noise": lambda size: random.Random(1).randbytes(min(size, 2_000_000)),
    "ratios": described("16:9"),
    "values": described("Enum values: a"),
    "more values": described("one of a-, "),
    "prohibitions": described("must not be "),
    "maxima": described("maximum of "),
    "digits": described("max 99"),
    "letters": described("a"),
    "blanks": described(" "),
    "picture ratios": described("image 1:2 "),
    "picture formats": described("image jpg,"),
    "picture digits": lambda _: HEAD + FIELD + '"image ' + "9" * 7_900 + '"\n',
    "picture blanks": lambda _: HEAD + FIELD + '"image ratio' + " " * 7_900 + 'x"\n',
    "limit blanks": lambda _: HEAD + FIELD + '"maximum length is' + " " * 7_900 + 'x"\n',
    "value blanks": lambda _: HEAD + FIELD + '"values: a ' + " " * 7_900 + 'or b"\n',
    "prefixes": described("base64 do not add "),
    "Chinese prefixes": described("base64不要加"),
    "uniqueness": described("unique in the account within "),
    "defaults": described("default is "),
    "quotes": described("'`"),
    "parentheses": described("(a"),
    "ranges": described("between 1 and "),
    "Chinese ranges": described("不能超过取值范围"),
}  # fmt: skip


def outcome(data: bytes) -> str:
    """ "read" or "refused"; any exception but the one clear error comes through."""
    try:
        read(Document.from_bytes("hostile", data))
    except UnderstudyError:
        return "refused"
    return "read"


def main(name: str, size: int) -> None:
    data = CASES[name](size)
    data = data if isinstance(data, bytes) else data.encode()
    started = time.process_time()
    result = outcome(data)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"name": name, "result": result, "seconds": round(seconds, 3), "bytes": peak}))  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print("\n".join(CASES))  # noqa: T201
    else:
        for case in CASES if sys.argv[1] == "all" else [sys.argv[1]]:
            main(case, int(sys.argv[2]))
