"""Which promises fail along with another one: the first is the finding, the others stand below it.

A row says only that a breach explains another, in the same family; both are kept, with their evidence.
"""

from __future__ import annotations

# Root -> what fails with it. The roots come in the order in which they lead.
CAUSES: dict[str, frozenset[str]] = {
    root: frozenset(names.split())
    for root, names in {
        "task-ids-differ": "bad-picture-fails callback-after-create callback-agrees-with-query "
        "callback-on-each-change callback-order callback-repeats-agree callback-in-time "
        "callback-url-is-kept create-echoes-external-id created-at-is-constant deduction-fits-request "
        "ended-tasks-stay ended-tasks-stay-unchanged every-task-ends failed-tasks-are-free "
        "list-agrees-with-query list-contains-tasks list-newest-first list-records-complete list-is-stable "
        "no-stale-answers other-account-cannot-query polls-of-one-instant-agree query-by-external-id "
        "query-by-task-id reason-exactly-at-failure result-aspect-ratio result-count "
        "result-exactly-at-success result-urls-differ results-differ results-stay terminal-is-final "
        "updated-at-never-backwards status-moves-forward task-ids-cannot-be-guessed",
        "unknown-task-refused": "external-ids-are-exact families-are-apart other-account-cannot-query "
        "task-ids-are-exact task-needs-its-key",
        "auth-missing-refused": "task-needs-its-key refusal-status refusal-code",
        "auth-malformed-refused": "task-needs-its-key refusal-status refusal-code",
        "auth-unknown-key-refused": "refusal-status refusal-code",
        "other-account-cannot-query": "task-needs-its-key",
        "external-id-is-unique": "create-echoes-external-id ended-tasks-stay query-by-external-id "
        "ended-tasks-stay-unchanged list-records-complete",
        "query-by-task-id": "query-by-external-id ended-tasks-stay callback-agrees-with-query "
        "polls-of-one-instant-agree results-stay",
        "query-by-external-id": "ended-tasks-stay ended-tasks-stay-unchanged",
        "create-answer-shape": "create-echoes-external-id create-times-agree",
        "create-echoes-external-id": "external-ids-are-exact callback-agrees-with-query "
        "list-records-complete query-by-external-id",
        "query-answer-shape": "callback-agrees-with-query list-agrees-with-query",
        "status-known": "callback-agrees-with-query callback-on-each-change every-task-ends "
        "list-agrees-with-query",
        "every-task-ends": "callback-agrees-with-query callback-on-each-change list-agrees-with-query "
        "reason-exactly-at-failure result-exactly-at-success",
        "terminal-is-final": "callback-agrees-with-query callback-on-each-change ended-tasks-stay-unchanged "
        "list-agrees-with-query list-records-complete no-stale-answers polls-of-one-instant-agree "
        "reason-exactly-at-failure result-exactly-at-success results-stay updated-at-moves "
        "updated-at-never-backwards status-moves-forward deduction-fits-request failed-tasks-are-free "
        "callback-order callback-repeats-agree",
        "polls-of-one-instant-agree": "callback-agrees-with-query ended-tasks-stay-unchanged "
        "no-stale-answers list-agrees-with-query updated-at-never-backwards",
        "status-moves-forward": "callback-agrees-with-query no-stale-answers polls-of-one-instant-agree",
        "no-stale-answers": "callback-agrees-with-query",
        "created-at-is-constant": "callback-agrees-with-query ended-tasks-stay-unchanged "
        "list-agrees-with-query polls-of-one-instant-agree updated-at-never-backwards",
        "updated-at-never-backwards": "callback-agrees-with-query list-agrees-with-query",
        "updated-at-moves": "callback-agrees-with-query list-agrees-with-query",
        "times-in-milliseconds": "callback-agrees-with-query list-agrees-with-query create-times-agree "
        "updated-at-never-backwards",
        "result-exactly-at-success": "callback-agrees-with-query list-records-complete",
        "reason-exactly-at-failure": "callback-agrees-with-query list-records-complete",
        "deduction-is-decimal": "callback-agrees-with-query deduction-fits-request",
        "deduction-fits-request": "callback-agrees-with-query",
        "failed-tasks-are-free": "callback-agrees-with-query",
        "result-count": "callback-agrees-with-query list-records-complete result-downloads results-differ",
        "result-indexes": "callback-agrees-with-query list-records-complete",
        "result-urls-are-absolute": "callback-agrees-with-query list-records-complete result-urls-differ",
        "result-urls-differ": "callback-agrees-with-query results-differ list-records-complete "
        "result-aspect-ratio",
        "result-downloads": "callback-agrees-with-query results-stay result-urls-differ",
        "result-type": "callback-agrees-with-query results-differ result-urls-differ",
        "result-is-whole": "callback-agrees-with-query results-differ result-urls-differ",
        "results-differ": "callback-agrees-with-query",
        "result-aspect-ratio": "callback-agrees-with-query results-differ result-urls-differ",
        "result-duration": "callback-agrees-with-query",
        "ended-tasks-stay-unchanged": "results-stay terminal-is-final",
        "ended-tasks-stay": "list-contains-tasks list-is-stable",
        "list-answer-shape": "list-limits-accepted list-contains-tasks list-records-complete",
        "list-limits-accepted": "list-answer-shape list-contains-tasks refusal-creates-nothing",
        "list-contains-tasks": "list-page-size-kept list-pages-without-loss list-is-stable",
        "list-page-size-kept": "list-pages-without-loss list-is-stable",
        "list-is-stable": "list-pages-without-loss list-newest-first",
        "list-newest-first": "list-pages-without-loss list-is-stable",
        "list-agrees-with-query": "list-records-complete",
        "callback-shape": "callback-agrees-with-query callback-on-each-change callback-order",
        "callback-url-is-kept": "callback-on-each-change callback-agrees-with-query callback-order",
        "callback-repeats-agree": "callback-ids-differ",
        "refusal-creates-nothing": "list-page-size-kept list-pages-without-loss",
        "answers-without-internal-errors": "refusal-status odd-fields-without-server-errors "
        "methods-without-server-errors",
        "refusal-status": "refusal-code unknown-task-refused",
        "refusal-shape": "refusal-code refusal-has-message",
        "answers-are-json": "refusal-shape unknown-task-refused query-by-external-id query-by-task-id "
        "list-limits-accepted ended-tasks-stay refusal-status refusal-code",
    }.items()
}


def causes_of(broken: set[str]) -> dict[str, str]:
    """Promise -> the broken promise that explains it, among those that are broken in one family.

    >>> causes_of({"callback-shape", "callback-order", "result-count"})
    {'callback-order': 'callback-shape'}
    """
    found: dict[str, str] = {}
    for root, followers in CAUSES.items():
        if root in broken and root not in found:
            found |= {name: root for name in sorted(followers & broken) if name not in found}
    return found
