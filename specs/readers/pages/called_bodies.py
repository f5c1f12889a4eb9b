"""What the programs of a page send to the operations that it states.

    Endpoint: `POST /v1/clips`                                        the operation that the page states
    ```python
    payload = {"prompt": "a boat", "style": "oil"}                →  prompt, style are in its body
    requests.post(f"{BASE}/v1/clips", json=payload)
    ```

Guides often state where a task is created and show what is sent in a program alone. Read for operations whose
fields nothing states: beside a table a program shows nothing new.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.pages.loose_examples import add_shown
from understudy.specs.readers.text.named_addresses import MAX_LINES, bases
from understudy.specs.readers.trees import examples
from understudy.specs.readers.trees.program_calls import calls_in, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Field
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.trees.program_calls import ProgramCall

MAX_BODIES = 50
_HOST = re.compile(r"\Ahttps?://[^/]{1,200}")


def settle(document: Document, drafts: Sequence[OperationDraft], log: FactLog) -> None:
    """Add to each operation whose body no field states what the programs of the page send to it."""
    open_ = {
        one.path.rstrip("/"): one for one in drafts if one.method == "post" and one.path and not one.request
    }
    if not open_ or not any(path in line for line in document.lines[:MAX_LINES] for path in _ends(open_)):
        return
    known = bases(document)
    read = 0
    for is_code, block in parts_of(document):
        for call in calls_in(block, known) if is_code and read < MAX_BODIES else ():
            draft = open_.get(_HOST.sub("", call.address).rstrip("/"))
            if draft is not None and call.method == "POST" and (fields := _shown(call, log)):
                add_shown(draft, fields)
                read += 1


def _ends(paths: Sequence[str] | dict[str, OperationDraft]) -> list[str]:
    """The last steps of paths: a program may have the others under a name."""
    return [path.rpartition("/")[2] for path in paths]


def _shown(call: ProgramCall, log: FactLog) -> list[Field]:
    """The fields of what a call sends; [] where that is no JSON all through."""
    text = "\n".join(line for _, line in call.body)
    own = FactLog(log.document, log.kind, values_read=log.values_read)
    found = examples.shown(text, 0, call.body[0][0], own, quiet=True) if call.body else None
    log.values_read = own.values_read
    if found is None or not isinstance(found.value, dict) or any(one.kind == "problem" for one in own.notes):
        return []
    return examples.shown_fields(found.root, log)
