"""Settings of approval-service, from its environment."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, SecretStr

from placet_shared.settings import ServiceSettings

__all__ = ["ApprovalSettings"]


def _networks(text: Any) -> Any:
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",")) if isinstance(text, str) else text
    except ValueError:
        raise ValueError("networks such as 10.0.0.0/8, with commas between") from None


class ApprovalSettings(ServiceSettings):
    """Variables `PLACET_APPROVAL_…`."""

    SOURCE: ClassVar[str] = "approval"

    bootstrap_file: Path | None = Field(
        None, description="YAML file with people, service accounts and the files of their tokens; what is new in it is added at start."
    )
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)] = Field(
        (),
        description="Networks that are not public and that webhooks may reach, by http too: `10.0.0.0/8,fd00::/8`.",
        json_schema_extra={"default_text": "none"},
    )
    smtp_url: SecretStr | None = Field(
        None, description="Mail server: `smtp://user:password@host:587`, or `smtps://…:465`; not set: no mail is sent."
    )
    mail_from: str = Field("placet@localhost", pattern=r"^[^\s@<>]+@[^\s@<>]+$", description="Sender of mail to people.")
    mail_link: str | None = Field(None, pattern=r"^https?://[!-~]+$", description="Address that mails end with: where people sign.")
