"""A request that names a result of an earlier task: a clip to be made longer, a face to be made to speak.

`source` of an `x-task`:

    field: /video_id                 # where a request names it
    families: [text2video, …]        # whose results it may be
    info: parent_video               # the member of the record's info that shows it: {id, url, duration}
    longer_seconds: 5                # how much longer than its source the result is; 0 for as long
    most_seconds: 180                # a longer result is refused; 0 for no limit
    models: {kling-v1: {without: [cfg_scale]}}    # whose results it may be, and what is then left out

`names` beside it: what else requests name that the account has made or opened before.

    field: /voice_list/[]/voice_id
    families: [custom-voices]        # whose results it may be
    sessions: true                   # or: a session that the account has opened
    until: /sound_end_time           # the part of the result that is used ends there, in milliseconds
    plays: {from: /start, to: /end, at: /insert, least: 2000}    # in the session's clip, and so long at least

What such a name stands for is looked at only where it is known: a voice may be one of the provider's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.specs.pointers import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.pointers import Path


@dataclass(frozen=True, slots=True)
class NameRule:
    """Where a request names a result of one of `families`, or (with `sessions`) a session."""

    field: Path
    families: tuple[str, ...]
    sessions: bool
    until: Path = ()
    plays: PlayedPart | None = None


@dataclass(frozen=True, slots=True)
class PlayedPart:
    """Where a request says which part of a sound is heard, and from when on in the clip of a session; `least`
    is how long it must be heard while that lasts. All in milliseconds."""

    start: Path
    end: Path
    inserted: Path
    least: int


def read_names(data: Mapping[str, Any]) -> tuple[NameRule, ...]:
    """The `names` of an `x-task` or an `x-immediate`."""
    return tuple(
        NameRule(
            path_of(one["field"]),
            tuple(one.get("families", ())),
            one.get("sessions") is True,
            path_of(one.get("until", "")),
            _played_part(one["plays"]) if "plays" in one else None,
        )
        for one in data.get("names", ())
    )


def _played_part(data: Mapping[str, Any]) -> PlayedPart:
    return PlayedPart(
        path_of(data["from"]), path_of(data["to"]), path_of(data["at"]), int(data.get("least", 0))
    )


@dataclass(frozen=True, slots=True)
class SourceRule:
    """Where a request names its source, whose results that may be, and what becomes of it."""

    field: Path
    families: tuple[str, ...]
    info: str
    longer_seconds: float
    most_seconds: float
    # Model -> the fields that requests must leave out; {} where any model's results will do.
    models: Mapping[str, tuple[str, ...]]


def read_source(task: Mapping[str, Any]) -> SourceRule | None:
    """The source in an `x-task`, None where requests name none."""
    data = task.get("source")
    if data is None:
        return None
    return SourceRule(
        field=path_of(data["field"]),
        families=tuple(data["families"]),
        info=str(data.get("info", "")),
        longer_seconds=float(data.get("longer_seconds", 0)),
        most_seconds=float(data.get("most_seconds", 0)),
        models={name: tuple(row.get("without", ())) for name, row in data.get("models", {}).items()},
    )
