"""The documentation's site builds without a warning, its links lead somewhere, and nothing on it is stale."""

from __future__ import annotations

import html.parser
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from tests.docs.command_lines import calls, problem
from tests.docs.readme import ROOT
from tests.docs.test_help import NAMES, commands

from understudy.contracts.checks import PROMISES
from understudy.specs.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with pages/ and site/."""
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, ROOT / ".docs/pages.py", folder],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


class Anchors(html.parser.HTMLParser):
    """The links and the ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {value for name in ("id", "name") if (value := found.get(name))}
        target = found.get("href") if tag == "a" else found.get("src") if tag in ("script", "img") else None
        if target:
            self.links.append(target)


def test_every_link_leads_to_a_page_and_a_place_on_it(built: Path) -> None:
    site = built / "site"
    pages = {page: Anchors(page.read_text()) for page in site.rglob("*.html")}
    lost = []
    for page, found in pages.items():
        here = f"http://site/{page.relative_to(site).as_posix()}"
        for link in found.links:
            target, anchor = urldefrag(urljoin(here, link))
            if urlsplit(target).netloc != "site":
                continue
            file = site / unquote(urlsplit(target).path).lstrip("/")
            file = file / "index.html" if file.is_dir() else file
            if not file.exists() or (anchor and file in pages and unquote(anchor) not in pages[file].ids):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert lost == []
    assert len(pages) > 20


def test_nothing_is_fetched_from_elsewhere(built: Path) -> None:
    text = "".join(page.read_text() for page in (built / "site").rglob("*.html"))
    fetched = re.findall(r'<(?:script|img|iframe)[^>]* src="(https?:[^"]+)"', text)
    fetched += re.findall(r'<link[^>]* rel="stylesheet"[^>]* href="(https?:[^"]+)"', text)
    assert fetched == []


@pytest.mark.parametrize("name", NAMES)
def test_page_of_a_command_has_all_its_options(name: str, built: Path) -> None:
    text = (built / "pages/commands" / f"{name.replace(' ', '-')}.md").read_text()
    options = [opt for parameter in commands()[name].params for opt in parameter.opts if opt.startswith("--")]
    assert [option for option in options if option not in text] == []


def test_tables_have_every_row_that_the_code_has(built: Path) -> None:
    pages = built / "pages"
    assert [p for p in PROMISES if f"`{p}`" not in (pages / "promises.md").read_text()] == []
    assert [r for r in RULES if f"`{r}`" not in (pages / "rules.md").read_text()] == []
    assert "| `canonical` |" in (pages / "providers.md").read_text()
    assert "## explain_refusal" in (pages / "agents.md").read_text()
    assert "`advanceClock`" in (pages / "control.md").read_text()


def test_no_command_or_option_on_it_is_out_of_date(built: Path) -> None:
    found = [
        (page.name, call) for page in (built / "pages").rglob("*.md") for call in calls(page.read_text())
    ]
    wrong = [f"{page}: understudy {call}: {said}" for page, call in found if (said := problem(call))]
    assert wrong == []
    assert len(found) > 80


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("serve --prot 1", "serve has no option --prot"),
        ("srve", "unknown command 'srve'"),
        ("specs biuld --check", "unknown command 'biuld'"),
        ("verify-client -- python --any", ""),
        ("serve -p kling -p cometapi   # several at once", ""),
        ("drift chainhub --live URL --budget 4", ""),
    ],
)
def test_a_stale_command_would_be_noticed(call: str, said: str) -> None:
    assert problem(call) == said
