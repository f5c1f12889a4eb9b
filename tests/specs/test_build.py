"""`understudy specs build`: everything generated is up to date, valid, and the same bytes everywhere."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from openapi_spec_validator import validate

from understudy.specs import library, overlay
from understudy.specs.behaviour import read
from understudy.specs.build import build, checked, package_vendor, stale, write
from understudy.specs.cli.specs import specs as command
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import effective, load_yaml
from understudy.specs.render import provider_from
from understudy.specs.tree import same

ROOT = Path(__file__).parents[2]
ORIGINALS = ROOT.parent / "shared" / "docs"
PROVIDERS = ("chainhub", "cometapi", "kling", "newapi", "powertokens", "yutoai")
DOCUMENTED = tuple(name for name in PROVIDERS if name != "newapi")

CANONICAL_FILES = ("arazzo.yaml", "asyncapi.yaml", "disagreements.md", "openapi.json", "openapi.yaml")


@pytest.fixture(scope="module")
def built():
    """One build of the repository's own specs/, shared and not changed."""
    return build(ROOT)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what a build reads."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copytree(ROOT / "fixtures" / "docs", tmp_path / "fixtures" / "docs")
    return tmp_path


def test_every_generated_file_is_up_to_date(built) -> None:
    assert stale(ROOT, built.files) == []
    assert sorted(built.files) == sorted(
        [f"specs/canonical/{name}" for name in CANONICAL_FILES]
        + [f"specs/providers/{name}/openapi.yaml" for name in DOCUMENTED]
        + [f"specs/providers/{name}/overlay.yaml" for name in PROVIDERS]
    )


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("specs/**/openapi.yaml")), ids=lambda path: path.parent.name
)
def test_every_openapi_file_is_valid(path: Path) -> None:
    validate(load_yaml(path))


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_effective_spec_is_valid_and_is_the_canonical_one_with_its_overlay(name: str) -> None:
    made = library.effective(name)
    document = load_yaml(ROOT / "specs" / "providers" / name / "overlay.yaml")
    assert same(overlay.apply(library.canonical(), document), made)
    validate(made)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_providers_file_holds_its_whole_spec(built, name: str) -> None:
    """Written and read again, a spec says the same, but for words of the documents."""
    read = provider_from(load_yaml(ROOT / "specs" / "providers" / name / "openapi.yaml"), name)
    written = built.specs[name]
    assert (read.title, read.servers, read.aliases) == (written.title, written.servers, written.aliases)
    assert read.conventions == dict(written.conventions)
    assert facts(read) == facts(written)
    assert [(n.kind, n.document, n.line) for n in read.notes] == [
        (n.kind, n.document, n.line) for n in written.notes
    ]


def facts(spec) -> dict:
    return {
        (key, body, one.path): (
            one.confidence,
            {(word.name, repr(word.value), word.evidence) for word in one.keywords},
        )
        for key, body, one in spec.fields()
    }


def notes(spec) -> list:
    return [(note.kind, note.document, note.line, note.field) for note in spec.notes]


LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
# Each against the files that are kept, which were written elsewhere: one in the short form.
ENVIRONMENTS = [
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "Asia/Shanghai"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONHASHSEED": "7", "LC_ALL": "POSIX", "PYTHONUTF8": "0"},
]


@pytest.mark.parametrize(
    "environment",
    ENVIRONMENTS if LONG else ENVIRONMENTS[:1],
    ids=lambda e: f"{e['LC_ALL']}-{e['PYTHONHASHSEED']}",
)
def test_a_build_gives_the_same_bytes_on_every_machine(copy: Path, environment: dict) -> None:
    generated = [path for path in copy.glob("specs/**/*.*") if path.name in {"openapi.yaml", "overlay.yaml"}]
    for path in generated:
        path.unlink()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "understudy", "specs", "build"],
        cwd=copy,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for path in generated:
        assert path.read_bytes() == (ROOT / path.relative_to(copy)).read_bytes(), path


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals are not here")
def test_the_original_documents_give_the_same_bytes_as_our_copies(copy: Path, built) -> None:
    shutil.rmtree(copy / "fixtures" / "docs")
    shutil.copytree(ORIGINALS, copy / "fixtures" / "docs")
    assert dict(build(copy).files) == dict(built.files)


def run(*arguments: str):
    return CliRunner().invoke(command, list(arguments))


EDITED = [
    "specs/canonical/arazzo.yaml",
    "specs/canonical/asyncapi.yaml",
    "specs/providers/chainhub/openapi.yaml",
    "specs/providers/newapi/overlay.yaml",
]
MISSING = "specs/providers/yutoai/overlay.yaml"


def test_check_names_what_is_stale_or_missing_and_a_build_writes_that_alone(copy: Path) -> None:
    for file in EDITED:
        (copy / file).write_text((copy / file).read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    (copy / MISSING).unlink()
    told = [*EDITED, MISSING]

    done = run("build", "--check", "--root", str(copy))

    assert (done.exit_code, done.stdout) == (1, "".join(f"stale: {file}\n" for file in told))
    assert not (copy / MISSING).exists()
    written = run("build", "--root", str(copy)).stdout
    assert written == "".join(f"wrote {file}\n" for file in told) + "16 generated files, 5 written.\n"
    assert run("build", "--check", "--root", str(copy)).exit_code == 0


def test_a_changed_document_makes_its_files_stale(copy: Path) -> None:
    document = copy / "fixtures/docs/chainhub-multi-image2image.md"
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace("[1, 9]", "[1, 4]"), encoding="utf-8")
    assert stale(copy, build(copy).files) == [
        "specs/canonical/disagreements.md",
        "specs/providers/chainhub/openapi.yaml",
        "specs/providers/chainhub/overlay.yaml",
    ]


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "before"})
    (tmp_path / "a.yaml").chmod(0o640)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, most[1]))
    try:
        with pytest.raises(UnderstudyError, match=r"a\.yaml: cannot be written: File too large"):
            write(tmp_path, {"a.yaml": "x" * 5_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.yaml": "before"}
    write(tmp_path, {"a.yaml": "after"})
    assert stat.S_IMODE((tmp_path / "a.yaml").stat().st_mode) == 0o640
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.yaml": "after"}


def test_a_file_behind_a_link_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "a.yaml").symlink_to(tmp_path / "real/a.yaml")
    write(tmp_path, {"a.yaml": "text"})
    assert (tmp_path / "a.yaml").is_symlink()
    assert (tmp_path / "real/a.yaml").read_text() == "text"


def test_a_folder_without_the_vendor_is_built_upon_the_package(tmp_path: Path) -> None:
    folder = tmp_path / "specs/providers/acme"
    folder.mkdir(parents=True)
    (folder / "provider.toml").write_text(
        'name = "acme"\ntitle = "Acme"\n[[documents]]\nfile = "chainhub-multi-image2image.md"\n',
        encoding="utf-8",
    )
    shutil.copy(ROOT / "fixtures/docs/chainhub-multi-image2image.md", tmp_path)
    files = build(tmp_path).files
    assert sorted(files) == ["specs/providers/acme/openapi.yaml", "specs/providers/acme/overlay.yaml"]
    write(tmp_path, files)
    (tmp_path / "chainhub-multi-image2image.md").unlink()
    again = build(tmp_path)
    assert dict(again.files) == dict(files)
    assert dict(again.kept) == {"acme": "chainhub-multi-image2image.md is not here"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = 3", "'name'"),
        ("nonsense", "not TOML"),
        ('name = "other"', "stands in the folder 'acme'"),
        ('name = "acme"\ncolour = "red"', "unknown key 'colour'"),
        ('name = "acme"\n[[documents]]\nfile = "none.md"', "the document none.md is not here"),
        ('name = "acme"\n[[documents]]\ndate = 2026-11-21', "`file` or `url`"),
        ('name = "acme"\n[[documents]]\nfile = "x"\nkind = "rumour"', "unknown kind 'rumour'"),
        ('name = "acme"\n[[facts]]\nfield = "n"', "a fact needs 'keyword'"),
        ('name = "acme"\n[conventions.error]\ncode = "colour"', "unknown kind of code 'colour'"),
        ('name = "acme"\n[conventions.answers]\ncreate = "$nothing"', "unknown value '$nothing'"),
    ],
)
def test_a_profile_that_cannot_be_used_is_one_clear_error(tmp_path: Path, text: str, problem: str) -> None:
    folder = tmp_path / "specs/providers/acme"
    folder.mkdir(parents=True)
    (folder / "provider.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnderstudyError) as caught:
        build(tmp_path)
    assert problem in str(caught.value)


def test_a_folder_without_providers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="use --root"):
        build(tmp_path)


def test_the_packages_vendor_is_kling() -> None:
    vendor = package_vendor()
    behaviour = read(effective("kling"), "kling")
    creates = [family.operations.create.key for family in behaviour.families]
    at_once = [one.operation.key for one in behaviour.immediate]
    # Of each family a create, a query and, where there is one, a list; and what starts no task.
    lists = [family.name for family in behaviour.families if family.operations.list]
    documented = 2 * len(creates) + len(lists) + len(at_once)
    assert (vendor.name, len(vendor.operations)) == ("kling", documented)
    assert {"POST /v1/images/multi-image2image", "POST /v1/videos/text2video"} <= set(creates)
    assert {"GET /account/costs", "POST /v1/videos/identify-face"} <= set(at_once)


def test_a_spec_that_is_no_valid_openapi_is_never_written() -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": 7}}},
    }
    with pytest.raises(UnderstudyError, match="the spec of acme would be no valid OpenAPI at paths/"):
        checked(document, "the spec of acme")
