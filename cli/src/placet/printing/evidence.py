"""What a signer decides on, gathered from where it is: the runs that a sign-off binds, their data, and who made the version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from placet_client import Client, ClientError
from placet_client.answers.registry import Version
from placet_client.answers.sign_offs import SignOff
from placet_client.answers.verification import Run
from placet_client.printing.page import show_warning
from placet_client.printing.words import plain, short

__all__ = ["Gathered", "gather"]

NAMES = 5
"""That the same bytes have; more are left out."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """`data` are the names of data sets, with the number of the version that was used, by digest. What could not be read is missing here,
    and said on standard error."""

    version: Version | None = None
    runs: Sequence[Run] = ()
    data: Mapping[str, str] = field(default_factory=dict)

    def data_of(self, run: Run) -> str:
        """Each data set of the run by its name and number, where the registry knows one."""
        named = (f"{self.data.get(one.sha256, 'unnamed data')} {short(one.sha256)} ({one.input})" for one in run.datasets)
        return ", ".join(plain(one) for one in named)


def gather(placet: Client, sign_off: SignOff) -> Gathered:
    """A service that does not answer leaves out its part."""
    version: Version | None = None
    runs: list[Run] = []
    data: dict[str, str] = {}
    try:
        version = placet.registry.version_by_id(sign_off.version_id)
        runs = [placet.verification.run_by_id(bound.run_id) for bound in sign_off.binds.evidence]
        for sha256 in dict.fromkeys(one.sha256 for run in runs for one in run.datasets):
            if names := [f"{one.name}/{one.number}" for one in placet.registry.datasets_of_bytes(sha256, NAMES).items]:
                data[sha256] = " = ".join(names)
    except ClientError as error:
        show_warning(f"placet: not all of the evidence can be read: {error.detail}")
    return Gathered(version, runs, data)
