"""`understudy specs import`: a document becomes a provider in one step, with an account of what was read."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import re
import threading
import tomllib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from understudy.specs import library
from understudy.specs.build import build, stale
from understudy.specs.cli.specs import specs as command
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing import Imported, ImportOptions, import_documents
from understudy.specs.tree import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
PAGE = """# Pictures

```yaml
openapi: 3.0.1
info: {title: Acme, version: '1'}
servers:
  - url: https://acme.example
paths:
  /acme/v1/images/multi-image2image:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [model, subject_image_list]
              properties:
                model: {type: string, enum: [kling-v2-1]}
                subject_image_list:
                  type: array
                  maxItems: 4
                  items: {type: object, properties: {subject_image: {type: string}}}
                prompt: {type: string, description: Cannot exceed 500 characters}
                n: {type: integer, minimum: 1, maximum: 9}
                seed: {type: integer}
      responses:
        '200': {description: ok}
```
"""


def import_document(root: Path, source: str, name: str, today: date, **options: bool) -> Imported:
    return import_documents(root, [source], name, today, ImportOptions(**options))


SUMMARY = """acme: read acme.md
  POST /v1/images/multi-image2image: 7 fields

Limits that stand in prose (1)
  POST /v1/images/multi-image2image: prompt maxLength 500 (acme.md:23 prose)

Mended (1)
  acme.md:24:17 mend: unquoted 'n', read as a name

Fields under another name (1)
  acme.md:18 alias (model): model is taken for the vendor's model_name

Undocumented (inherited from the canonical spec) (OTHERS)
  GET /v1/images/multi-image2image
  POST /v1/images/multi-image2image negative_prompt
  POST /v1/images/multi-image2image scene_image
  POST /v1/images/multi-image2image style_image
  POST /v1/images/multi-image2image aspect_ratio
  POST /v1/images/multi-image2image watermark_info
  POST /v1/images/multi-image2image callback_url
  POST /v1/images/multi-image2image external_task_id
  GET /v1/images/multi-image2image/{id}
FAMILIES
24 facts read, 0 lines told; 62% of the text's 26 lines gave no fact
wrote specs/providers/acme/: provider.toml, openapi.yaml, overlay.yaml
play it: understudy serve --provider acme
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "acme.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(library.ENVIRONMENT, raising=False)
    return tmp_path


def test_an_import_shows_the_document_beside_what_was_read(elsewhere: Path, page: Path) -> None:
    page.write_text(PAGE.replace("# Pictures", "Jobs <b>expire</b> after 30 days."), encoding="utf-8")

    done = CliRunner().invoke(command, ["import", "acme.md", "--name", "acme", "--explain", "read.html"])

    shown = (elsewhere / "read.html").read_text(encoding="utf-8")
    assert done.exit_code == 0
    assert re.findall(r'<tr class="(\w+)" id="d1-(?:1|16|23|7)">', shown) == ["lost", "none", "fact", "fact"]
    assert "Jobs &lt;b&gt;expire&lt;/b&gt; after 30 days." in shown
    assert "prompt: maxLength 500 (prose)" in shown
    assert "<script" not in shown


def test_lines_that_may_say_something_and_gave_no_fact_are_named(elsewhere: Path, page: Path) -> None:
    said = (
        "Pay first.\n\nThe tail cannot be a picture.\nUse it only at night.\n\nGood night.\n\nEither is fine."
    )
    page.write_text(PAGE.replace("# Pictures", said), encoding="utf-8")
    words = ["import", "acme.md", "--name", "acme", "--explain", "read.html"]

    text = CliRunner().invoke(command, words).stdout
    data = json.loads(CliRunner().invoke(command, [*words, "--json"]).stdout)

    heading = "Lines with a figure, a name, a value or a condition that is in no fact"
    assert f"\n{heading} (3)\n  acme.md: 3-4, 8\n" in text
    assert data["figures"]["lines"]["acme.md"]["unread"] == [3, 4, 8]
    shown = (elsewhere / "read.html").read_text(encoding="utf-8")
    assert re.findall(r'<tr class="unread" id="d1-(\d+)">', shown) == ["3", "4", "8"]


def test_a_document_comes_from_standard_input_and_is_called_that(elsewhere: Path, page: Path) -> None:
    words = ["import", "-", "--name", "acme"]
    first, second = (CliRunner().invoke(command, words, input=page.read_bytes()) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert 'file = "stdin"' in (elsewhere / "specs/providers/acme/provider.toml").read_text(encoding="utf-8")
    assert "Nothing changed since the last import" in second.stdout


def test_a_strict_import_refuses_a_line_that_is_in_no_fact(elsewhere: Path, page: Path) -> None:
    page.write_text(PAGE.replace("# Pictures", "Jobs expire after 30 days."), encoding="utf-8")

    with pytest.raises(UnderstudyError, match=r"1 lines say something that is in no fact: acme.md:1 "):
        import_documents(elsewhere, ["acme.md"], "acme", TODAY, ImportOptions(strict=True))

    assert not (elsewhere / "specs").exists()


def test_an_import_makes_a_provider_that_can_be_used_at_once(elsewhere: Path, page: Path) -> None:
    done = CliRunner().invoke(command, ["import", str(page), "--name", "acme"])
    other = sorted(
        path for path in library.canonical()["paths"] if "{" not in path and "multi-image2image" not in path
    )
    families = f"  nothing of {len(other)} families (--json lists them): {', '.join(other[:3])}, ..."
    summary = SUMMARY.replace("OTHERS", str(9 + len(other))).replace("FAMILIES", f"{families}\n")
    assert (done.exit_code, done.stdout) == (0, summary)
    properties = library.effective("acme")["components"]["schemas"]["MultiImage2ImageRequest"]["properties"]
    assert properties["model"] == {
        "type": "string",
        "enum": ["kling-v2-1"],
        "default": "kling-v2-1",
        "x-dated": "2026-11",
        "x-alias-of": "model_name",
    }
    assert properties["prompt"]["maxLength"] == 500
    assert stale(elsewhere, build(elsewhere).files) == []


def test_a_second_import_says_what_changed_and_keeps_what_a_person_wrote(elsewhere: Path, page: Path) -> None:
    import_document(elsewhere, str(page), "acme", TODAY)
    profile = elsewhere / "specs/providers/acme/provider.toml"
    own = '\n[aliases]\ncolour = "style_image"\n\n[conventions.success]\ncode = "0"\n'
    profile.write_text(
        profile.read_text(encoding="utf-8").replace('title = "acme"', 'title = "Acme"') + own,
        encoding="utf-8",
    )
    changed = PAGE.replace("maximum: 9", "maximum: 4").replace("500 characters", "5000 characters")
    page.write_text(changed.replace("                seed: {type: integer}\n", ""), encoding="utf-8")
    imported = import_document(elsewhere, str(page), "acme", TODAY)
    assert [(one.field, one.keyword, one.before, one.after) for one in imported.changes] == [
        ("prompt", "maxLength", 500, 5000),
        ("n", "maximum", 9, 4),
        ("seed", "field", "seed", None),
        ("seed", "required", False, None),
        ("seed", "type", "integer", None),
    ]
    text = profile.read_text(encoding="utf-8")
    assert text.startswith(
        'name = "acme"\ntitle = "Acme"\n\n[[documents]]\nfile = "acme.md"\ndate = 2026-11-21\n'
    )
    assert text.endswith(own.lstrip("\n"))
    assert library.effective("acme")["x-conventions"]["success"]["code"] == "0"
    assert import_document(elsewhere, str(page), "acme", TODAY).changes == ()


def test_a_changed_document_whose_places_moved_has_not_changed(elsewhere: Path, page: Path) -> None:
    import_document(elsewhere, str(page), "acme", TODAY)
    page.write_text("\n\nA new first paragraph.\n\n" + PAGE, encoding="utf-8")
    assert import_document(elsewhere, str(page), "acme", TODAY).changes == ()
    assert "acme.md:26 declared" in (elsewhere / "specs/providers/acme/openapi.yaml").read_text(
        encoding="utf-8"
    )


def test_a_type_that_is_none_is_a_problem_and_the_rest_is_read(elsewhere: Path, page: Path) -> None:
    page.write_text(PAGE.replace("prompt: {type: string", "prompt: {type: true"), encoding="utf-8")
    (note,) = import_document(elsewhere, str(page), "acme", TODAY).notes("problem")
    assert (note.line, note.field, note.text) == (23, ("prompt",), "type cannot be 'True'; left out")


@pytest.mark.parametrize(
    ("name", "reason", "like"),
    [
        ("", "it is empty", "acme-2"),
        ("Acme", "it has other characters", "acme"),
        ("a b", "it has other characters", "a-b"),
        ("../x", "it has other characters", "x"),
        ("1a", "it has other characters", "x-1a"),
        ("名字", "it has other characters", "acme-2"),
        ("acme\n", "it has other characters", "acme"),
        ("-x", "it has other characters", "x"),
        ("canonical", "it is the name of the spec that all providers are compared with", "my-canonical"),
        ("con", "Windows reserves it for a device", "my-con"),
        ("CON", "it has other characters", "my-con"),
        ("v1", "it looks like a version in a path", "my-v1"),
        ("x" * 300, "it has 300 characters", "x" * 64),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_the_reason(
    elsewhere: Path, page: Path, name: str, reason: str, like: str
) -> None:
    with pytest.raises(UnderstudyError) as caught:
        import_document(elsewhere, str(page), name, TODAY)
    shown = repr(name) if len(name) < 300 else repr("x" * 40 + "…")
    assert caught.value.what == f"{shown} cannot be a provider's name: {reason}"
    assert caught.value.advice.endswith(f"begins with a letter: {like}")
    assert not (elsewhere / "specs").exists()


def test_a_built_in_name_needs_consent_once_and_is_told_each_time(elsewhere: Path, page: Path) -> None:
    with pytest.raises(UnderstudyError, match=r"chainhub is a provider that comes with .* --replace"):
        import_document(elsewhere, str(page), "chainhub", TODAY)
    assert not (elsewhere / "specs").exists()
    arguments = ["import", str(page), "--name", "chainhub"]
    for more in (["--replace"], []):
        told = CliRunner().invoke(command, [*arguments, *more]).stdout
        assert "it overrides the built-in chainhub\n" in told
    assert library.folders()["chainhub"] == elsewhere / "specs/providers/chainhub"


BY_HAND = """# Acme, as we buy it.
name = "acme"
title = "Acme"   # as on their page

[[documents]]
# from their support
file = "acme.md" # the copy
date = 2026-11-01
sha256 = "0000"
kind = "provider"

# Seen in a call of 3 November.
[[facts]]
operation = "POST /v1/images/multi-image2image"
field = "style_image"
keyword = "required"
value = true
source = "a recorded call"

[conventions.success]
code = "0"
"""


def written_by_hand(folder: Path, text: str = BY_HAND) -> Path:
    path = folder / "specs/providers/acme/provider.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_import_changes_the_documents_entry_and_no_other_byte(elsewhere: Path, page: Path) -> None:
    import_document(elsewhere, str(page), "acme", TODAY)
    profile = written_by_hand(elsewhere)
    imported = import_document(elsewhere, str(page), "acme", TODAY)
    digest = hashlib.sha256(page.read_bytes()).hexdigest()
    expected = BY_HAND.replace("2026-11-01", "2026-11-21").replace("0000", digest)
    assert profile.read_text(encoding="utf-8") == expected
    assert imported.kept == (
        'title = "Acme"',
        "[conventions] success",
        "[[facts]] 1",
        "3 lines of comment",
    )
    import_document(elsewhere, str(page), "acme", date(2027, 1, 1))
    assert profile.read_text(encoding="utf-8") == expected


def test_an_import_leaves_line_ends_as_the_hand_has_them(elsewhere: Path, page: Path) -> None:
    import_document(elsewhere, str(page), "acme", TODAY)
    profile = written_by_hand(elsewhere)
    profile.write_bytes(BY_HAND.replace("sha256", "#").replace("\n", "\r\n").encode())
    (elsewhere / "video.md").write_text(VIDEO, encoding="utf-8")
    import_documents(elsewhere, [str(page), str(elsewhere / "video.md")], "acme", TODAY)
    found = profile.read_bytes().decode()
    assert found.count("\n") == found.count("\r\n")
    assert [one["file"] for one in tomllib.loads(found)["documents"]] == ["acme.md", "video.md"]
    assert "# from their support\r\n" in found


@pytest.mark.parametrize(
    "text",
    [
        'name = "acme"\ndocuments = [{file = "acme.md"}]\n',
        'name = "acme"\ntitle = """\n[[documents]]\n"""\n[[documents]]\nfile = "acme.md"\n',
        'name = "acme"\n[[documents]]\nfile = "acme.md"\nsha256 = """\n0"""\n',
    ],
)
def test_entries_that_cannot_be_edited_are_left_to_the_hand(elsewhere: Path, page: Path, text: str) -> None:
    import_document(elsewhere, str(page), "acme", TODAY)
    profile = written_by_hand(elsewhere, text)
    page.write_text(PAGE.replace("500", "400"), encoding="utf-8")
    before = (elsewhere / "specs/providers/acme/openapi.yaml").read_bytes()
    with pytest.raises(UnderstudyError, match=r'cannot change .*should say: file = "acme.md"'):
        import_document(elsewhere, str(page), "acme", TODAY)
    assert profile.read_text(encoding="utf-8") == text
    assert (elsewhere / "specs/providers/acme/openapi.yaml").read_bytes() == before


def test_generated_files_that_a_hand_changed_are_set_aside(elsewhere: Path, page: Path) -> None:
    import_document(elsewhere, str(page), "acme", TODAY)
    folder = elsewhere / "specs/providers/acme"
    assert import_document(elsewhere, str(page), "acme", TODAY).set_aside == ()
    changed = (folder / "openapi.yaml").read_text(encoding="utf-8").replace("maximum: 9", "maximum: 8")
    (folder / "openapi.yaml").write_text(changed, encoding="utf-8")
    told = CliRunner().invoke(command, ["import", str(page), "--name", "acme"]).stdout
    assert "kept as openapi.yaml.before, overlay.yaml.before\n" in told
    assert "request: n maximum 8 -> 9\n" in told
    assert (folder / "openapi.yaml.before").read_text(encoding="utf-8") == changed


VIDEO = PAGE.replace("images/multi-image2image", "videos/multi-image2video").replace("subject_image", "image")


def test_several_documents_are_one_provider_and_none_is_dropped_unasked(elsewhere: Path, page: Path) -> None:
    (elsewhere / "video.md").write_text(VIDEO, encoding="utf-8")
    both = import_documents(elsewhere, ["acme.md", "video.md"], "acme", TODAY)
    assert list(both.spec.operations) == [
        "POST /v1/images/multi-image2image",
        "POST /v1/videos/multi-image2video",
    ]
    with pytest.raises(UnderstudyError, match=r"acme was read from acme.md too .*or drop it with --replace"):
        import_documents(elsewhere, ["video.md"], "acme", TODAY)
    (elsewhere / "list.md").write_text(VIDEO.replace("post:", "get:"), encoding="utf-8")
    import_documents(elsewhere, ["list.md", "acme.md", "video.md"], "acme", TODAY)
    profile = elsewhere / "specs/providers/acme/provider.toml"
    files = [one["file"] for one in tomllib.loads(profile.read_text(encoding="utf-8"))["documents"]]
    assert files == ["acme.md", "video.md", "list.md"]
    assert stale(elsewhere, build(elsewhere).files) == []
    alone = import_documents(elsewhere, ["video.md"], "acme", TODAY, ImportOptions(consent=True))
    assert alone.dropped == ("acme.md", "list.md")
    assert profile.read_text(encoding="utf-8").count("[[documents]]") == 1


def test_a_document_is_known_again_by_its_name_in_another_folder(elsewhere: Path, page: Path) -> None:
    import_document(elsewhere, str(page), "acme", TODAY)
    (elsewhere / "docs").mkdir()
    page.rename(elsewhere / "docs" / "acme.md")
    assert import_document(elsewhere, "docs/acme.md", "acme", TODAY).changes == ()
    profile = tomllib.loads((elsewhere / "specs/providers/acme/provider.toml").read_text(encoding="utf-8"))
    assert [one["file"] for one in profile["documents"]] == ["docs/acme.md"]


def test_a_provider_that_is_not_found_by_its_name_is_told_by_its_folder(elsewhere: Path, page: Path) -> None:
    told = CliRunner().invoke(command, ["import", str(page), "--name", "acme", "--root", "far"]).stdout
    assert told.endswith(f"play it: understudy serve --provider {elsewhere}/far/specs/providers/acme\n")


def test_a_folder_that_cannot_be_written_is_an_error_of_one_line(elsewhere: Path, page: Path) -> None:
    (elsewhere / "specs").write_text("a file", encoding="utf-8")
    done = CliRunner().invoke(command, ["import", str(page), "--name", "acme"])
    assert isinstance(done.exception, UnderstudyError)
    assert "specs/providers/acme/provider.toml: cannot be written: Not a directory" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no known format"),
        ("# A page about nothing\n\nHello.\n", "no known format"),
        ('{"openapi": "3.1.0", "info": {}, "paths": {}}', "no operation"),
        ('{"swagger": "2.0", "paths": {}}', "2.0"),
    ],
)
def test_a_document_without_an_operation_is_refused_and_nothing_is_written(
    elsewhere: Path, text: str, problem: str
) -> None:
    (elsewhere / "x.md").write_text(text, encoding="utf-8")
    with pytest.raises(UnderstudyError) as caught:
        import_document(elsewhere, "x.md", "acme", TODAY)
    assert problem in str(caught.value)
    assert not (elsewhere / "specs").exists()


def test_a_document_whose_name_no_file_can_hold_is_refused(elsewhere: Path, page: Path) -> None:
    odd = page.rename(elsewhere / os.fsdecode(b"caf\xe9.md"))
    with pytest.raises(UnderstudyError, match=r"caf\\udce9\.md': its name is no UTF-8"):
        import_document(elsewhere, str(odd), "acme", TODAY)
    assert not (elsewhere / "specs").exists()


def test_the_vendors_promise_is_not_overwritten(elsewhere: Path, page: Path) -> None:
    folder = elsewhere / "specs/providers/kling"
    folder.mkdir(parents=True)
    (folder / "provider.toml").write_text('name = "kling"\nvendor = true\n', encoding="utf-8")
    with pytest.raises(UnderstudyError, match="written by hand"):
        import_document(elsewhere, str(page), "kling", TODAY)


@pytest.fixture
def site() -> Iterator[str]:
    """A small documentation site with an index in llms.txt."""
    index = "# Docs\n- [Images](/images.md)\n- [About](/about.md)\n- [Gone](/gone.md)\n- [Far](https://far.example/x.md)\n"
    pages = {"/llms.txt": index, "/images.md": PAGE, "/about.md": "# About us\n"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = pages.get(self.path)
            self.send_response(200 if text else 404)
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched_and_its_address_kept(elsewhere: Path, site: str) -> None:
    imported = import_document(elsewhere, f"{site}/images.md", "acme", TODAY)
    assert imported.documents == ("images.md",)
    profile = (elsewhere / "specs/providers/acme/provider.toml").read_text(encoding="utf-8")
    assert f'url = "{site}/images.md"\ndate = 2026-11-21\nsha256 = "' in profile
    again = build(elsewhere)
    assert (stale(elsewhere, again.files), dict(again.kept)) == ([], {"acme": "images.md is not here"})


def test_conventions_hold_where_the_document_is_not_there_to_be_read(elsewhere: Path, site: str) -> None:
    import_document(elsewhere, f"{site}/images.md", "acme", TODAY)
    profile = elsewhere / "specs/providers/acme/provider.toml"
    own = '\n[conventions.success]\ncode = "0"\n'
    profile.write_text(profile.read_text(encoding="utf-8") + own, encoding="utf-8")
    import_document(elsewhere, f"{site}/images.md", "acme", TODAY)
    assert stale(elsewhere, build(elsewhere).files) == []
    assert library.effective("acme")["x-conventions"]["success"] == {"code": "0", "message": "SUCCEED"}


def test_an_index_is_followed_on_request(elsewhere: Path, site: str) -> None:
    arguments = ["import", f"{site}/llms.txt", "--name", "acme", "--follow", "--json"]
    done = json.loads(CliRunner().invoke(command, arguments).stdout)
    assert done["documents"] == ["images.md"]
    assert done["fields"] == {"POST /v1/images/multi-image2image": 7}
    assert [place.split(": ")[0].rsplit("/", 1)[1] for place in done["skipped"]] == [
        "gone.md",
        "x.md",
        "about.md",
    ]
    assert done["changes"] is None


def test_follow_needs_an_address(elsewhere: Path, page: Path) -> None:
    with pytest.raises(UnderstudyError, match="--follow needs the URL of an index"):
        import_document(elsewhere, str(page), "acme", TODAY, follow=True)


def test_an_import_of_a_packaged_document_says_what_the_package_says(elsewhere: Path) -> None:
    name = "chainhub-multi-image2image.md"
    (elsewhere / name).write_bytes((ROOT / "fixtures" / "docs" / name).read_bytes())
    import_document(elsewhere, name, "chainhub-again", TODAY)
    ours = library.effective("chainhub-again")["components"]["schemas"]["MultiImage2ImageRequest"]
    assert ours == library.effective("chainhub")["components"]["schemas"]["MultiImage2ImageRequest"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v1/weather", "describes POST /v1/weather, and none of the operations that Understudy knows"),
        ("/v1/videos/no-such2video", "describes POST /v1/videos/no-such2video, and none of the operations"),
    ],
)
def test_a_document_of_something_else_is_refused_and_nothing_is_written(
    elsewhere: Path, page: Path, path: str, told: str
) -> None:
    page.write_text(PAGE.replace("/acme/v1/images/multi-image2image", path), encoding="utf-8")
    with pytest.raises(UnderstudyError) as caught:
        import_document(elsewhere, str(page), "acme", TODAY)
    assert told in str(caught.value)
    creates = [
        f"POST {path}"
        for path, item in library.canonical()["paths"].items()
        if "x-task" in item.get("post", {})
    ]
    first = f"known families: {', '.join(creates[:5])} and {len(creates) - 5} more; a further"
    assert first in str(caught.value)
    assert not (elsewhere / "specs").exists()


def test_an_operation_beside_the_vendors_is_kept_and_told(elsewhere: Path, page: Path) -> None:
    page.write_text(PAGE.replace("paths:\n", "paths:\n  /v1/weather: {get: {}}\n"), encoding="utf-8")
    told = CliRunner().invoke(command, ["import", str(page), "--name", "acme"]).stdout
    assert "neither played nor verified) (1)\n  GET /v1/weather\n" in told
    assert library.effective("acme")["paths"]["/v1/weather"]["get"]["x-not-the-vendors"] is True


def test_a_page_that_does_not_say_its_path_is_refused(elsewhere: Path) -> None:
    (elsewhere / "x.md").write_text("| Field | Type |\n|---|---|\n| prompt | string |\n", encoding="utf-8")
    with pytest.raises(UnderstudyError, match=r"no operation found: .*does not say the path"):
        import_document(elsewhere, "x.md", "acme", TODAY)
    assert not (elsewhere / "specs").exists()


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (("prompt", "negative_prompt", "image_list"), "'POST /v1/videos/multi-image2video'"),
        (("model", "image", "image_tail", "duration", "extra"), "'POST /v1/videos/image2video'"),
        (("prompt", "duration", "colour", "weight"), "such as 'POST /v1/path/of/it'"),
        (("prompt", "image"), "such as 'POST /v1/path/of/it'"),
    ],
)
def test_a_page_without_a_path_is_told_for_which_operation_its_fields_speak(
    elsewhere: Path, names: tuple[str, ...], advice: str
) -> None:
    rows = "".join(f"| {name} | string | what it is |\n" for name in names)
    page = f"| Field | Type | Description |\n|---|---|---|\n{rows}"
    (elsewhere / "x.md").write_text(page, encoding="utf-8")
    with pytest.raises(UnderstudyError, match=re.escape(advice)):
        import_document(elsewhere, "x.md", "acme", TODAY)


def test_what_only_an_example_shows_is_told_and_narrows_nothing(elsewhere: Path) -> None:
    page = 'POST /v1/videos/multi-image2video\n\n```json\n{"prompt": "x", "duration": "5"}\n```\n'
    (elsewhere / "x.md").write_text(page, encoding="utf-8")
    told = CliRunner().invoke(command, ["import", "x.md", "--name", "acme"]).stdout
    assert "nothing promised (1)\n  POST /v1/videos/multi-image2video request: prompt, duration\n" in told
    ours = library.effective("acme")["components"]["schemas"]["MultiImage2VideoRequest"]["properties"]
    known = library.canonical()["components"]["schemas"]["MultiImage2VideoRequest"]["properties"]
    assert (ours["prompt"], ours["duration"]) == (known["prompt"], known["duration"])
    assert ours["mode"]["x-undocumented"] is True


def test_an_example_of_an_answer_does_not_say_what_may_be_missing(elsewhere: Path) -> None:
    answer = '```json\n{"code": 0, "data": {"task_id": "1"}}\n```\n'
    page = f"POST /v1/videos/multi-image2video\n\n## Response\n\n{answer}"
    (elsewhere / "x.md").write_text(page, encoding="utf-8")
    import_document(elsewhere, "x.md", "acme", TODAY)
    place = (
        "/v1/videos/multi-image2video",
        "post",
        "responses",
        "200",
        "content",
        "application/json",
        "schema",
    )
    ours, known = (
        functools.reduce(lambda node, key: node[key], place, document["paths"])
        for document in (library.effective("acme"), library.canonical())
    )
    required = resolved(library.canonical(), known)["required"]
    assert resolved(library.effective("acme"), ours)["required"] == required == [
        "code", "message", "request_id", "data",
    ]  # fmt: skip


def test_what_a_page_describes_without_saying_it_can_be_said(elsewhere: Path) -> None:
    page = "| Field | Type | Description |\n|---|---|---|\n| prompt | string | at most 400 characters |\n"
    (elsewhere / "x.md").write_text(page, encoding="utf-8")
    place = "POST /v1/videos/multi-image2video"
    with pytest.raises(UnderstudyError, match="say it with --operation"):
        import_document(elsewhere, "x.md", "acme", TODAY)
    done = CliRunner().invoke(command, ["import", "x.md", "--name", "acme", "--operation", place])
    assert f"{place}: prompt maxLength 400 (x.md:3 prose)\n" in done.stdout
    assert "does not say the path" not in done.stdout
    profile = tomllib.loads((elsewhere / "specs/providers/acme/provider.toml").read_text(encoding="utf-8"))
    assert profile["documents"][0]["operation"] == place
    assert stale(elsewhere, build(elsewhere).files) == []
    assert import_document(elsewhere, "x.md", "acme", TODAY).changes == ()


def test_an_operation_that_is_none_is_refused(elsewhere: Path, page: Path) -> None:
    with pytest.raises(UnderstudyError, match="--operation: no operation: 'multi-image2image'"):
        import_documents(elsewhere, [str(page)], "acme", TODAY, ImportOptions(operation="multi-image2image"))
    said = "the pages say POST /acme/v1/images/multi-image2image: that is it already"
    with pytest.raises(UnderstudyError, match=said):
        import_documents(
            elsewhere,
            [str(page)],
            "acme",
            TODAY,
            ImportOptions(operation="POST /v1/images/multi-image2image"),
        )
    with pytest.raises(UnderstudyError, match="describes POST /v1/x, and none of the operations"):
        import_documents(elsewhere, [str(page)], "acme", TODAY, ImportOptions(operation="POST /v1/x"))


NIMBUS = """# Create task

`POST https://gw.nimbus.example/nimbus/v2/images/multi-image2image`

| Field | Type | Required | Description |
|---|---|---|---|
| prompt | string | yes | at most 400 characters |

## Query task

`GET https://gw.nimbus.example/nimbus/v2/images/multi-image2image/{id}`

```json
{"code": 0, "message": "ok", "request_id": "r", "data": {"task_id": "1", "task_status": "submitted"}}
```
"""
CREATE = "POST /v1/images/multi-image2image"
QUERY = "GET /v1/images/multi-image2image/{id}"


def test_an_operation_at_a_path_of_the_providers_own_can_be_said_to_be_the_vendors(elsewhere: Path) -> None:
    (elsewhere / "x.md").write_text(NIMBUS, encoding="utf-8")
    with pytest.raises(UnderstudyError, match=f"at another path, say --operation '{CREATE}'"):
        import_document(elsewhere, "x.md", "nimbus", TODAY)
    assert not (elsewhere / "specs").exists()
    done = CliRunner().invoke(command, ["import", "x.md", "--name", "nimbus", "--operation", CREATE])
    own = "/nimbus/v2/images/multi-image2image"
    assert (
        f"  x.md:3 contradiction: the page says POST {own}: compared as {CREATE[5:]}, "
        "played and verified at its own path\n"
        f"  x.md:11 contradiction: the page says GET {own}/{{id}}: compared as {QUERY[4:]}, "
        "played and verified at its own path\n"
    ) in done.stdout
    assert f"{CREATE}: prompt maxLength 400 (x.md:7 prose)\n" in done.stdout
    ours = library.effective("nimbus")["paths"]
    assert ours.keys() == library.canonical()["paths"].keys()
    assert stale(elsewhere, build(elsewhere).files) == []
    again = CliRunner().invoke(command, ["import", "x.md", "--name", "nimbus"]).stdout
    assert "\nNothing changed since the last import\n" in again
    assert "Changed since" not in again


def test_pages_of_one_family_move_together(elsewhere: Path) -> None:
    at = NIMBUS.index("## Query")
    (elsewhere / "create.md").write_text(NIMBUS[:at], encoding="utf-8")
    (elsewhere / "query.md").write_text(NIMBUS[at:], encoding="utf-8")
    pages = ["query.md", "create.md"]
    done = import_documents(elsewhere, pages, "nimbus", TODAY, ImportOptions(operation=CREATE))
    assert (sorted(done.spec.operations), done.strangers) == ([QUERY, CREATE], ())
    profile = tomllib.loads((elsewhere / "specs/providers/nimbus/provider.toml").read_text(encoding="utf-8"))
    assert [one["operation"] for one in profile["documents"]] == [QUERY, CREATE]
    assert import_documents(elsewhere, pages, "nimbus", TODAY).changes == ()


def test_an_example_without_a_heading_is_an_answer_of_a_get_and_where_it_is_an_envelope(
    elsewhere: Path,
) -> None:
    page = NIMBUS.replace("nimbus/v2", "v1").replace(
        "## Query", '```json\n{"code": 0, "data": {}}\n```\n\n## Query'
    )
    for text in (page, page.replace("## Query task", "## Query"), page[page.index("## Query") :]):
        (elsewhere / "x.md").write_text(text, encoding="utf-8")
        operations = import_document(elsewhere, "x.md", "acme", TODAY).spec.operations
        assert [
            (key, [f.name for f in one.request], list(one.responses)) for key, one in operations.items()
        ] == [
            (CREATE, ["prompt"], ["200"]),
            (QUERY, [], ["200"]),
        ][-len(operations) :]


def test_a_folder_that_cannot_be_is_refused(elsewhere: Path, page: Path) -> None:
    done = CliRunner().invoke(command, ["import", "acme.md", "--name", "acme", "--root", "x" * 300])

    assert done.exit_code == 2
    assert "File name too long" in done.stderr
