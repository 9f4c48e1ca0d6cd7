"""Traces and metrics by the OpenTelemetry API: what a service reports about its work, and where to.

    process ── starts ──▶ `setup`         once a process: spans are exported, if an endpoint is set
    web     ── serves ──▶ `spans`         a span continues a `traceparent`, and a request to another service carries one
    app     ── is made ─▶ `meters`        the instruments of one application, read at `/metrics` or sent by OTLP
                          `instruments`   what is measured, as the documentation shows it

Nothing here blocks a request or makes one fail: a collector that is down loses spans, no more.
"""
