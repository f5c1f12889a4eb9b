"""One operation that is answered at once, with the checks of its requests."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from understudy.mockserver.errors import Refused
from understudy.mockserver.play.checks import ParameterCheck
from understudy.mockserver.play.profile import body_check
from understudy.mockserver.play.request_schema import inline, resolve
from understudy.specs.behaviour.templates import MISSING, fill
from understudy.specs.pointers import at, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.mockserver.play.checks import RequestCheck
    from understudy.mockserver.play.profile import PlayedProfile
    from understudy.mockserver.play.refusals import RefusalAnswers
    from understudy.specs.behaviour import ImmediateOperation

YEAR_MS = 365 * 86_400_000
# What a sample file's address ends in.
ENDS = {"image": "png", "video": "mp4", "audio": "mp3"}


class ImmediatePlay:
    """An operation as one profile plays it. The checks are made when the first request comes."""

    def __init__(
        self, profile: PlayedProfile, operation: ImmediateOperation, refusals: RefusalAnswers
    ) -> None:
        self.profile = profile
        self.behaviour = operation
        self.name = operation.name
        self.method = operation.operation.method
        self.path = operation.operation.path
        self.refusals = refusals

    @functools.cached_property
    def body(self) -> RequestCheck | None:
        """The check of the body; None where the operation takes none."""
        return body_check(self.behaviour.operation, self.profile.behaviour.document)

    @functools.cached_property
    def parameters(self) -> Mapping[str, tuple[ParameterCheck, bool]]:
        """Query parameter -> its check, and whether it is required."""
        return dict(self._parameters())

    def _parameters(self) -> Iterator[tuple[str, tuple[ParameterCheck, bool]]]:
        document = self.profile.behaviour.document
        for declared in self.behaviour.operation.raw.get("parameters", ()):
            one = resolve(document, declared["$ref"]) if "$ref" in declared else declared
            if one.get("in") == "query":
                check = ParameterCheck(one["name"], inline(one.get("schema", {}), document))
                yield one["name"], (check, one.get("required") is True)

    def asked(self, query: bytes) -> dict[str, Any]:
        """The values of a query string; raises Refused for one that is not valid, or is missing."""
        try:
            given = parse_qs(query.decode("latin-1"), keep_blank_values=True, max_num_fields=100)
        except ValueError:
            raise Refused("invalid_request", reason="too many parameters") from None
        values = {}
        for name, (check, required) in self.parameters.items():
            value = check.read(given.get(name, ()))
            if value is None and required:
                raise Refused("invalid_parameter", field=name, reason="is required", value="", options="")
            values[name] = value
        return values

    def answer(self, request: Any, ident: str, now: int, origin: str) -> Any:
        """What is answered, without its wrapper; `ident` is a new id, `now` in milliseconds."""
        plain = {"id": ident, "now": now, "later": now + YEAR_MS, "null": None, "absent": MISSING}

        def value(name: str) -> Any:
            base, dot, rest = name.partition(".")
            if not dot:
                return plain[name]
            if base == "request":
                return at(request, path_of("/" + rest.replace(".", "/")))
            return f"{origin}/results/sample-{ident}/{rest}.{ENDS[base]}"

        return fill(self.behaviour.answer, value)

    def wrapped(self, answer: Any, request_id: str) -> dict[str, Any]:
        """The body of the answer."""
        said = self.profile.behaviour.answers
        body = {"code": said.success_code, "message": said.success_message, "request_id": request_id}
        return {**body, "data": answer}
