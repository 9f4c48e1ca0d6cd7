"""Two versions of the model of the process, registered and verified."""

from placet.demo.artifacts import LiveArtifacts
from placet.demo.people import DemoPeople
from placet.demo.plan import TEST_DATA
from placet.demo.process.ground import LIVE, MODEL
from placet_client import DataSetFile, Registration
from placet_client.answers.registry import Version
from placet_client.answers.verification import Run
from placet_client.files import sha256_of

__all__ = ["add_test_data", "register", "verify"]

RUN_SECONDS = 300.0


def add_test_data(people: DemoPeople, artifacts: LiveArtifacts) -> None:
    """alice registers the rows that the plan names; the same rows twice are one data set."""
    people.alice.registry.add_dataset(DataSetFile(TEST_DATA, artifacts.test_data, "test"))


def register(people: DemoPeople, artifacts: LiveArtifacts) -> tuple[Version, Version]:
    """alice registers what she has trained; a version of the model with the same bytes is that version."""
    lineage = {"trained_by": ["alice"], "data": [{"role": "train", "sha256": sha256_of(artifacts.training_data)}]}
    description = "Whether a person will see a doctor this year; as it runs in the process of the demo."
    first, second = (
        people.alice.registry.register(Registration(MODEL, file, "onnx", description, lineage)).version
        for file in (artifacts.first, artifacts.second)
    )
    return first, second


def verify(people: DemoPeople, version: Version) -> Run:
    """The version's run: the newest one, or a new one."""
    runs = people.alice.verification.runs(1, version_id=version.id, environment=LIVE).items
    run = runs[0] if runs else people.alice.verification.request_run(version.id, LIVE)
    return people.alice.verification.wait_for_run(run.id, RUN_SECONDS)
