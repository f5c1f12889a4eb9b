"""Our refusals as the provider's error bodies.

How a situation is answered is data: the document's `x-errors` gives its HTTP status, code and message (and
with `by_keyword` other words where one keyword of the schema is broken: `enum`), and
`error` of its `x-conventions` how refusals are worded (TEMPLATE: `mockserver.templates`):

    http_status: own            # or one number for every refusal: 200
    code: integer               # or `string` ("1201"), or `word` (see words)
    words: {unknown_task: task_not_exist, '*': invalid_request}
    body: TEMPLATE              # default {code: $code, message: $message, request_id: $request_id}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockserver.errors import MockError
from mockserver.faults import TWINS
from mockserver.templates import check_template, fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.errors import Refused
    from mockserver.profile import Profile

PLACE = re.compile(r"\{(\w+)\}")


class Refusals:
    """A profile's refusals as bodies: x-errors and x-conventions.error.

    A situation S may have a twin: `S_documented`, as documents word it where recorded calls showed otherwise,
    or `S_textbook`, with the status that HTTP itself has for it. With `textbook` the twins are played, and no
    refusal stands under HTTP 200.
    """

    __slots__ = ("_body", "_code", "_errors", "_http_status", "_words")

    def __init__(self, profile: Profile, *, textbook: bool = False) -> None:
        rules = profile.conventions.get("error", {})
        self._errors = dict(profile.errors)
        if textbook:
            for name, row in profile.errors.items():
                for twin in TWINS:
                    if name.endswith(twin):
                        self._errors[name.removesuffix(twin)] = row
        # A provider that puts refusals under 200 breaks with HTTP's own statuses as well.
        self._http_status: Any = "own" if textbook else rules.get("http_status", "own")
        self._code = rules.get("code", "integer")
        self._words = rules.get("words", {})
        self._body = rules.get("body")
        where = f"profile {profile.name}: x-conventions.error"
        if self._code not in ("integer", "string", "word"):
            raise MockError(f"no kind of code {self._code!r}", where=where, advice="integer, string or word")
        if self._http_status != "own" and not isinstance(self._http_status, int):
            raise MockError(f"no http_status {self._http_status!r}", where=where, advice="own, or a number")
        check_template(self._body, where)

    def situations(self) -> list[str]:
        return sorted(self._errors)

    def answer(self, refused: Refused, request_id: str) -> tuple[int, dict[str, Any]]:
        """(HTTP status, body) of a refusal; raises MockError for a situation it does not know."""
        row = self._errors.get(refused.situation)
        if row is None:
            known = ", ".join(self.situations())
            raise MockError(f"the profile has no situation {refused.situation!r}", advice=f"known: {known}")
        words = row.get("by_keyword", {}).get(refused.keyword)
        if words is None:
            words = str(row["message"])
            if "because" in refused.values:
                words += ": {because}"
        message = PLACE.sub(lambda place: refused.values.get(place[1], place[0]), words)
        status = row["status"] if self._http_status == "own" else self._http_status
        code = self._coded(row, refused.situation)
        if self._body is None:
            return status, {"code": code, "message": message, "request_id": request_id}
        values = {
            "null": None,
            "code": code,
            "message": message,
            "request_id": request_id,
            "http_status": status,
            "situation": refused.situation,
        }
        body: dict[str, Any] = fill(self._body, lambda name: values.get(name, ""))
        return status, body

    def _coded(self, row: Mapping[str, Any], situation: str) -> Any:
        if self._code == "integer":
            return row["code"]
        if self._code == "string":
            return str(row["code"])
        return self._words.get(situation, self._words.get("*", situation))
