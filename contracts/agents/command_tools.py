"""Tools that run the other commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from understudy.contracts.agents import commands
from understudy.specs import library
from understudy.specs.behaviour import read

Provider = Annotated[str, Field(description="A provider's name (list_providers), or the folder of one.")]


async def list_providers() -> dict[str, Any]:
    """The providers that can be played, checked and compared, with their task families."""
    found = []
    for name in library.profiles():
        behaviour = read(library.effective(name), name)
        families = [one.name for one in behaviour.families]
        found.append({"provider": name, "title": behaviour.title, "families": families})
    return {"providers": found}


async def show_provider(
    provider: Provider,
    field: Annotated[str, Field(description="Only fields with this text in their name.")] = "",
) -> dict[str, Any]:
    """What a provider's documents state: each field and limit, with document, line and kind of evidence."""
    told = await commands.run("specs", "show", provider, "--json")
    report = told["report"]
    for operation in report.get("operations", {}).values() if field else ():
        for part, rows in operation.items():
            if isinstance(rows, list):
                operation[part] = [row for row in rows if field in str(row.get("field", ""))]
    return {"provider": report}


async def verify_url(
    url: Annotated[str, Field(description="The URL of a mock or a provider, up to /v1/….")],
    provider: Provider = library.CANONICAL,
    budget: Annotated[str, Field(description="Units to spend at most; '0': only what costs nothing.")] = "0",
    only: Annotated[list[str], Field(description="Only these promises.")] = [],  # noqa: B006
    api_key: Annotated[str, Field(description="The key; empty: UNDERSTUDY_API_KEY of this server.")] = "",
    seconds: Annotated[float, Field(ge=1, le=3600, description="How long it may take.")] = 300.0,
) -> dict[str, Any]:
    """Check that a provider keeps its promises. Broken ones come with the request, answer and a curl command.

    With a budget above 0 it orders tasks, which a real provider charges for.
    """
    words = ["verify", url, "--provider", provider, "--budget", budget, "--timeout", str(seconds), "--json"]
    env = {"UNDERSTUDY_API_KEY": api_key} if api_key else {}
    told = await commands.run(*words, *commands.flags("--only", only), env=env, seconds=seconds + 30)
    return commands.what_matters(told)


async def grade_client(
    command: Annotated[
        list[str],
        Field(min_length=1, description="The client: a program that orders one task and awaits its end."),
    ],
    provider: Provider = library.CANONICAL,
    scenarios: Annotated[str, Field(description="all, quick, or names with commas between them.")] = "quick",
    env: Annotated[
        dict[str, str], Field(description="Variables of the client; {url} and {api_key} are replaced.")
    ] = {},  # noqa: B006
    folder: Annotated[
        str, Field(description="Where the command is run; empty: where this server runs.")
    ] = "",
    run_seconds: Annotated[float, Field(ge=1, le=600, description="When a run is stopped.")] = 30.0,
) -> dict[str, Any]:
    """Run a client once per scenario against a misbehaving mock, and grade it. Broken promises come first.

    The command finds the mock in UNDERSTUDY_URL and UNDERSTUDY_API_KEY.
    """
    words = ["verify-client", "--provider", provider, "--scenarios", scenarios, "--timeout", str(run_seconds)]
    pairs = commands.flags("--env", [f"{name}={value}" for name, value in env.items()])
    told = await commands.run(
        *words, *pairs, "--json", "--quiet", "--", *command, folder=Path(folder) if folder else None
    )
    return commands.what_matters(told)


async def compare_documents(
    base: Annotated[
        str, Field(description="A file, a URL, canonical, or a provider: what clients know today.")
    ],
    revision: Annotated[str, Field(description="The same: what they would meet.")],
) -> dict[str, Any]:
    """What breaks between two APIs, each with a payload that one side accepts and the other refuses."""
    return await commands.run("drift", base, revision, "--json")


async def import_page(
    sources: Annotated[
        list[str], Field(min_length=1, description="Files or URLs of one provider's documents.")
    ],
    name: Annotated[str, Field(description="The provider's name: lower-case letters, digits and '-'.")],
    folder: Annotated[str, Field(description="It is written to FOLDER/specs/providers/NAME.")] = ".",
    operation: Annotated[
        str, Field(description="'METHOD PATH' that a page describes, where the page does not say it.")
    ] = "",
    replace: Annotated[bool, Field(description="Documents that are not given again are dropped.")] = False,
) -> dict[str, Any]:
    """Make a provider from its documentation: OpenAPI, Markdown, HTML, Postman, curl and JSON examples.

    Says which fields and limits were read and what was not understood; `play` is what start_mock takes.
    """
    words = ["specs", "import", *sources, "--name", name, "--root", folder, "--json"]
    words += ["--operation", operation] if operation else []
    return await commands.run(*words, *(["--replace"] if replace else []))
