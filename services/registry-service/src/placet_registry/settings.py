"""Settings of registry-service, besides those of every service."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from placet_shared.settings import ServiceSettings

__all__ = ["RegistrySettings"]


class RegistrySettings(ServiceSettings):
    """`PLACET_REGISTRY_…`"""

    SOURCE: ClassVar[str] = "registry"

    blob_dir: Path | None = Field(
        None,
        description="Folder of the blobs; several processes may share it.",
        json_schema_extra={"default_text": "`blobs` in the data folder"},
    )
    blob_limit_bytes: int = Field(2 * 1024**3, gt=0, description="The largest blob that is accepted.")

    @property
    def blob_folder(self) -> Path:
        """Where blobs are kept."""
        return self.blob_dir or self.data_dir / "blobs"
