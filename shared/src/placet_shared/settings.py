"""Settings from the environment: one class per service, one documented table generated from the code.

    class RegistrySettings(ServiceSettings):
        SOURCE = "registry"
        blob_dir: Path = Field(description="Folder of the blobs.")      # PLACET_REGISTRY_BLOB_DIR

    settings = RegistrySettings.load()

Fields of `CommonSettings` are read from `PLACET_<FIELD>`, those of `ServiceSettings` and its subclasses from
`PLACET_<SOURCE>_<FIELD>`. A secret may instead lie in a file, as containers get theirs, which `<variable>_FILE` names.
"""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from placet_shared.logs import hide_secrets
from placet_shared.processes import PORTS

__all__ = ["CommonSettings", "PostgresUrl", "ServiceSettings", "SettingsError", "env_name", "file_env_name", "settings_table"]


class SettingsError(Exception):
    """The environment does not fit; the message names every variable that is wrong and what it may be."""


def _postgres_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("a URL that begins with postgresql://")
    return url


def _http_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("a URL that begins with http:// or https://")
    return url.rstrip("/")


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]


def default_data_dir() -> Path:
    """`/var/lib/placet` for root, else `$XDG_DATA_HOME/placet` (by default under `~/.local/share`)."""
    if os.geteuid() == 0:
        return Path("/var/lib/placet")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "placet"


def env_name(settings: type["CommonSettings"], field: str) -> str:
    """The environment variable of a field."""
    if field in CommonSettings.model_fields:
        return f"PLACET_{field.upper()}"
    extra = settings.model_fields[field].json_schema_extra
    name = extra.get("env", field) if isinstance(extra, dict) else field
    return f"PLACET_{settings.SOURCE}_{name}".upper()


def file_env_name(settings: type["CommonSettings"], field: str) -> str | None:
    """The variable that names a file with the field's text; None for what is no secret."""
    secret = "SecretStr" in repr(settings.model_fields[field].annotation)
    return f"{env_name(settings, field)}_FILE" if secret else None


class _Environment(PydanticBaseSettingsSource):
    """Reads each field from the variable that `env_name` gives it, or the file that its twin names; an empty variable counts as unset."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The raw text, its key, and that it is no JSON; raises `SettingsError` for a file that can't be used."""
        assert issubclass(self.settings_cls, CommonSettings)
        name, file_name = env_name(self.settings_cls, field_name), file_env_name(self.settings_cls, field_name)
        text = os.environ.get(name) or None
        if file_name and (path := os.environ.get(file_name)):
            if text is not None:
                raise SettingsError(f"{name} and {file_name} are both set: which of them counts? Unset one.")
            text = _text_of(file_name, Path(path))
        return text, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Field name → raw text, for those that are set."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class CommonSettings(BaseSettings):
    """The settings that all processes of an installation share."""

    SOURCE: ClassVar[str] = ""
    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    registry_url: HttpUrl = Field("http://127.0.0.1:8401", description="Address of registry-service.")
    verification_url: HttpUrl = Field("http://127.0.0.1:8402", description="Address of verification-service.")
    approval_url: HttpUrl = Field("http://127.0.0.1:8403", description="Address of approval-service.")
    audit_url: HttpUrl = Field("http://127.0.0.1:8404", description="Address of audit-service.")
    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Folder of everything that one machine keeps.",
        json_schema_extra={"default_text": "`$XDG_DATA_HOME/placet`, as root `/var/lib/placet`"},
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda value: str(value).upper())] = Field(
        "INFO", description="The least level that is logged; DEBUG adds a line per request."
    )
    log_file: Path | None = Field(
        None,
        description="File that standard output and error are appended to, and that is put aside when it is large; "
        "`placet up` names one for each process.",
    )
    log_file_bytes: int = Field(10 * 1024 * 1024, ge=1024, description="Bytes from which the log file is put aside, as `<file>.1`.")
    log_files_kept: int = Field(5, ge=1, le=1000, description="How many that were put aside are kept.")
    http_header_bytes: int = Field(32_768, ge=1024, description="Bytes of a request's line and header at most; more is 431.")
    http_header_count: int = Field(100, ge=10, description="Fields of a request's header at most.")
    http_first_byte_seconds: float = Field(15, gt=0, description="How long a new connection may send nothing.")
    http_header_seconds: float = Field(15, gt=0, description="How long a request's header may take from its first byte to its last.")
    http_body_seconds: float = Field(30, gt=0, description="How long may pass between two parts of a request's body.")
    http_answer_seconds: float = Field(60, gt=0, description="How long a caller may read nothing of its answer.")
    http_idle_seconds: int = Field(30, ge=1, description="How long a connection is kept between two requests.")
    http_anonymous_connections: int = Field(
        1000,
        ge=1,
        description="Connections at most, for each process, without a valid token so far; an idle one is closed to make room.",
    )
    http_anonymous_connections_per_address: int = Field(
        100, ge=1, description="The same of one address; raise it behind a proxy. Callers on the same machine are not counted."
    )
    http_open_requests_per_token: int = Field(
        2000, ge=1, description="Streams and long-polls at most that one token keeps open in a process; more is 429."
    )
    kafka_bootstrap_servers: str | None = Field(
        None, description="Kafka brokers, `host:port` with commas between; not set: services follow each other's feeds."
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="The brokers' security protocol: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`."
    )
    kafka_ca_file: Path | None = Field(None, description="PEM file of the brokers' certificate authority; else the system's own.")
    kafka_certificate_file: Path | None = Field(None, description="PEM file of our certificate, for brokers that ask for one.")
    kafka_key_file: Path | None = Field(None, description="PEM file of its private key.")
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="The SASL mechanism: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`."
    )
    kafka_sasl_username: str | None = Field(
        None, description="The user name; `{service}` stands for the service's name, since each may write only its own topic."
    )
    kafka_sasl_password_file: Path | None = Field(None, description="File with the password; `{service}` as for the name.")
    kafka_replication_factor: int = Field(1, ge=1, le=32767, description="Copies of the topics that a service makes; 3 in a cluster.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment; no files."""
        return init_settings, _Environment(settings_cls)

    @classmethod
    def load(cls, **values: Any) -> Self:
        """Settings from `values` and the environment; raises `SettingsError`."""
        if complaints := _unknown_variables(cls):
            raise SettingsError("\n".join(complaints))
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError("\n".join(_complaints(cls, error))) from None


class ServiceSettings(CommonSettings):
    """The settings that every service has for itself; a subclass fixes `SOURCE` and adds its own."""

    database_url: PostgresUrl = Field(description="PostgreSQL, as the service's login role, which owns no tables.")
    migration_url: PostgresUrl | None = Field(None, description="PostgreSQL, as the role that migrates; only `migrate` reads it.")
    database_schema: str = Field(
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="Schema of the service's tables.",
        json_schema_extra={"env": "SCHEMA", "default_text": "the service's name"},
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one.", json_schema_extra={"default_text": "`{port}`"})
    service_token_file: Path | None = Field(
        None, description="File with the access token of the service's own account, with which it calls other services."
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_source(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {"database_schema": cls.SOURCE, "port": PORTS.get(cls.SOURCE, 0), **values}

    def service_token(self) -> str:
        """The text of the service's own token; raises `SettingsError` when there is none."""
        variable = env_name(type(self), "service_token_file")
        if self.service_token_file is None:
            raise SettingsError(f"{variable} is not set: it names the file with the token of the service's own account.")
        return _text_of(variable, self.service_token_file)


def _text_of(variable: str, file: Path) -> str:
    """The file's text, without the line's end; raises `SettingsError`."""
    try:
        text = file.read_text().strip()
    except OSError as error:
        raise SettingsError(f"{variable}: {file} can't be read ({error.strerror}).") from error
    if not text:
        raise SettingsError(f"{variable}: {file} is empty.")
    return text


def settings_table(*classes: type[CommonSettings]) -> str:
    """A Markdown table of all variables that these classes read, each once."""
    rows = {env_name(cls, name): _row(cls, name, field) for cls in classes for name, field in cls.model_fields.items()}
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows.values(), ""])


def _row(settings: type[CommonSettings], name: str, field: FieldInfo) -> str:
    instead = " Or `…_FILE`." if file_env_name(settings, name) else ""
    return f"| `{env_name(settings, name)}` | {_default_text(settings, field)} | {field.description}{instead} |"


def _default_text(settings: type[CommonSettings], field: FieldInfo) -> str:
    if isinstance(field.json_schema_extra, dict) and (text := field.json_schema_extra.get("default_text")):
        return str(text).format(port=PORTS.get(settings.SOURCE, 0))
    if field.default is PydanticUndefined:
        return "**required**"
    return "none" if field.default is None else f"`{field.default}`"


def _unknown_variables(settings: type[CommonSettings]) -> list[str]:
    """Variables under the service's own prefix that no setting reads: a typing error would otherwise pass in silence."""
    if not settings.SOURCE:
        return []
    prefix = f"PLACET_{settings.SOURCE.upper()}_"
    names = [name for field in settings.model_fields for name in (env_name(settings, field), file_env_name(settings, field)) if name]
    known = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    given = [name.removeprefix(prefix) for name in sorted(os.environ) if name.startswith(prefix)]
    return [_unknown(prefix, name, get_close_matches(name, known, n=1)) for name in given if name not in known]


def _unknown(prefix: str, name: str, near: list[str]) -> str:
    return f"{prefix}{name} is no setting" + (f"; did you mean {prefix}{near[0]}?" if near else ".")


def _complaints(settings: type[CommonSettings], error: ValidationError) -> list[str]:
    lines = []
    for entry in error.errors(include_url=False, include_input=True):
        field = str(entry["loc"][0]) if entry["loc"] else ""
        if field not in settings.model_fields:
            lines.append(f"{field}: {entry['msg']}")
        elif entry["type"] == "missing":
            lines.append(f"{env_name(settings, field)} is not set: {settings.model_fields[field].description}")
        else:
            shown = "" if file_env_name(settings, field) else f" = {hide_secrets(str(entry['input'])[:200])!r}"
            lines.append(f"{env_name(settings, field)}{shown}: {_allowed(entry['msg'])}")
    return lines


def _allowed(message: str) -> str:
    for opening, ours in (("Value error, ", "must be "), ("Input should ", "must "), ("String should ", "must ")):
        message = message.replace(opening, ours)
    return message
