"""The last look at a span before it leaves: only what is named here goes along.

Libraries put into spans what they find useful: an exception's message holds the row that was refused, and with it an
address; a URL holds codes. A list of what may leave cannot be outwitted by a new version of one of them.
"""

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status

ALLOWED = frozenset(
    {
        "http.request.method", "http.route", "http.response.status_code", "server.address", "server.port", "error.type",
        "db.system", "db.name", "db.statement", "db.redis.pipeline_length",
        "countersign.request_id", "countersign.user", "countersign.login", "countersign.challenge",
        "countersign.session",
    }
)  # fmt: skip


class Discreet(SpanExporter):
    """Exports what may be known: no events, no words about a fault, only attributes that are `ALLOWED`."""

    def __init__(self, inner: SpanExporter) -> None:
        self.inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.inner.export([discreet(span) for span in spans])

    def shutdown(self) -> None:
        self.inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self.inner.force_flush(timeout_millis)


def discreet(span: ReadableSpan) -> ReadableSpan:
    """The same span without what may not leave."""
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in attributes.items() if name in ALLOWED},
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
