"""Our refusals as the provider's error bodies (`specs.behaviour.situations` is what they are made from)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError
from understudy.specs.behaviour import SituationKind
from understudy.specs.behaviour.templates import MISSING, fill
from understudy.specs.errors import known_names

if TYPE_CHECKING:
    from understudy.mockserver.errors import Refused
    from understudy.specs.behaviour import RefusalForm

# Seconds to stay away that are told where a scenario names no others.
STAY_AWAY = 1
PLACE = re.compile(r"\{(\w+)\}")


class RefusalAnswers:
    """A profile's refusals as bodies.

    With `textbook` every situation has the status that HTTP itself has for it, and none stands under 200.
    """

    __slots__ = ("_form", "situations")

    def __init__(self, form: RefusalForm, *, textbook: bool = False) -> None:
        # A provider that puts refusals under 200 breaks with HTTP's own statuses as well.
        self._form = replace(form, http_status=None) if textbook else form
        # A twin that is played in another's place answers to its name.
        self.situations = {
            name: replace(one, name=name) for name, one in sorted(form.played(textbook=textbook).items())
        }

    def answer(
        self, refused: Refused, request_id: str, stay_away: int = STAY_AWAY
    ) -> tuple[int, dict[str, Any]]:
        """(HTTP status, body) of a refusal; raises MockError for a situation it does not know.

        `stay_away`: the seconds that are told to who came too fast.
        """
        situation = self.situations.get(refused.situation)
        if situation is None:
            advice = known_names(refused.situation, self.situations)
            raise MockError(f"unknown situation {refused.situation!r}", advice=advice)
        # The provider's own words for this very request, where they are known.
        words = "{text}" if "text" in refused.values else situation.by_keyword.get(refused.keyword)
        if words is None:
            words = situation.message
            if "because" in refused.values:
                words += ": {because}"
        status = self._form.status_of(situation)
        values = {
            "null": None,
            "code": self._form.code_of(situation),
            "message": PLACE.sub(lambda place: refused.values.get(place[1], place[0]), words),
            "request_id": request_id,
            "http_status": status,
            "situation": refused.situation,
            "retry_after": stay_away if situation.kind is SituationKind.PACE else MISSING,
        }
        body: dict[str, Any] = fill(self._form.body, lambda name: values.get(name, ""))
        return status, body
