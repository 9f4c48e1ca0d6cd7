"""What the standard variables say."""

import pytest

from placet_shared.settings import SettingsError
from placet_shared.telemetry.setup import endpoint_of, resource_of

ENDPOINT = "http://127.0.0.1:4318"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENDPOINT", "PROTOCOL", "TRACES_ENDPOINT", "METRICS_ENDPOINT", "TRACES_PROTOCOL"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)
    for name in ("SERVICE_NAME", "RESOURCE_ATTRIBUTES", "SDK_DISABLED", "TRACES_EXPORTER", "METRICS_EXPORTER"):
        monkeypatch.delenv(f"OTEL_{name}", raising=False)


def test_without_an_endpoint_nothing_is_sent() -> None:
    assert (endpoint_of("traces"), endpoint_of("metrics")) == (None, None)


def test_endpoint_of_one_signal_is_of_that_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{ENDPOINT}/v1/traces")
    assert (endpoint_of("traces"), endpoint_of("metrics")) == (f"{ENDPOINT}/v1/traces", None)


@pytest.mark.parametrize(("variable", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")])
def test_switched_off_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", ENDPOINT)
    monkeypatch.setenv(variable, value)
    assert endpoint_of("traces") is None


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"])
def test_protocol_that_is_not_spoken_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", ENDPOINT)
    monkeypatch.setenv(variable, "grpc")
    with pytest.raises(SettingsError, match=f"{variable} = 'grpc'.*http/protobuf"):
        endpoint_of("traces")


def test_service_is_named_by_us_unless_the_environment_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resource_of("placet-registry").attributes["service.name"] == "placet-registry"
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    attributes = resource_of("placet-registry").attributes
    assert (attributes["service.name"], attributes["deployment.environment.name"]) == ("placet-registry", "test")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "ours")
    assert resource_of("placet-registry").attributes["service.name"] == "ours"
