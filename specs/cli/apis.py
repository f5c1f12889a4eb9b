"""`understudy specs check` and `new`: descriptions of APIs (`apis/NAME/api.yaml`), and how one is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from understudy.specs import library
from understudy.specs.behaviour import description as descriptions
from understudy.specs.behaviour import read
from understudy.specs.behaviour.openapi import document_of
from understudy.specs.cli.names import PROVIDER
from understudy.specs.errors import UnderstudyError
from understudy.specs.say import say, say_json

if TYPE_CHECKING:
    from understudy.specs.behaviour import TaskFamily
    from understudy.specs.behaviour.description import Description

WRONG = 1


@click.command()
@click.argument("names", metavar="[API]...", nargs=-1, type=PROVIDER)
@click.option("--json", "as_json", is_flag=True, help="Print data instead of text.")
def check(names: tuple[str, ...], as_json: bool) -> None:
    """Say what is missing or contradictory in descriptions of APIs, by file and line.

    API is a name or the path of an api.yaml; without one, all are checked. Exits with 1 when something is
    wrong.
    """
    files = [_file(name) for name in names] or list(library.apis().values())
    rows = []
    for file in files:
        _, found = descriptions.examine(file, library.apis().get)
        rows += [{"file": str(file), **problem._asdict()} for problem in found]
    if as_json:
        say_json(rows)
    else:
        for row in rows:
            place = f"{row['pointer']}: " if row["pointer"] else ""
            say(f"{row['file']}:{row['line']}: {place}{row['what']} ({row['advice']})")
        if not rows:
            say(f"{len(files)} {'description is' if len(files) == 1 else 'descriptions are'} complete.")
    if rows:
        raise click.exceptions.Exit(WRONG)


def _file(name: str) -> Path:
    known = library.apis().get(name)
    path = known or (Path(name) / library.DESCRIPTION_FILE if Path(name).is_dir() else Path(name))
    if not path.is_file():
        raise UnderstudyError(
            f"unknown API {name!r}", advice=f"known: {', '.join(library.apis())}; or the path of an api.yaml"
        )
    return path


@click.command()
@click.argument("name")
@click.option("--like", type=PROVIDER, help="The API whose description is copied.")
@click.option(
    "--vendor",
    is_flag=True,
    help="NAME sells the API of --like: only what differs is written (`like: …`), and both compare.",
)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder that holds specs/ (default: the current one).",
)
def new(name: str, like: str | None, vendor: bool, root: Path) -> None:
    """Write the description of an API of your own, to be changed: specs/apis/NAME/api.yaml.

    It can be served at once: understudy serve --provider NAME.
    """
    if like is None:
        raise click.UsageError(f"say what it is --like; known: {', '.join(library.apis())}")
    model = library.described(like)
    file = root / "specs" / library.APIS / name / library.DESCRIPTION_FILE
    if file.exists():
        raise UnderstudyError(f"{file} exists", advice="choose another name, or change that file")
    if name in library.names():
        raise UnderstudyError(f"{name} is the name of a built-in provider", advice="choose another name")
    text = _differences(name, like) if vendor else _copied(name, model)
    _, found = descriptions.read_new(text, file, library.apis().get)
    if found:
        raise descriptions.as_error(found[0], file)
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    say(f"wrote {file}")
    say(f"next: understudy specs check {file}; understudy serve --provider {name}")


def _differences(name: str, like: str) -> str:
    return f"""\
behaviour: 1
name: {name}
title: {name}
# Everything else is as at {like}; write here what differs (null takes a key away).
like: {like}
servers: [https://api.{name}.example]
evidence: {{servers: 'where you know it from'}}
"""


def _copied(name: str, model: Description) -> str:
    """The model's own text under another name; where it is like another itself, that stays."""
    lines = model.file.read_text(encoding="utf-8").splitlines(keepends=True)
    schema = "# yaml-language-server: $schema=" + descriptions.SCHEMA_FILE.as_uri() + "\n"
    kept = [line for line in lines if not line.startswith("# yaml-language-server")]
    changed = [f"name: {name}\n" if line.startswith("name:") else line for line in kept]
    return schema + "".join(changed)


def described(description: Description, *, as_json: bool) -> None:
    """Print a description: its operations, states and callbacks, and where its facts come from."""
    if as_json:
        say_json(description.data)
        return
    behaviour = read(document_of(description.data), description.name)
    say(f"{behaviour.title}  ({description.file})")
    for family in behaviour.families:
        say(f"\n{family.name}")
        for word, text in _rows(family):
            say(f"  {word:9} {text}")
    say("\nevidence")
    for key, source in description.data["evidence"].items():
        say(f"  {key}: {source}")


def _rows(family: TaskFamily) -> list[tuple[str, str]]:
    axes = family.axes
    if axes is None:
        return []
    account = axes.service.account
    rows: list[tuple[str, str]] = [("account", f"{account.name}: {account.written('KEY')}")]
    rows += [("create", f"{axes.create.method} {path}") for path in axes.create.paths]
    calls: list[tuple[str, Any]] = [("query", axes.query)]
    calls += [("results", axes.results.call)] if axes.results else []
    calls += [(word, rule.call) for word, rule in (("cancel", axes.cancel), ("delete", axes.delete)) if rule]
    rows += [(word, f"{call.method} {call.path}") for word, call in calls]
    rows += [("list", f"{axes.listing.method} {axes.listing.path}")] if axes.listing else []
    rows += [("state", f"{state.name} ({state.kind})") for state in family.lifecycle.states]
    if axes.callback is not None:
        signed = axes.callback.signature.scheme
        rows.append(("callback", f"{axes.callback.place} {axes.callback.name}, signature: {signed}"))
    return rows
