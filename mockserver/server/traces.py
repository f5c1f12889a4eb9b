"""OpenTelemetry traces of requests: `serve --traces`, where its packages are installed.

The exporter is OTLP over HTTP; where it sends to, and all else, its own environment variables say
(`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER`). A request's span belongs to the
trace that its `traceparent` header names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError

if TYPE_CHECKING:
    from understudy.mockserver.wire import Receive, Scope, Send

SERVICE = "understudy"
WHOLE_ANSWER = "understudy.reply"


def traced(app: Any, provider: Any = None) -> TracedApp:
    """`app` with a span for each request; raises MockError where the packages are missing."""
    try:
        # An extra, which takes longer to load than all of the server.
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    except ImportError:
        advice = "pip install 'understudy[traces]'"
        raise MockError("OpenTelemetry is not installed", where="--traces", advice=advice) from None
    wrapped = OpenTelemetryMiddleware(
        app, tracer_provider=provider or exporting(), exclude_spans=["receive", "send"]
    )
    return TracedApp(wrapped)


def exporting() -> Any:
    """A provider that sends spans as the environment says."""
    # As above.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource({"service.name": SERVICE}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class TracedApp:
    """Answers go through ASGI's messages, where the middleware sees them, and not in one write beside it."""

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if WHOLE_ANSWER in scope.get("extensions", {}):
            extensions = {name: one for name, one in scope["extensions"].items() if name != WHOLE_ANSWER}
            scope = {**scope, "extensions": extensions}
        await self._wrapped(scope, receive, send)
