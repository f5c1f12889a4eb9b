"""Makes the documentation's site: README, guide, every command's help, and the tables that the code has.

    python .docs/pages.py OUT              pages in OUT/pages, the site in OUT/site

Nothing is written by hand twice: a page is either a file of the repository or what the code itself says. Any
warning of MkDocs (a link or an anchor that leads nowhere, a page that is not listed) fails the build.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HERE = Path(__file__).parent
ROOT = HERE.parent
# Files of the repository that are pages; links to other files become plain text.
COPIED = {
    "README.md": "index.md",
    "fixtures/clients/GUIDE.md": "guide.md",
    "mockserver/README.md": "operations.md",
    ".github/SECURITY.md": "security.md",
    ".docs/CHANGELOG.md": "changelog.md",
}
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")
MARKER = re.compile(r"(?m)^<!-- .* -->\n")


def copied(path: str) -> str:
    """A file of the repository as a page: links between pages kept, those to other files as text."""

    def link(found: re.Match[str]) -> str:
        target = (ROOT / path).parent.joinpath(found[2]).resolve()
        known = {(ROOT / name).resolve(): page for name, page in COPIED.items()}
        if target in known:
            return f"[{found[1]}]({known[target]}{found[3] or ''})"
        return f"{found[1]} (`{target.relative_to(ROOT)}`)" if target.exists() else found[0]

    return LINK.sub(link, MARKER.sub("", (ROOT / path).read_text(encoding="utf-8")))


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and subcommand, by what one types."""
    from understudy.contracts.cli import COMMANDS, cli

    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", inner) for sub, inner in command.commands.items())


def help_page(name: str, command: click.Command) -> str:
    context = click.Context(
        command, info_name=f"understudy {name}", terminal_width=100, max_content_width=100
    )
    context.help_option_names = ["-h", "--help"]
    return f"# understudy {name}\n\n```text\n{command.get_help(context)}\n```\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    def cell(value: Any) -> str:
        return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")

    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(cell, row))} |" for row in rows)]) + "\n"


def providers_page() -> str:
    from understudy.specs import library
    from understudy.specs.behaviour import read

    rows = []
    for name in library.names():
        behaviour = read(library.effective(name), name)
        families = ", ".join(f"`{one.name}`" for one in behaviour.families)
        rows.append((f"`{name}`", behaviour.title, families))
    return "# Providers\n\nWhat `--provider` takes.\n\n" + table(("name", "title", "task families"), rows)


def promises_page() -> str:
    from understudy.contracts.checks import PROMISES

    rows = [(f"`{p.id}`", p.area, p.operation, p.cost, p.sentence) for p in PROMISES.values()]
    heads = ("id", "area", "operation", "cost", "promise")
    return "# Promises of providers\n\nWhat `understudy verify` checks.\n\n" + table(heads, rows)


def client_page() -> str:
    from understudy.contracts.client_verifier.promises import PROMISES
    from understudy.contracts.client_verifier.scenarios import SCENARIOS

    told = [(f"`{p.id}`", p.area, p.sentence) for p in PROMISES]
    played = [(f"`{s.name}`", "quick" if s.quick else "", s.sentence, f"`{s.play}`") for s in SCENARIOS]
    return (
        "# Promises of clients\n\nThe rows of the grade card of `understudy verify-client`.\n\n"
        + table(("id", "area", "promise"), told)
        + "\n## Scenarios\n\nWhat `--scenarios` takes, and what the mock is told in each.\n\n"
        + table(("name", "set", "what happens", "played"), played)
    )


def scenarios_page() -> str:
    from understudy.mockserver.play import faults
    from understudy.specs import library
    from understudy.specs.behaviour import read

    rows = []
    for row in faults.listing(read(library.effective(library.CANONICAL), "").refusals.situations):
        takes = "; ".join(f"`{name}`: {one['meaning']}" for name, one in row["parameters"].items())
        rows.append((f"`{row['name']}`", row["sentence"], takes))
    return (
        "# Scenarios of the mock\n\n"
        "What `--scenario`, the header `X-Understudy-Scenario` and the control plane take, as "
        "`name:parameter=value,parameter=value`; `+` joins several. Those of other providers are listed by "
        "their own mock.\n\n" + table(("name", "what happens", "parameters"), rows)
    )


def control_page() -> str:
    from understudy.mockserver.control.document import control_document

    document: Any = control_document()
    rows = [
        (f"`{method.upper()} /__understudy__{path}`", f"`{operation['operationId']}`", operation["summary"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]
    return (
        f"# Control plane\n\n{document['info']['description']}\n"
        "Its OpenAPI document is at `/__understudy__/control/openapi.json`.\n\n"
        + table(("request", "operationId", "what it does"), rows)
    )


def agents_page() -> str:
    from understudy.contracts.agents.server import make_server

    parts = ["# Tools for agents\n\nWhat `understudy mcp` offers (extra `mcp`).\n"]
    for tool in asyncio.run(make_server().list_tools()):
        parts.append(f"\n## {tool.name}\n\n{tool.description}\n")
        properties = tool.input_schema.get("properties", {})
        required = tool.input_schema.get("required", [])
        rows = [
            (f"`{name}`", "required" if name in required else f"`{json.dumps(one.get('default'))}`",
             one.get("description", ""))
            for name, one in properties.items()
        ]  # fmt: skip
        if rows:
            parts.append("\n" + table(("argument", "default", "meaning"), rows))
    return "".join(parts)


def rules_page() -> str:
    from understudy.specs.rules import RULES

    rows = [(f"`{r.id}`", r.area, r.level, r.otherwise, r.sentence) for r in RULES.values()]
    heads = ("id", "area", "with a witness", "shown harmless", "what changed")
    return "# Rules of drift\n\nWhat `understudy drift` tells, and what `--levels` moves.\n\n" + table(
        heads, rows
    )


def axes_page() -> str:
    from understudy.specs import behaviour

    schema = json.loads((Path(behaviour.__file__).parent / "description.schema.json").read_text())
    named = {"the file": schema, **schema["$defs"]}
    parts = [f"# Describing an API\n\n{schema.get('description', '')}\n"]
    for name, part in named.items():
        rows = [
            (f"`{key}`", _kind(one), one.get("description", ""))
            for key, one in part.get("properties", {}).items()
        ]
        if rows:
            parts.append(f"\n## {name}\n\n{part.get('description', '') if name != 'the file' else ''}\n\n")
            parts.append(table(("member", "kind", "meaning"), rows))
    return "".join(parts)


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


PAGES = {
    "providers.md": providers_page,
    "promises.md": promises_page,
    "client-promises.md": client_page,
    "scenarios.md": scenarios_page,
    "control.md": control_page,
    "agents.md": agents_page,
    "rules.md": rules_page,
    "axes.md": axes_page,
}


def write(out: Path) -> Path:
    """The pages and the configuration in `out`; gives the configuration's file."""
    pages = out / "pages"
    (pages / "commands").mkdir(parents=True, exist_ok=True)
    for path, page in COPIED.items():
        (pages / page).write_text(copied(path), encoding="utf-8")
    for page, make in PAGES.items():
        (pages / page).write_text(make(), encoding="utf-8")
    listed = []
    for name, command in commands():
        page = f"commands/{name.replace(' ', '-')}.md"
        (pages / page).write_text(help_page(name, command), encoding="utf-8")
        listed.append({name: page})
    text = (HERE / "mkdocs.yml").read_text().replace("COMMANDS", json.dumps(listed))
    yaml.safe_load(text)
    (out / "mkdocs.yml").write_text(text, encoding="utf-8")
    return out / "mkdocs.yml"


def main(out: Path) -> int:
    """Build into `out`; the exit code of MkDocs, which is not 0 for a warning."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    # The theme's announcement of its successor is no warning about these pages.
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        [*command, "-f", str(write(out)), "-d", str(out / "site")], env=env, check=False
    ).returncode


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python .docs/pages.py OUT")
    sys.exit(main(Path(sys.argv[1])))
