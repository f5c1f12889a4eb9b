"""Finding specs by name: the package's, the user's own, and one that is given by its path."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from understudy.specs import library
from understudy.specs.errors import UnderstudyError
from understudy.specs.tree import copied, same

if TYPE_CHECKING:
    from pathlib import Path

OVERLAY = (
    "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n- target: $.info\n  update: {title: TITLE}\n"
)


def provider(folder: Path, name: str, title: str) -> Path:
    """A folder providers/NAME below `folder` whose overlay sets the title."""
    made = folder / "providers" / name
    made.mkdir(parents=True)
    (made / "provider.toml").write_text(f'name = "{name}"\n', encoding="utf-8")
    (made / "overlay.yaml").write_text(OVERLAY.replace("TITLE", title), encoding="utf-8")
    return made


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is empty, and the environment names no other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(library.ENVIRONMENT, raising=False)
    return tmp_path


def title(profile: str) -> str:
    return library.effective(profile)["info"]["title"]


def test_the_package_knows_these() -> None:
    assert library.profiles() == [
        "canonical",
        "chainhub",
        "cometapi",
        "kling",
        "newapi",
        "powertokens",
        "yutoai",
    ]


@pytest.mark.parametrize("name", ["none", "", "../kling", "Kling"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnderstudyError) as caught:
        library.effective(name)
    if "/" not in name:
        near = "did you mean kling? " if name == "Kling" else ""
        said = f"unknown provider {name!r} ({near}known: canonical, chainhub, cometapi, kling,"
        assert said in str(caught.value)


def test_specs_in_the_current_folder_are_known(elsewhere: Path) -> None:
    provider(elsewhere / "specs", "acme", "Acme")
    assert "acme" in library.profiles()
    assert title("acme") == "Acme"


def test_the_environment_goes_before_the_current_folder_and_that_before_the_package(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(elsewhere / "specs", "kling", "here")
    assert title("kling") == "here"
    provider(elsewhere / "mine", "kling", "mine")
    provider(elsewhere / "more", "other", "more")
    monkeypatch.setenv(library.ENVIRONMENT, f"{elsewhere / 'mine'}:{elsewhere / 'more'}")
    assert (title("kling"), title("other")) == ("mine", "more")


def test_the_environment_must_name_folders_that_hold_providers(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(library.ENVIRONMENT, str(elsewhere))
    with pytest.raises(UnderstudyError, match=r"UNDERSTUDY_SPECS: .* holds no folder `providers`"):
        library.profiles()


def test_a_path_names_a_folder_or_an_overlay(elsewhere: Path) -> None:
    folder = provider(elsewhere, "acme", "Acme")
    assert title(str(folder)) == "Acme"
    assert title(str(folder / "overlay.yaml")) == "Acme"


def test_an_overlay_that_was_written_anew_is_read_anew(elsewhere: Path) -> None:
    import os

    folder = provider(elsewhere / "specs", "acme", "Acme")
    assert title("acme") == "Acme"
    (folder / "overlay.yaml").write_text(OVERLAY.replace("TITLE", "New"), encoding="utf-8")
    os.utime(folder / "overlay.yaml", ns=(1, 1))
    assert title("acme") == "New"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "overlay.yaml: cannot be read"),
        ("actions: []", "overlay.yaml: not an OpenAPI Overlay"),
        (
            OVERLAY.replace("update: {title: TITLE}", "update: 3"),
            "overlay.yaml: actions[0] $.info: a primitive",
        ),
    ],
)
def test_a_broken_overlay_is_one_clear_error(elsewhere: Path, text: str, problem: str) -> None:
    folder = provider(elsewhere / "specs", "acme", "Acme")
    (folder / "overlay.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UnderstudyError) as caught:
        library.effective("acme")
    assert problem in str(caught.value)


def test_a_provider_that_was_not_built_says_how_to(elsewhere: Path) -> None:
    (provider(elsewhere / "specs", "acme", "Acme") / "overlay.yaml").unlink()
    with pytest.raises(UnderstudyError, match=r"overlay.yaml is missing \(`understudy specs build`"):
        library.effective("acme")


def test_a_folder_with_its_own_canonical_spec_builds_on_that(elsewhere: Path) -> None:
    provider(elsewhere / "specs", "acme", "Acme")
    (elsewhere / "specs" / "canonical").mkdir()
    (elsewhere / "specs" / "canonical" / "openapi.yaml").write_text(
        "info: {title: Own}\npaths: {}\n", encoding="utf-8"
    )
    assert library.effective("acme") == {"info": {"title": "Acme"}, "paths": {}}


def test_what_is_handed_out_is_not_changed_by_making_another() -> None:
    before = copied(library.canonical())
    for name in library.profiles():
        library.effective(name)
    assert same(library.canonical(), before)


def test_a_spec_is_ready_without_a_jsonpath_engine_a_validator_or_a_reader() -> None:
    """`serve` starts with this; on a cold start it costs a few tens of milliseconds."""
    code = (
        "import sys; from understudy.specs import library\n"
        "[library.effective(p) for p in library.profiles()]\n"
        "print(sorted(set(sys.modules) & {'jsonpath', 'openapi_spec_validator', "
        "'hypothesis', 'schemathesis', 'PIL', 'understudy.specs.readers'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/", check=True)
    assert done.stdout == "[]\n"


def test_documented_is_what_the_documents_state_or_none() -> None:
    assert library.documented("newapi") is None
    assert library.documented("yutoai")["x-documents"] == ["yutoai-multi-image2image.txt"]
