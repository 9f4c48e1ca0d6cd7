"""docker-compose.yml: what can be held true without an engine."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kafka_broker.guarded import guarded_settings
from placet_approval.settings import ApprovalSettings
from placet_audit.settings import AuditSettings
from placet_registry.settings import RegistrySettings
from placet_shared.bus.kafka import kafka_connection
from placet_shared.processes import PORTS
from placet_shared.settings import CommonSettings, ServiceSettings, env_name, file_env_name
from placet_verification.settings import VerificationSettings

SETTINGS: Mapping[str, type[ServiceSettings]] = {
    "placet_registry": RegistrySettings,
    "placet_verification": VerificationSettings,
    "placet_approval": ApprovalSettings,
    "placet_audit": AuditSettings,
}
PROBE = ["CMD", "python", "-P", "-m", "placet_shared.health_probe"]
FILE = Path(__file__).resolve().parents[2] / "docker-compose.yml"
ALL: Mapping[str, Mapping[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
CONFINED = {name: service for name, service in ALL.items() if str(service["image"]).startswith("placet/")}
OURS = {name: service for name, service in CONFINED.items() if service["command"][0] in SETTINGS}
SERVING = {name: service for name, service in OURS.items() if len(service["command"]) == 1}


def variables_of(settings: type[CommonSettings]) -> set[str]:
    names = (name for field in settings.model_fields for name in (env_name(settings, field), file_env_name(settings, field)))
    return {name for name in names if name}


def secret_names(service: Mapping[str, Any]) -> set[str]:
    return set(service.get("secrets", ()))


def test_compose_file_is_what_the_specification_allows(compose: Mapping[str, Any], compose_schema: Mapping[str, Any]) -> None:
    jsonschema.validate(compose, compose_schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**compose, "services": {"registry": {"imaeg": "x"}}}, compose_schema)


def test_all_four_services_their_migrations_and_a_worker_are_there() -> None:
    commands = sorted(service["command"] for service in OURS.values())
    assert commands == sorted(
        [*([name] for name in SETTINGS), *([name, "migrate"] for name in SETTINGS), ["placet_verification", "worker"]]
    )


@pytest.mark.parametrize("name", sorted(OURS))
def test_variables_that_a_service_is_told_exist_in_its_settings(name: str) -> None:
    settings = SETTINGS[OURS[name]["command"][0]]
    ours = {variable for variable in OURS[name]["environment"] if variable.startswith("PLACET_")}
    assert ours - variables_of(settings) == set()
    assert f"PLACET_{settings.SOURCE.upper()}_DATABASE_URL_FILE" in ours


@pytest.mark.parametrize("name", sorted(OURS))
def test_other_variables_that_a_service_is_told_are_read_by_its_telemetry(root: Path, name: str) -> None:
    others = {variable for variable in OURS[name]["environment"] if not variable.startswith("PLACET_")}
    read = (root / "shared/src/placet_shared/telemetry/setup.py").read_text()
    assert [variable for variable in others if f'"{variable}"' not in read] == []


@pytest.mark.parametrize("name", sorted(OURS))
def test_settings_of_a_service_are_accepted(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, compose_secrets: Any) -> None:
    compose_secrets.write_secrets(tmp_path / "local", with_demo_people=False)
    mounted = {f"/run/secrets/{secret}": tmp_path / "local/secrets" / file for secret, file in secret_files().items()}
    for variable, value in OURS[name]["environment"].items():
        monkeypatch.setenv(variable, str(mounted.get(value, value)).replace("/run/secrets/{service}_kafka", f"{tmp_path}/{{service}}"))
    settings = SETTINGS[OURS[name]["command"][0]].load()
    assert settings.database_url.get_secret_value().endswith(f"@postgres/placet_{settings.SOURCE}")
    if OURS[name]["command"][-1] == "migrate":
        assert settings.migration_url is not None
        assert settings.migration_url.get_secret_value().endswith(f"@postgres/placet_{settings.SOURCE}")
    if name in SERVING:
        (tmp_path / settings.SOURCE).write_text((tmp_path / f"local/secrets/{settings.SOURCE}.kafka").read_text())
        kafka = kafka_connection(settings)
        assert kafka is not None
        assert kafka.options("")["sasl_plain_username"] == f"placet_{settings.SOURCE}"
    if name in SERVING or "worker" in name:
        assert settings.service_token().startswith("placet_")
    if name in SERVING:
        assert settings.host == "0.0.0.0"


def secret_files() -> dict[str, str]:
    declared = yaml.safe_load(FILE.read_text())["secrets"]
    return {name: Path(secret["file"]).name for name, secret in declared.items()}


@pytest.mark.parametrize("name", sorted(SERVING))
def test_ports_are_the_known_ones_and_published_on_loopback_only(name: str) -> None:
    port = PORTS[SETTINGS[SERVING[name]["command"][0]].SOURCE]
    assert SERVING[name]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert SERVING[name]["healthcheck"]["test"] == [*PROBE, str(port)]


def test_nothing_but_the_services_is_published() -> None:
    assert {name for name, service in ALL.items() if "ports" in service} == set(SERVING)


@pytest.mark.parametrize("name", sorted(SERVING))
def test_services_are_told_where_each_other_are(name: str) -> None:
    told = {variable: value for variable, value in SERVING[name]["environment"].items() if re.fullmatch(r"PLACET_[A-Z]+_URL", variable)}
    assert told == {f"PLACET_{source.upper()}_URL": f"http://{source}:{port}" for source, port in PORTS.items()}


def test_secrets_that_are_mounted_are_declared_and_made(compose: Mapping[str, Any], tmp_path: Path, compose_secrets: Any) -> None:
    assert set().union(*map(secret_names, ALL.values())) == set(compose["secrets"])
    compose_secrets.write_secrets(tmp_path / "local", with_demo_people=False)
    for secret in compose["secrets"].values():
        assert (tmp_path / "local" / Path(secret["file"]).relative_to("deploy/local")).is_file()


@pytest.mark.parametrize("name", sorted(ALL))
def test_files_in_the_environment_are_mounted_there(name: str) -> None:
    values = [
        str(value).replace("{service}", name) for value in (*ALL[name].get("environment", {}).values(), *ALL[name].get("command", ()))
    ]
    files = [match for value in values for match in re.findall(r"/run/secrets/([\w.]+)", value)]
    assert set(files) <= secret_names(ALL[name])
    assert any(file.endswith("_kafka") for file in files) == (name in SERVING or name == "kafka-access")


def test_every_service_waits_until_it_has_its_user_of_kafka() -> None:
    access = ALL["kafka-access"]
    assert access["command"] == ["placet_shared.bus.kafka.access", *(f"{source}=/run/secrets/{source}_kafka" for source in PORTS)]
    for name, service in SERVING.items():
        assert service["depends_on"]["kafka-access"] == {"condition": "service_completed_successfully"}, name


def test_the_broker_is_guarded_as_the_one_of_make_kafka() -> None:
    """The image makes lines of server.properties from KAFKA_…: `___` is a hyphen, `_` a dot; compose reads `$$` as `$`."""
    names = {name: name.removeprefix("KAFKA_").lower() for name in ALL["kafka"]["environment"]}
    told = {
        names[name].replace("___", "-").replace("_", "."): value.replace("$$", "$") for name, value in ALL["kafka"]["environment"].items()
    }
    secret = Path("/run/secrets/kafka_admin_properties")
    guarded = guarded_settings(secret, "kafka:9092", "0.0.0.0:9092", "localhost:9093")
    assert {name: told.get(name) for name in guarded} == guarded
    assert ALL["kafka"]["secrets"] == ["kafka_admin_properties"]


def test_only_migrations_can_change_tables() -> None:
    powerful = {"migrations_password", *(f"{source}_migration_url" for source in PORTS)}
    with_migrations = {name for name, service in OURS.items() if secret_names(service) & powerful}
    assert with_migrations == {name for name, service in OURS.items() if service["command"][-1] == "migrate"}


def test_a_service_has_no_other_services_secrets() -> None:
    for name, service in OURS.items():
        source = SETTINGS[service["command"][0]].SOURCE
        others = {secret for secret in secret_names(service) if not secret.startswith(source)}
        # approval-service makes the accounts of the others, and so reads their tokens
        assert others == ({"bootstrap.yaml", "registry_token", "verification_token", "audit_token"} if name == "approval" else set())


@pytest.mark.parametrize("name", sorted(CONFINED))
def test_containers_of_ours_are_confined(name: str) -> None:
    service = CONFINED[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(ALL))
def test_containers_have_limits_and_a_pinned_image(name: str) -> None:
    limits = ALL[name]["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= set(limits)
    assert re.fullmatch(r"[a-z0-9./-]+:[0-9][0-9A-Za-z.-]*", ALL[name]["image"])


def test_the_worker_has_no_way_out(compose: Mapping[str, Any]) -> None:
    networks = ALL["verification-worker"]["networks"]
    assert networks
    assert all(compose["networks"][network]["internal"] for network in networks)


def test_every_service_waits_for_the_migration_of_its_own_tables() -> None:
    for name, service in OURS.items():
        conditions = {other: how["condition"] for other, how in service["depends_on"].items()}
        assert conditions["postgres"] == "service_healthy"
        if service["command"][-1] != "migrate":
            source = SETTINGS[service["command"][0]].SOURCE
            assert conditions[f"migrate-{source}"] == "service_completed_successfully", name


def test_files_and_modules_that_are_named_exist(root: Path, compose: Mapping[str, Any]) -> None:
    for service in ALL.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            made = source.startswith("./deploy/local/")
            assert made or source in compose["volumes"] or (root / source).is_file(), source
    for service in OURS.values():
        assert (root / service["build"]["dockerfile"]).is_file()
        assert importlib.util.find_spec(service["command"][0]) is not None
    assert importlib.util.find_spec(PROBE[-1]) is not None


def test_arguments_of_builds_are_those_of_the_dockerfile(root: Path) -> None:
    known = set(re.findall(r"(?m)^ARG (\w+)", (root / "deploy/Dockerfile").read_text()))
    given = {name: set(service["build"].get("args", ())) for name, service in CONFINED.items() if "build" in service}
    assert given["verification-worker"] == {"FORMATS"}
    assert set().union(*given.values()) <= known


def test_memory_of_an_evaluation_fits_into_the_workers_container() -> None:
    worker = ALL["verification-worker"]
    assert worker["deploy"]["resources"]["limits"]["memory"] == "4g"
    assert int(worker["environment"]["PLACET_VERIFICATION_MEMORY_LIMIT_MIB"]) < 4096
