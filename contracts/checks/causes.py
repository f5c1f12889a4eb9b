"""Which promises fail along with another one: the first is the finding, the others stand below it.

A row says only that a breach explains another, in the same family; both are kept, with their evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

# Root -> what fails with it. The roots come in the order in which they lead.
CAUSES: dict[str, frozenset[str]] = {
    root: frozenset(names.split())
    for root, names in {
        "task-ids-differ": "bad-picture-fails callback-after-create callback-agrees-with-query "
        "callback-in-time callback-on-each-change callback-order callback-repeats-agree "
        "callback-url-is-kept create-echoes-external-id created-at-is-constant deduction-fits-request "
        "ended-tasks-stay ended-tasks-stay-unchanged every-task-ends failed-tasks-are-free "
        "list-agrees-with-query list-contains-tasks list-families-apart list-is-stable list-newest-first "
        "list-pages-without-loss list-records-complete no-stale-answers other-account-cannot-query "
        "polls-of-one-instant-agree query-by-external-id query-by-task-id reason-exactly-at-failure "
        "result-aspect-ratio result-count result-exactly-at-success result-urls-differ results-differ "
        "results-stay status-moves-forward task-ids-cannot-be-guessed terminal-is-final "
        "updated-at-never-backwards",
        "unknown-task-refused": "external-ids-are-exact families-are-apart other-account-cannot-query "
        "task-ids-are-exact task-needs-its-key",
        "auth-missing-refused": "refusal-code refusal-status task-needs-its-key",
        "auth-malformed-refused": "refusal-code refusal-status task-needs-its-key",
        "auth-unknown-key-refused": "refusal-code refusal-status",
        "other-account-cannot-query": "task-needs-its-key",
        "task-needs-its-key": "refusal-code refusal-status",
        "create-echoes-external-id": "accepts-external-ids accepts-valid-requests "
        "callback-agrees-with-query external-id-is-unique external-ids-are-exact list-records-complete "
        "query-by-external-id",
        "external-id-is-unique": "ended-tasks-stay ended-tasks-stay-unchanged list-records-complete "
        "query-by-external-id request-ids-differ",
        "query-by-task-id": "callback-agrees-with-query ended-tasks-stay polls-of-one-instant-agree "
        "query-by-external-id results-stay",
        "query-by-external-id": "ended-tasks-stay ended-tasks-stay-unchanged",
        "create-answer-shape": "create-echoes-external-id create-times-agree",
        "query-answer-shape": "callback-agrees-with-query list-agrees-with-query list-answer-shape",
        "status-known": "callback-agrees-with-query callback-on-each-change every-task-ends "
        "list-agrees-with-query",
        "every-task-ends": "callback-agrees-with-query callback-on-each-change list-agrees-with-query "
        "reason-exactly-at-failure result-exactly-at-success",
        "polls-of-one-instant-agree": "callback-agrees-with-query ended-tasks-stay-unchanged "
        "list-agrees-with-query no-stale-answers reason-exactly-at-failure result-exactly-at-success "
        "results-stay status-moves-forward terminal-is-final updated-at-never-backwards",
        "terminal-is-final": "callback-agrees-with-query callback-on-each-change callback-order "
        "callback-repeats-agree deduction-fits-request ended-tasks-stay-unchanged failed-tasks-are-free "
        "list-agrees-with-query list-records-complete no-stale-answers reason-exactly-at-failure "
        "result-exactly-at-success results-stay status-moves-forward updated-at-moves "
        "updated-at-never-backwards",
        "create-starts-initial": "status-moves-forward",
        "status-moves-forward": "callback-agrees-with-query no-stale-answers updated-at-never-backwards",
        "no-stale-answers": "callback-agrees-with-query",
        "created-at-is-constant": "callback-agrees-with-query ended-tasks-stay-unchanged "
        "list-agrees-with-query polls-of-one-instant-agree updated-at-never-backwards",
        "updated-at-never-backwards": "callback-agrees-with-query list-agrees-with-query updated-at-moves",
        "updated-at-moves": "callback-agrees-with-query list-agrees-with-query",
        "times-in-milliseconds": "callback-agrees-with-query create-times-agree list-agrees-with-query "
        "updated-at-never-backwards",
        "result-exactly-at-success": "callback-agrees-with-query ended-tasks-stay-unchanged "
        "list-records-complete",
        "reason-exactly-at-failure": "callback-agrees-with-query list-records-complete",
        "deduction-is-decimal": "callback-agrees-with-query deduction-fits-request list-answer-shape "
        "query-answer-shape",
        "deduction-fits-request": "callback-agrees-with-query",
        "failed-tasks-are-free": "callback-agrees-with-query",
        "result-count": "callback-agrees-with-query deduction-fits-request list-records-complete "
        "result-downloads results-differ",
        "result-indexes": "callback-agrees-with-query list-records-complete",
        "result-urls-are-absolute": "callback-agrees-with-query list-records-complete result-urls-differ",
        "result-urls-differ": "callback-agrees-with-query list-records-complete result-aspect-ratio "
        "result-duration results-differ",
        "result-downloads": "callback-agrees-with-query result-urls-differ results-stay",
        "result-type": "callback-agrees-with-query result-urls-differ results-differ",
        "result-is-whole": "callback-agrees-with-query result-urls-differ results-differ",
        "results-differ": "callback-agrees-with-query result-aspect-ratio result-duration",
        "result-aspect-ratio": "callback-agrees-with-query result-urls-differ",
        "result-duration": "callback-agrees-with-query",
        "ended-tasks-stay-unchanged": "results-stay terminal-is-final",
        "ended-tasks-stay": "list-contains-tasks list-is-stable",
        "list-answer-shape": "list-contains-tasks list-limits-accepted list-records-complete",
        "list-limits-accepted": "list-answer-shape list-contains-tasks refusal-creates-nothing",
        "list-families-apart": "list-answer-shape list-newest-first list-page-size-kept "
        "list-pages-without-loss list-records-complete",
        "list-contains-tasks": "list-is-stable list-page-size-kept list-pages-without-loss",
        "list-page-size-kept": "list-is-stable list-pages-without-loss",
        "list-is-stable": "list-newest-first list-pages-without-loss",
        "list-newest-first": "list-is-stable list-pages-without-loss",
        "list-agrees-with-query": "list-records-complete",
        "callback-shape": "callback-agrees-with-query callback-on-each-change callback-order",
        "callback-url-is-kept": "callback-agrees-with-query callback-on-each-change callback-order",
        "callback-repeats-agree": "callback-agrees-with-query callback-ids-differ",
        "refusal-creates-nothing": "list-page-size-kept list-pages-without-loss",
        "answers-without-internal-errors": "accepts-valid-requests list-limits-accepted "
        "methods-without-server-errors odd-fields-without-server-errors refusal-status",
        "odd-fields-without-server-errors": "any-client-is-answered refusal-status",
        "accepts-valid-requests": "refusal-status",
        "accepts-limits": "refusal-status",
        "accepts-unicode": "refusal-status",
        "accepts-documented-values": "refusal-status",
        "accepts-external-ids": "refusal-status",
        "accepts-empty-texts": "refusal-status",
        "refusal-status": "refusal-code",
        "refusal-shape": "refusal-code refusal-has-message",
        "answers-are-json": "ended-tasks-stay list-limits-accepted query-by-external-id query-by-task-id "
        "refusal-code refusal-shape refusal-status unknown-task-refused",
    }.items()
}


def causes_of(broken: set[str], warned: Collection[str] = ()) -> dict[str, str]:
    """Promise -> the broken promise that explains it, among those that are broken in one family.

    `warned`: promises whose breach is a warning; they can be explained, and explain nothing.

    >>> causes_of({"callback-shape", "callback-order", "result-count"})
    {'callback-order': 'callback-shape'}
    """
    found: dict[str, str] = {}
    for root, followers in CAUSES.items():
        if root in broken and root not in found:
            shown = followers & broken.union(warned)
            found |= {name: root for name in sorted(shown) if name not in found}
    return found
