"""Which processes make up an installation, as one table: settings, supervisor, commands, documentation and tests read it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

__all__ = ["PORTS", "PROCESSES", "SOURCES", "ServiceProcess", "python_command"]


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """`python -m <package> <arguments>`, with the settings of `source`.

    `port` is where it listens by default; None for one that listens nowhere. `publishes`: it has a database with a schema of its
    own, which it migrates, and a feed. `needs` are the services whose addresses it uses.
    """

    name: str
    source: str
    package: str
    arguments: tuple[str, ...] = ()
    module: str = "__main__"
    port: int | None = None
    publishes: bool = False
    needs: tuple[str, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether it takes requests; other processes migrate nothing and are not waited for."""
        return not self.arguments

    @property
    def is_there(self) -> bool:
        """Whether this installation has it."""
        return find_spec(self.package) is not None and find_spec(f"{self.package}.{self.module}") is not None

    @property
    def words(self) -> list[str]:
        """What starts it, as words for `python_command`."""
        return [self.package, *self.arguments]

    @property
    def migration(self) -> list[str]:
        """The words of what brings its database to this release's schema."""
        return [self.package, "migrate"]


def python_command(words: Sequence[str]) -> list[str]:
    """A package with its arguments as a command line; nothing of the folder where it is given is imported."""
    return [sys.executable, "-P", "-m", *words]


# In the order in which they are started: the other services ask approval-service about tokens.
PROCESSES = (
    ServiceProcess("approval", "approval", "placet_approval", port=8403, publishes=True, needs=("registry", "verification", "audit")),
    ServiceProcess("registry", "registry", "placet_registry", port=8401, publishes=True, needs=("approval",)),
    ServiceProcess("verification", "verification", "placet_verification", port=8402, publishes=True, needs=("registry", "approval")),
    ServiceProcess("audit", "audit", "placet_audit", port=8404, publishes=True, needs=("registry", "verification", "approval")),
    ServiceProcess("verification-worker", "verification", "placet_verification", ("worker",), needs=("registry", "approval")),
)

PORTS: Mapping[str, int] = dict(sorted(((one.name, one.port) for one in PROCESSES if one.port is not None), key=lambda one: one[1]))
"""Where each service listens by default, in the order of ports."""

SOURCES: Sequence[str] = tuple(name for name in PORTS if any(one.name == name and one.publishes for one in PROCESSES))
"""The services that have a database and publish events."""
