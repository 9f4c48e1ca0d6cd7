"""What a signer decides on, gathered from where it is: the runs that a sign-off binds, their data, and who made the version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from placet.printing.data_names import DataNames
from placet_client import Client, ClientError
from placet_client.answers.registry import Version
from placet_client.answers.sign_offs import SignOff
from placet_client.answers.verification import Run
from placet_client.printing.page import show_warning

__all__ = ["Gathered", "gather"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """`data` says by run on what it ran. What could not be read is missing here, and said on standard error."""

    version: Version | None = None
    runs: Sequence[Run] = ()
    data: Mapping[str, str] = field(default_factory=dict)

    def data_of(self, run: Run) -> str:
        """Each data set of the run: its name, and the number of the version that was used."""
        return self.data.get(run.id, "data that can't be read now")


def gather(placet: Client, sign_off: SignOff) -> Gathered:
    """A service that does not answer leaves out its part."""
    version: Version | None = None
    runs: list[Run] = []
    data: dict[str, str] = {}
    try:
        version = placet.registry.version_by_id(sign_off.version_id)
        runs = [placet.verification.run_by_id(bound.run_id) for bound in sign_off.binds.evidence]
        names = DataNames(placet)
        data = {run.id: ", ".join(map(names.of, run.datasets)) for run in runs}
    except ClientError as error:
        show_warning(f"placet: not all of the evidence can be read: {error.detail}")
    return Gathered(version, runs, data)
