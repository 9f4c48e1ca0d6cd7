"""Settings of approval-service, from its environment."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from placet_shared.settings import ServiceSettings

__all__ = ["ApprovalSettings"]


class ApprovalSettings(ServiceSettings):
    """Variables `PLACET_APPROVAL_…`."""

    SOURCE: ClassVar[str] = "approval"

    bootstrap_file: Path | None = Field(
        None, description="YAML file with people, service accounts and the files of their tokens; what is new in it is added at start."
    )
