"""`understudy specs`: provider documents, and the specs that are made from them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from understudy.specs import library
from understudy.specs.cli.apis import check, described, new
from understudy.specs.cli.names import PROVIDER
from understudy.specs.errors import UnderstudyError
from understudy.specs.say import say, say_json

# Imports stand in the functions that need them: help, completion and complaints come 130 ms sooner.

STALE = 1


def _usable(_context: click.Context, _parameter: click.Parameter, root: Path) -> Path:
    """The folder, there or not yet; refused where the system cannot have one of that name."""
    try:
        root.is_dir()
    except OSError as error:
        raise click.BadParameter(f"{error.strerror or error}: {str(root)[:80]}…") from error
    return root


ROOT = click.option(
    "--root",
    callback=_usable,
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder that holds specs/ (default: the current one).",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print data instead of text.")


@click.group()
def specs() -> None:
    """Provider documents and the specs made from them.

    Providers are looked for in the folders listed in UNDERSTUDY_SPECS, then in ./specs, then in the package.
    """


@specs.command("list")
@AS_JSON
def list_(as_json: bool) -> None:
    """Name every profile that `serve`, `verify` and `drift` take, API by API.

    Profiles of one API compare with each other (`drift`, `specs portable`); those of two do not.
    """
    rows = [
        {
            "name": name,
            "title": _title(name),
            "api": library.api_of(name),
            "folder": str(library.folder_of(name) or library.canonical_file().parent),
        }
        for name in library.names()
    ]
    if as_json:
        _print_json(rows)
        return
    width = max(len(row["name"]) for row in rows)
    before = ""
    for row in sorted(
        rows, key=lambda row: (row["api"] != library.CANONICAL, row["api"], row["name"] != row["api"])
    ):
        if before and before != row["api"] and library.CANONICAL in (before, row["api"]):
            say()
        before = row["api"]
        indent = "  " if row["name"] != row["api"] else ""
        say(f"{indent}{row['name']:{width - len(indent) + 2}}  {row['title']}")


def _title(profile: str) -> str:
    title: str = library.effective(profile)["info"]["title"]
    return title


@specs.command()
@ROOT
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file is not what it would be.")
@AS_JSON
def build(root: Path, check: bool, as_json: bool) -> None:
    """Regenerate every generated file below specs/, byte for byte.

    Reads each provider.toml and the documents that it names; writes each provider's openapi.yaml and
    overlay.yaml, and the canonical spec where the vendor is among them.

    A further family of tasks is data: copy the package's specs/providers/kling/promise.yaml, add the paths
    of the family (create with x-task, query, list), name the copy in the provider.toml of a vendor of your
    own (vendor = true, and kind = "vendor" for the document), and build. `canonical` then has the family.
    """
    from understudy.specs import build as building

    built = building.build(root)
    for name, why in built.kept.items():
        say(f"{name}: built from its openapi.yaml; {why}", err=True)
    stale = building.stale(root, built.files)
    if as_json:
        if not check:
            building.write(root, {file: built.files[file] for file in stale})
        done = {"files": len(built.files), "stale" if check else "written": [str(file) for file in stale]}
        _print_json({**done, "kept": dict(built.kept)})
        if check and stale:
            raise click.exceptions.Exit(STALE)
        return
    if check:
        for file in stale:
            say(f"stale: {file}")
        if stale:
            say("`understudy specs build` writes them anew.", err=True)
            raise click.exceptions.Exit(STALE)
        say(f"{len(built.files)} generated files are up to date.")
        return
    building.write(root, {file: built.files[file] for file in stale})
    for file in stale:
        say(f"wrote {file}")
    say(f"{len(built.files)} generated files, {len(stale)} written.")


@specs.command()
@click.argument("provider", type=PROVIDER)
@AS_JSON
def show(provider: str, as_json: bool) -> None:
    """Show what PROVIDER's documents state: each field and keyword with document, line and kind.

    `canonical` shows where the providers disagree, what was chosen and why.
    """
    from understudy.specs.cli import shown as report
    from understudy.specs.render import provider_from
    from understudy.specs.render.text import terminal_width

    if library.api_of(provider) != library.CANONICAL:
        described(library.described(provider), as_json=as_json)
        return
    if provider == library.CANONICAL:
        disputes = library.canonical_file().with_name("disagreements.md")
        if as_json:
            _print_json(library.canonical())
        else:
            say(disputes.read_text(encoding="utf-8"), nl=False)
        return
    document = library.documented(provider)
    if document is None:
        effective = library.effective(provider)
        if as_json:
            _print_json(
                {"name": provider, "title": _title(provider), "x-conventions": effective["x-conventions"]}
            )
        else:
            say(f"{_title(provider)}\n\nHas no document of its own; what differs from the canonical spec:\n")
            say_json(effective["x-conventions"])
        return
    spec = provider_from(document, provider)
    if as_json:
        _print_json(report.as_data(spec))
    else:
        say(report.as_text(spec, document["x-documents"], terminal_width()), nl=False)


def compared(names: tuple[str, ...]) -> list[str]:
    """The profiles to compare: those named, all of an API for one name of it; raises for two APIs."""
    kinds = {name: library.api_of(name) for name in names}
    if len(set(kinds.values())) > 1:
        first, second = (
            next(n for n, kind in kinds.items() if kind == api)
            for api in list(dict.fromkeys(kinds.values()))[:2]
        )
        raise UnderstudyError(
            f"{first} and {second} are different APIs, and no request fits both",
            advice="`understudy specs list` shows which belong together",
        )
    if len(names) == 1 and kinds[names[0]] != library.CANONICAL:
        return library.members(kinds[names[0]])
    return list(names) or library.providers()


@specs.command()
@click.argument("names", metavar="[PROVIDER]...", nargs=-1, type=PROVIDER)
@AS_JSON
def portable(names: tuple[str, ...], as_json: bool) -> None:
    """Show which requests all providers take, and which answers a client must survive.

    With PROVIDERs, of those alone. Where no value satisfies all, it says who wants what.
    """
    from understudy.specs.cli import portable_tables as report
    from understudy.specs.portability import portability
    from understudy.specs.render.text import terminal_width

    chosen = compared(names)
    found = portability({name: library.effective(name) for name in chosen})
    if as_json:
        _print_json(report.as_data(found))
    else:
        say(report.as_markdown(found, terminal_width()), nl=False)


@specs.command("import")
@click.argument("sources", metavar="FILE|URL...", nargs=-1, required=True)
@click.option("--name", required=True, help="The provider's name: lower-case letters, digits and '-'.")
@click.option(
    "--follow", is_flag=True, help="Each URL is an llms.txt index: read the pages of its host that it lists."
)
@click.option(
    "--replace",
    "consent",
    is_flag=True,
    help="NAME may be that of a built-in provider, and documents that are not given again are dropped.",
)
@click.option(
    "--operation",
    metavar="'METHOD PATH'",
    default="",
    help="What a page describes that does not say it, such as 'POST /v1/path/of/it'; or the vendor's "
    "operation that a page describes at a path of its own, which is then taken to be at this one.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Write nothing, and fail, when a line of a document limits something that is in no fact.",
)
@click.option(
    "--new-api",
    is_flag=True,
    help="The pages describe an API of its own, though a path looks like one of a known family.",
)
@click.option(
    "--explain",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write an HTML page that shows each document beside what was read from each of its lines.",
)
@ROOT
@AS_JSON
def import_(
    sources: tuple[str, ...],
    name: str,
    follow: bool,
    consent: bool,
    operation: str,
    strict: bool,
    new_api: bool,
    explain: Path | None,
    root: Path,
    as_json: bool,
) -> None:
    """Make specs/providers/NAME/ from a provider's documents, and say what was read.

    Each FILE or URL is an OpenAPI file, a page in Markdown (tables, lists, MDX, GitBook) or HTML, a page that
    a browser saved as one file (.mhtml, .webarchive), the text of a rendered page, a Postman collection,
    reStructuredText, types in TypeScript, Go, Java, Kotlin or Python, apiDoc comments, commented YAML, or
    curl and JSON examples; `-` is standard input, such as a page that you copied. Give a provider's documents
    together. A second import of a changed document says what changed, and leaves alone what you wrote into
    provider.toml.

    What a document says is either read or told: a limit, a list of values or a name that is in no fact is
    listed with its line; further lines with a figure, a name, a value or a condition that is in none by
    their numbers; and the last line gives the figures. --explain shows what each line gave.

    Answers, words of states and refusals that a page has of its own become [conventions] in the provider.toml
    of a new provider: the mock plays them, verify and drift know them. What a page's own example request
    breaks is listed, with the line that forbids it.

    Pages of an API that is none of the known families become its first description, specs/apis/NAME/api.yaml:
    fields and limits as the pages say them, states, ids and results guessed with a confidence, and what is
    missing asked for by name.

    \b
    understudy specs import https://docs.example.com/multi-image.md --name acme --explain read.html
    understudy serve --provider acme
    """
    from understudy.specs.cli import imported as report
    from understudy.specs.importing import ImportOptions, ProposedApi, import_documents

    today = datetime.now(UTC).date()
    options = ImportOptions(follow, consent, operation, strict, new_api)
    imported = import_documents(root, sources, name, today, options)
    if explain is not None:
        report.write_page(imported, explain)
    if isinstance(imported, ProposedApi):
        if as_json:
            _print_json(report.proposal_data(imported))
        else:
            say(report.proposal_text(imported), nl=False)
        return
    if as_json:
        _print_json(report.as_data(imported))
    else:
        say(report.as_text(imported), nl=False)


def _print_json(data: Any) -> None:
    say_json(data)


specs.add_command(check)
specs.add_command(new)
