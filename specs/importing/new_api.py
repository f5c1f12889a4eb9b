"""What an import writes for an API that is not known: its first description, whole or as a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from understudy.specs import library
from understudy.specs.behaviour import description
from understudy.specs.build import write
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing.names import checked_name
from understudy.specs.importing.own_examples import refused_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from understudy.specs.documents import Document
    from understudy.specs.importing.proposal import Proposal
    from understudy.specs.model import Note, ProviderSpec
    from understudy.specs.readers.told.share import Share

DRAFT = "api.draft.yaml"


@dataclass(frozen=True, slots=True)
class ProposedApi:
    """An import of an API of its own: the file written, whether it is whole, and what it was made of.

    `shares` is how much of each document was read, by its name; `problem` says why a description is a draft;
    `refused` says what of the documents' own example requests its mock refuses, and by which line.
    """

    file: Path
    is_whole: bool
    spec: ProviderSpec
    proposal: Proposal
    pages: tuple[Document, ...]
    shares: Mapping[str, Share]
    problem: str = ""
    refused: tuple[Note, ...] = ()


def write_api(
    root: Path,
    name: str,
    spec: ProviderSpec,
    proposal: Proposal,
    pages: tuple[Document, ...],
    shares: Mapping[str, Share],
) -> ProposedApi:
    """Write `specs/apis/NAME/api.yaml`, or `api.draft.yaml` where something that every description needs is
    missing: nothing plays a draft. Raises UnderstudyError when the API is described already."""
    folder = root / "specs" / "apis" / checked_name(name)
    if (folder / library.DESCRIPTION_FILE).is_file():
        raise UnderstudyError(
            f"{name} has a description already, written by hand",
            where=str(folder / library.DESCRIPTION_FILE),
            advice="choose another name, or move it away first",
        )
    servers: list[str] = proposal.description.get("servers", [])
    if not any("://" in server for server in servers):
        # Pages without a host may still begin all of their paths alike: /api.
        proposal.description["servers"] = [f"https://api.{name}.example{path}" for path in servers or [""]]
        proposal.missing.append("servers: the address that requests go to")
    text = _text(proposal)
    draft = folder / DRAFT
    write(folder, {DRAFT: text})
    try:
        description.load(draft, lambda _: None)
    except UnderstudyError as error:
        return ProposedApi(draft, False, spec, proposal, pages, shares, str(error))
    draft.replace(folder / library.DESCRIPTION_FILE)
    create = proposal.description["families"]["task"]["create"]
    refused = refused_by(spec, {f"POST {create['path']}": create["schema"]})
    file = folder / library.DESCRIPTION_FILE
    return ProposedApi(file, True, spec, proposal, pages, shares, refused=tuple(refused))


def _text(proposal: Proposal) -> str:
    head = [
        "# Made of the API's own pages by `understudy specs import`. What stands in the pages is as they say"
    ]
    head += ["# it; the following was guessed from words and examples. Correct it, and it is yours."]
    for one in proposal.guesses:
        head.append(f"#   {one.what} = {one.value}  (confidence {one.confidence:.0%}: {one.why})")
    if proposal.missing:
        head += ["# Missing, and filled in with a placeholder or left out:"]
        head += [f"#   {one}" for one in proposal.missing]
    body = yaml.safe_dump(proposal.description, sort_keys=False, allow_unicode=True, width=110)
    return "\n".join(head) + "\n" + body
