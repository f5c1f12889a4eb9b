"""`understudy specs`: provider documents, and the specs that are made from them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specs import library

if TYPE_CHECKING:
    from specs.importing import Imported

STALE = 1

ROOT = click.option(
    "--root",
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
    """Name every profile that `serve`, `verify` and `drift` take."""
    rows = [
        {
            "name": library.CANONICAL,
            "title": _title(library.CANONICAL),
            "folder": str(library.canonical_file().parent),
        }
    ]
    rows += [
        {"name": name, "title": _title(name), "folder": str(folder)}
        for name, folder in library.folders().items()
    ]
    if as_json:
        _print_json(rows)
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        click.echo(f"{row['name']:{width}}  {row['title']}")


def _title(profile: str) -> str:
    title: str = library.effective(profile)["info"]["title"]
    return title


@specs.command()
@ROOT
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file is not what it would be.")
def build(root: Path, check: bool) -> None:
    """Regenerate every generated file below specs/, byte for byte.

    Reads each provider.toml and the documents that it names; writes each provider's openapi.yaml and
    overlay.yaml, and the canonical spec where the vendor is among them.

    A further family of tasks is data: copy the package's specs/providers/kling/promise.yaml, add the paths
    of the family (create with x-task, query, list), name the copy in the provider.toml of a vendor of your
    own (vendor = true, and kind = "vendor" for the document), and build. `canonical` then has the family.
    """
    from specs import build as building

    built = building.build(root)
    for name, why in built.kept.items():
        click.echo(f"{name}: built from its openapi.yaml; {why}", err=True)
    stale = building.stale(root, built.files)
    if check:
        for file in stale:
            click.echo(f"stale: {file}")
        if stale:
            click.echo("`understudy specs build` writes them anew.", err=True)
            raise click.exceptions.Exit(STALE)
        click.echo(f"{len(built.files)} generated files are up to date.")
        return
    building.write(root, {file: built.files[file] for file in stale})
    for file in stale:
        click.echo(f"wrote {file}")
    click.echo(f"{len(built.files)} generated files, {len(stale)} written.")


@specs.command()
@click.argument("provider")
@AS_JSON
def show(provider: str, as_json: bool) -> None:
    """Show what PROVIDER's documents state: each field and keyword with document, line and kind.

    `canonical` shows where the providers disagree, what was chosen and why.
    """
    from specs.cli import shown as report
    from specs.render import provider_from

    if provider == library.CANONICAL:
        disputes = library.canonical_file().with_name("disagreements.md")
        if as_json:
            _print_json(library.canonical())
        else:
            click.echo(disputes.read_text(encoding="utf-8"), nl=False)
        return
    document = library.documented(provider)
    if document is None:
        effective = library.effective(provider)
        if as_json:
            _print_json(
                {"name": provider, "title": _title(provider), "x-conventions": effective["x-conventions"]}
            )
        else:
            click.echo(
                f"{_title(provider)}\n\nHas no document of its own; what differs from the canonical spec:\n"
            )
            click.echo(json.dumps(effective["x-conventions"], indent=2, ensure_ascii=False))
        return
    spec = provider_from(document, provider)
    if as_json:
        _print_json(report.as_data(spec))
    else:
        click.echo(report.as_text(spec, document["x-documents"]), nl=False)


@specs.command()
@click.argument("names", metavar="[PROVIDER]...", nargs=-1)
@AS_JSON
def portable(names: tuple[str, ...], as_json: bool) -> None:
    """Show which requests all providers take, and which answers a client must survive.

    With PROVIDERs, of those alone. Where no value satisfies all, it says who wants what.
    """
    from specs.cli import portable_tables as report
    from specs.portability import portability
    from specs.render.text import terminal_width

    chosen = names or tuple(library.providers())
    found = portability({name: library.effective(name) for name in chosen})
    if as_json:
        _print_json(report.as_data(found))
    else:
        click.echo(report.as_markdown(found, terminal_width()), nl=False)


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
@ROOT
@AS_JSON
def import_(
    sources: tuple[str, ...],
    name: str,
    follow: bool,
    consent: bool,
    operation: str,
    root: Path,
    as_json: bool,
) -> None:
    """Make specs/providers/NAME/ from a provider's documents, and say what was read.

    Each FILE or URL is an OpenAPI file, a page in Markdown (tables, lists, MDX, GitBook) or HTML, the text of
    a rendered page, a Postman collection, or curl and JSON examples; give a provider's documents together. A
    second import of a changed document says what changed, and leaves alone what you wrote into provider.toml.

    \b
    understudy specs import https://docs.example.com/multi-image.md --name acme
    understudy serve --provider acme
    """
    from specs.cli import imported as report
    from specs.importing import import_documents

    today = datetime.now(UTC).date()
    imported: Imported = import_documents(
        root, sources, name, today, follow=follow, consent=consent, operation=operation
    )
    if as_json:
        _print_json(report.as_data(imported))
    else:
        click.echo(report.as_text(imported), nl=False)


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))
