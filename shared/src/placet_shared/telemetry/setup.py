"""Once a process: where spans go, as the standard `OTEL_` variables say.

Without an endpoint nothing is exported and no span is made; a valid `traceparent` still goes through.
"""

import os
import threading

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from placet_shared.settings import SettingsError

__all__ = ["endpoint_of", "flush_traces", "resource_of", "start_tracing"]

FLUSH_SECONDS = 3.0
# Larger batches than the SDK's 512 are fewer interruptions; a queue this long is some seconds of full load.
BATCH = 2048
QUEUE = 16384


def endpoint_of(signal: str) -> str | None:
    """Where a signal (`traces` or `metrics`) goes, if anywhere; raises `SettingsError` for another protocol than HTTP."""
    own = f"OTEL_EXPORTER_OTLP_{signal.upper()}"
    endpoint = os.environ.get(f"{own}_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    switched_off = os.environ.get(f"OTEL_{signal.upper()}_EXPORTER", "").strip().lower() == "none"
    if not endpoint or switched_off or is_disabled():
        return None
    variable = f"{own}_PROTOCOL" if os.environ.get(f"{own}_PROTOCOL") else "OTEL_EXPORTER_OTLP_PROTOCOL"
    if (protocol := os.environ.get(variable) or "http/protobuf") != "http/protobuf":
        raise SettingsError(f"{variable} = {protocol!r}: Placet speaks http/protobuf only; a collector takes it on port 4318.")
    return endpoint


def is_disabled() -> bool:
    """Whether `OTEL_SDK_DISABLED` turns all telemetry off."""
    return os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


def resource_of(service: str) -> Resource:
    """The name of the sender: `service` unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` set another."""
    # What is given to `create` would win over the environment.
    found = Resource.create()
    is_named = not str(found.attributes.get("service.name", "")).startswith("unknown_service")
    return found if is_named else found.merge(Resource({"service.name": service}))


def start_tracing(service: str) -> None:
    """Begin to export spans, if an endpoint is set; raises `SettingsError`."""
    if endpoint_of("traces") is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # most installations do without

    provider = TracerProvider(resource=resource_of(service))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_queue_size=QUEUE, max_export_batch_size=BATCH))
    trace.set_tracer_provider(provider)


def flush_traces() -> None:
    """Send the waiting spans, for at most some seconds: a collector that hangs must not delay the end of the process."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        flushing = threading.Thread(target=provider.force_flush, name="last spans", daemon=True)
        flushing.start()
        flushing.join(FLUSH_SECONDS)
