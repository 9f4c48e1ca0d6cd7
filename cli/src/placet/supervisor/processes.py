"""Which processes make up Placet on one machine, as one table."""

import sys
from dataclasses import dataclass
from importlib.util import find_spec

__all__ = ["PROCESSES", "ServiceProcess"]


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """`python -m <package> <arguments>` of the service `source`; a worker listens nowhere and migrates nothing."""

    name: str
    source: str
    package: str
    arguments: tuple[str, ...] = ()
    module: str = "__main__"

    @property
    def serves(self) -> bool:
        return not self.arguments

    @property
    def is_there(self) -> bool:
        """Whether this installation has it."""
        return find_spec(self.package) is not None and find_spec(f"{self.package}.{self.module}") is not None

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-P", "-m", self.package, *self.arguments]

    @property
    def migration(self) -> list[str]:
        return [sys.executable, "-P", "-m", self.package, "migrate"]


PROCESSES = (
    ServiceProcess("approval", "approval", "placet_approval"),
    ServiceProcess("registry", "registry", "placet_registry"),
    ServiceProcess("verification", "verification", "placet_verification"),
    ServiceProcess("audit", "audit", "placet_audit"),
    ServiceProcess("verification-worker", "verification", "placet_verification", ("worker",)),
)
