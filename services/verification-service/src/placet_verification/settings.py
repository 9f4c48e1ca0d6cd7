"""Settings of verification-service and its worker, besides those of every service."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from placet_shared.settings import ServiceSettings

__all__ = ["VerificationSettings"]


class VerificationSettings(ServiceSettings):
    """`PLACET_VERIFICATION_…`"""

    SOURCE: ClassVar[str] = "verification"

    cache_dir: Path | None = Field(
        None,
        description="Folder where workers keep artifacts and data sets by digest.",
        json_schema_extra={"default_text": "`verification-cache` in the data folder"},
    )
    cache_limit_bytes: int = Field(8 * 1024**3, gt=0, description="Beyond it the worker removes the least recently used blobs.")
    wall_clock_limit_seconds: int = Field(900, gt=0, description="The longest time of one evaluation, whatever limit its plan sets.")
    trial_wall_clock_limit_seconds: int = Field(
        60, gt=0, description="The longest time of a trial of rows that a person gives (`placet try`), whatever limit its plan sets."
    )
    memory_limit_mib: int = Field(4096, ge=64, description="The most memory of one evaluation, whatever limit its plan sets.")
    lease_seconds: int = Field(15, ge=1, description="A worker that does not renew its lease for so long loses its run to another one.")
    attempts: int = Field(3, ge=1, le=20, description="The number of attempts before a run is given up.")

    open_runs_per_person: int = Field(
        100, ge=1, le=100_000, description="Runs that one person or service account may have queued and running at once; more is 429."
    )
    open_runs: int = Field(10_000, ge=1, le=100_000, description="Runs of all people that may be queued and running at once; more is 429.")

    @property
    def cache_folder(self) -> Path:
        """The folder of fetched blobs."""
        return self.cache_dir or self.data_dir / "verification-cache"
