"""Every described API against the facts that are known of it: its states, paths, headers and signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from understudy.specs import library
from understudy.specs.behaviour import TaskFamily, read
from understudy.specs.behaviour.templates import MISSING
from understudy.specs.pointers import text_of

if TYPE_CHECKING:
    from understudy.specs.behaviour.axes import CallbackRule, Reply

Q, T, R, S, F = "queued", "throttled", "running", "success", "failed"
M, C, X = "moderated", "cancelled", "expired"

# The account; creates; query; states by class; where callbacks are asked for and how they are signed; cancel,
# delete, list; the second request. None: the vendor has none, or nobody knows it. By the API; the name of a
# second family stands behind it.
FACTS: dict[str, dict[str, Any]] = {
    "ark": {
        "account": "Authorization: Bearer KEY",
        "create": ["POST /api/v3/contents/generations/tasks"],
        "query": "GET /api/v3/contents/generations/tasks/{id}",
        "states": {"queued": Q, "running": R, "succeeded": S, "failed": F, "cancelled": C, "expired": X},
        "callback": ("body", "/callback_url", "none"),
        "delete": "DELETE /api/v3/contents/generations/tasks/{id}",
        "list": "GET /api/v3/contents/generations/tasks",
    },
    "bfl": {
        "account": "x-key: KEY",
        "create": ["POST /v1/{model}"],
        "query": "GET /v1/get_result",
        "states": {"Pending": R, "Ready": S, "Error": F, "Request Moderated": M, "Content Moderated": M},
        "callback": ("body", "/webhook_url", "hmac"),
    },
    "dashscope": {
        "account": "Authorization: Bearer KEY",
        "headers": {"X-DashScope-Async": "enable"},
        "create": ["POST /api/v1/services/aigc/video-generation/video-synthesis"],
        **(
            wan := {
                "query": "GET /api/v1/tasks/{id}",
                "states": {"PENDING": Q, "RUNNING": R, "SUCCEEDED": S, "FAILED": F, "CANCELED": C},
                "cancel": "POST /api/v1/tasks/{id}/cancel",
                "list": "GET /api/v1/tasks",
            }
        ),
    },
    "dashscope images": {
        "account": "Authorization: Bearer KEY",
        "headers": {"X-DashScope-Async": "enable"},
        "create": ["POST /api/v1/services/aigc/text2image/image-synthesis"],
        **wan,
    },
    "fal": {
        "account": "Authorization: Key KEY",
        "create": ["POST /{owner}/{model}", "POST /{owner}/{model}/{rest*}"],
        "query": "GET /{owner}/{model}/requests/{id}/status",
        "states": {"IN_QUEUE": Q, "IN_PROGRESS": R, "COMPLETED": S, "FAILED": F, "CANCELLED": C},
        "callback": ("query", "fal_webhook", "ed25519"),
        "cancel": "PUT /{owner}/{model}/requests/{id}/cancel",
        "results": "GET /{owner}/{model}/requests/{id}",
    },
    "kling-v2": {
        "account": "Authorization: Bearer KEY",
        "create": [
            *(
                f"POST /{kind}/kling-{model}"
                for kind, models in [
                    ("text-to-video", ("3.0", "3.0-turbo", "2.6", "2.5-turbo")),
                    ("image-to-video", ("3.0", "3.0-turbo", "2.6", "2.5-turbo")),
                    ("omni-video", ("3.0-omni", "o1")),
                    ("motion-control", ("3.0", "2.6")),
                ]
                for model in models
            )
        ],
        "query": "GET /tasks",
        "states": {"submitted": Q, "processing": R, "succeeded": S, "failed": F},
        "callback": ("body", "/options/callback_url", "standard-webhooks"),
        "list": "POST /tasks",
    },
    "luma": {
        "account": "Authorization: Bearer KEY",
        "create": [
            "POST /dream-machine/v1/generations",
            "POST /dream-machine/v1/generations/video",
            "POST /dream-machine/v1/generations/image",
        ],
        "query": "GET /dream-machine/v1/generations/{id}",
        "states": {"queued": Q, "dreaming": R, "completed": S, "failed": F},
        "callback": ("body", "/callback_url", "none"),
        "delete": "DELETE /dream-machine/v1/generations/{id}",
        "list": "GET /dream-machine/v1/generations",
    },
    "minimax": {
        "account": "Authorization: Bearer KEY",
        "create": ["POST /v1/video_generation"],
        "query": "GET /v1/query/video_generation",
        "states": {"Queueing": Q, "Preparing": Q, "Processing": R, "Success": S, "Fail": F},
        "callback": ("body", "/callback_url", "none"),
        "results": "GET /v1/files/retrieve",
    },
    "minimax-v2": {
        "account": "Authorization: Bearer KEY",
        "create": ["POST /v2/video_generation"],
        "query": "GET /v2/query/video_generation/{id}",
        "states": {"queued": Q, "running": R, "succeeded": S, "failed": F, "cancelled": C, "expired": X},
        "callback": ("body", "/callback_url", "none"),
    },
    "openai-videos": {
        "account": "Authorization: Bearer KEY",
        "create": ["POST /v1/videos"],
        "query": "GET /v1/videos/{id}",
        "states": {"queued": Q, "in_progress": R, "completed": S, "failed": F},
        "delete": "DELETE /v1/videos/{id}",
        "list": "GET /v1/videos",
        "results": "GET /v1/videos/{id}/content",
    },
    "openrouter": {
        "account": "Authorization: Bearer KEY",
        "create": ["POST /api/v1/videos"],
        "query": "GET /api/v1/videos/{id}",
        "states": {"pending": Q, "in_progress": R, "completed": S, "failed": F, "cancelled": C, "expired": X},
        "callback": ("body", "/callback_url", "hmac"),
        "results": "GET /api/v1/videos/{id}/content",
    },
    "replicate": {
        "account": "Authorization: Bearer KEY",
        "create": [
            "POST /v1/predictions",
            "POST /v1/models/{owner}/{name}/predictions",
            "POST /v1/deployments/{owner}/{name}/predictions",
        ],
        "query": "GET /v1/predictions/{id}",
        "states": {"starting": Q, "processing": R, "succeeded": S, "failed": F, "canceled": C, "aborted": X},
        "callback": ("body", "/webhook", "standard-webhooks"),
        "cancel": "POST /v1/predictions/{id}/cancel",
        "list": "GET /v1/predictions",
    },
    "runway": {
        "account": "Authorization: Bearer KEY",
        "headers": {"X-Runway-Version": "2024-11-06"},
        "create": [
            "POST /v1/image_to_video",
            "POST /v1/text_to_video",
            "POST /v1/video_to_video",
            "POST /v1/text_to_image",
        ],
        "query": "GET /v1/tasks/{id}",
        "states": {"PENDING": Q, "THROTTLED": T, "RUNNING": R, "SUCCEEDED": S, "FAILED": F, "CANCELLED": C},
        "delete": "DELETE /v1/tasks/{id}",
    },
    "veo": {
        "account": "x-goog-api-key: KEY",
        "create": ["POST /v1beta/models/{model}:predictLongRunning"],
        "query": "GET /v1beta/models/{model}/operations/{id}",
        "states": {"running": R, "succeeded": S, "failed": F, "filtered": M},
    },
    "vidu": {
        "account": "Authorization: Token KEY",
        "create": [
            "POST /ent/v2/text2video",
            "POST /ent/v2/img2video",
            "POST /ent/v2/reference2video",
            "POST /ent/v2/start-end2video",
        ],
        "query": "GET /ent/v2/tasks/{id}/creations",
        "states": {"created": Q, "queueing": Q, "processing": R, "success": S, "failed": F},
        "callback": ("body", "/callback_url", "none"),
    },
    "xai": {
        "account": "Authorization: Bearer KEY",
        "create": ["POST /v1/videos/generations"],
        "query": "GET /v1/videos/{id}",
        "states": {"pending": R, "done": S, "failed": F, "expired": X},
    },
}


def family_of(name: str) -> TaskFamily:
    """The family of a row: "dashscope images", or the first of an API."""
    api, _, family = name.partition(" ")
    behaviour = read(library.effective(api), api)
    return behaviour.family(family) if family else behaviour.families[0]


def facts_of(family: TaskFamily) -> dict[str, Any]:
    """What the data says, in the form of the table."""
    axes = family.axes
    assert axes is not None
    account, callback = axes.service.account, axes.callback
    ends = {name: rule.call for name, rule in (("cancel", axes.cancel), ("delete", axes.delete)) if rule}
    calls = {**ends, **({"results": axes.results.call} if axes.results else {})}
    said: dict[str, Any] = {
        "account": f"{account.name}: {account.written('KEY')}",
        "create": [f"{axes.create.method} {path}" for path in axes.create.paths],
        "query": f"{axes.query.method} {axes.query.path}",
        "states": {state.name: str(state.kind) for state in family.lifecycle.states},
        **{name: f"{call.method} {call.path}" for name, call in calls.items()},
    }
    if headers := {**axes.service.headers, **axes.create.headers}:
        said["headers"] = headers
    if callback is not None:
        said["callback"] = (callback.place, callback.name, callback.signature.scheme)
    if axes.listing is not None:
        said["list"] = f"{axes.listing.method} {axes.listing.path}"
    return said


@pytest.mark.parametrize("name", FACTS)
def test_api_is_as_the_facts_have_it(name: str) -> None:
    assert facts_of(family_of(name)) == FACTS[name]


# What the table above leaves out, by its key in the data: statuses and headers of answers, files, waiting,
# which callbacks come and how often, signatures, limits, how long things last, lists, cancel and delete.
ENDS = ("succeeded", "failed", "cancelled", "expired")
DETAILS: dict[str, dict[str, Any]] = {
    "ark": {
        "on": ["queued", "running", *ENDS], "valid_seconds": 86400, "retention_seconds": 604800,
        "paged": ("page", "page_num", "page_size"),
        "delete": (["queued", *ENDS], "cancelled", True),
    },
    "bfl": {
        "on": ["Ready", "Error", "Request Moderated", "Content Moderated"],
        "valid_seconds": 600, "unknown": 200,
        "signature": ("X-BFL-Signature", "sha256=${signature}", "${body}"), "secret": "request",
        "active": 24, "limits": {"X-RateLimit-Limit": "limit", "X-RateLimit-Remaining": "remaining"},
    },
    "dashscope": {
        "valid_seconds": 86400, "retention_seconds": 86400, "unknown": 200, "per_second": 20,
        "paged": ("page", "page_no", "page_size"), "cancel": (["PENDING"], "CANCELED", False),
    },
    "dashscope images": {
        "valid_seconds": 86400, "retention_seconds": 86400, "unknown": 200, "per_second": 20,
        "count": "/parameters/n",
        "paged": ("page", "page_no", "page_size"), "cancel": (["PENDING"], "CANCELED", False),
    },
    "fal": {
        "told": {"x-fal-request-id": "${id}"},
        "queries": {"IN_QUEUE": 202, "IN_PROGRESS": 202},
        "results": {"COMPLETED": 200, "FAILED": "task_without_result", "CANCELLED": "task_without_result"},
        "stream": "/{owner}/{model}/requests/{id}/status/stream",
        "on": ["COMPLETED", "FAILED"],
        "retry_seconds": [10, 30, 60, 120, 300, 600, 900, 1200, 1800, 2100], "timeout_seconds": 15,
        "signature": ("X-Fal-Webhook-Signature", "${signature}", "${id}\n${user}\n${timestamp}\n${sha256}"),
        "signed": {
            "X-Fal-Webhook-Request-Id": "${id}", "X-Fal-Webhook-User-Id": "${user}",
            "X-Fal-Webhook-Timestamp": "${timestamp}",
        },
        "keys": "/.well-known/jwks.json",
        "cancel": (["IN_QUEUE", "IN_PROGRESS"], "CANCELLED", False),
    },
    "kling-v2": {
        "on": ["submitted", "processing", "succeeded", "failed"], "valid_seconds": 2592000, "unknown": 200,
        "several": ("GET", "/tasks", 20), "paged": ("cursor", "/cursor", "/limit"),
    },
    "luma": {
        "created": 201, "on": ["dreaming", "completed", "failed"],
        "retry_seconds": [0.1, 0.1, 0.1], "timeout_seconds": 5, "paged": ("offset", "offset", "limit"),
        "delete": (["queued", "dreaming", "completed", "failed"], "", True),
    },
    "minimax": {
        "results": {"Success": 200}, "on": ["Processing", "Success", "Fail"],
        "challenge": ({"challenge": "$challenge"}, {"challenge": "$challenge"}),
    },
    "minimax-v2": {"on": ["queued", "running", *ENDS]},
    "openai-videos": {
        "media": ["application/json", "multipart/form-data"],
        "results": {"completed": "the file", "failed": "task_without_result"},
        "variants": {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"},
        "valid_seconds": 86400, "needs_key": True, "paged": ("cursor", "after", "limit"),
        "delete": (["completed", "failed"], "", True),
    },
    "openrouter": {
        "created": 202,
        "results": {"completed": "the file"} | dict.fromkeys(
            ("failed", "cancelled", "expired"), "task_without_result"
        ),
        "on": ["completed", "failed", "cancelled", "expired"],
        "signature": ("X-OpenRouter-Signature", "t=${timestamp},v1=${signature}", "${timestamp},${body}"),
        "signed": {"X-OpenRouter-Idempotency-Key": "${id}"},
    },
    "replicate": {
        "count": "/input/num_outputs",
        "created": 201, "wait": ("Prefer", 60, 201, 202),
        "on": ["starting", "processing", "succeeded", "failed", "canceled", "aborted"],
        "chosen": {
            "start": ["starting"], "output": ["succeeded"], "logs": ["processing"],
            "completed": ["succeeded", "failed", "canceled", "aborted"],
        },
        "cancel": (["starting", "processing"], "canceled", False), "paged": ("cursor", "cursor", ""),
    },
    "runway": {
        "valid_seconds": 86400, "active": 5, "throttled": True,
        "delete": (["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"], "", True),
    },
    "veo": {"needs_key": True, "count": "/parameters/sampleCount"},
    "vidu": {"on": ["created", "queueing", "processing", "success", "failed"], "valid_seconds": 3600},
    "xai": {"queries": {"pending": "202, empty"}},
}  # fmt: skip


def replies_of(call: Any) -> dict[str, Any]:
    """State -> how an operation is answered in it: a status, a refusal by its name, the file itself."""

    def said(reply: Reply) -> Any:
        empty = f"{reply.status}, empty" if reply.body is MISSING else reply.status
        return reply.situation or ("the file" if reply.bytes else empty)

    return {state: said(reply) for state, reply in call.replies.states.items()}


def details_of(family: TaskFamily) -> dict[str, Any]:
    """What the data says beyond `facts_of`, without what is usual: JSON, 200, for ever, no limit."""
    axes = family.axes
    assert axes is not None
    create, limits, results = axes.create, axes.service.limits, axes.results
    wait, listing = create.wait, axes.listing
    said: dict[str, Any] = {
        "created": create.reply.status if create.reply.status != 200 else 0,
        "told": dict(create.reply.headers),
        "media": list(create.media) if create.media != ("application/json",) else [],
        "wait": wait and (wait.header, wait.most_ms // 1000, wait.status, wait.open_status),
        "queries": replies_of(axes.query),
        "several": axes.batch and (axes.batch.method, axes.batch.path, axes.batch.most),
        "results": replies_of(results.call) if results else {},
        "variants": dict(results.variants) if results else {},
        "stream": axes.stream.call.path if axes.stream else "",
        "unknown": axes.unknown_reply.status if axes.unknown_reply else 0,
        "active": limits.active, "throttled": limits.throttled, "per_second": limits.per_second,
        "limits": dict(limits.headers),
        "valid_seconds": family.result.valid_ms // 1000, "retention_seconds": axes.retention_ms // 1000,
        "needs_key": axes.needs_key, "count": text_of(family.result.count.path or ()),
        "paged": listing and (listing.by, listing.position, listing.size),
        **{
            name: rule and (list(rule.states), rule.becomes, rule.removes)
            for name, rule in (("cancel", axes.cancel), ("delete", axes.delete))
        },
        **(called_of(axes.callback) if axes.callback else {}),
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def called_of(rule: CallbackRule) -> dict[str, Any]:
    signed, challenge, chosen = rule.signature, rule.challenge, rule.filter
    return {
        "on": list(rule.on),
        "chosen": {word: list(states) for word, states in chosen.words.items()} if chosen else {},
        "retry_seconds": [wait / 1000 for wait in rule.retry_ms or ()],
        "timeout_seconds": rule.timeout_ms // 1000,
        "challenge": challenge and (challenge.body, challenge.answer),
        "signature": (signed.header, signed.value, signed.over) if signed.header else (),
        "signed": dict(signed.headers),
        "secret": signed.secret if signed.secret != "account" else "",
        "keys": signed.keys,
    }


@pytest.mark.parametrize("name", FACTS)
def test_api_is_as_the_facts_have_it_in_every_detail(name: str) -> None:
    assert details_of(family_of(name)) == DETAILS[name]


def test_table_holds_every_api() -> None:
    rows = {
        api if number == 0 else f"{api} {family.name}"
        for api in library.apis()
        for number, family in enumerate(read(library.effective(api), api).families)
    }
    assert set(FACTS) == rows


@pytest.mark.parametrize("name", library.apis())
def test_api_says_where_its_facts_come_from(name: str) -> None:
    data = library.described(name).data
    sources = data["evidence"]
    known = {f"families.{name}.{axis}" for name, family in data["families"].items() for axis in family}
    known |= {f"families.{name}" for name in data["families"]} | set(data)
    assert sorted(set(sources) - known) == []


@pytest.mark.parametrize("name", library.apis())
def test_api_is_an_openapi_document(name: str) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert [str(error) for error in OpenAPIV31SpecValidator(library.effective(name)).iter_errors()] == []
