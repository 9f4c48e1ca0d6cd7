"""The whole process, scene by scene; told again it goes on where it ended, and changes nothing that is not its own."""

import os
from collections.abc import Mapping
from pathlib import Path

from placet.demo.artifacts import make_live_artifacts
from placet.demo.narration import Narration
from placet.demo.people import DemoPeople, connect_people
from placet.demo.process.cast import BEA, NORA, OLAF, SAM, add_people, assemble, refuse_other_people
from placet.demo.process.ended_yes import let_the_yes_end
from placet.demo.process.first_yes import bring_into_production
from placet.demo.process.ground import LIVE, MODEL, POLICY_DOCUMENT, prepare_ground, refuse_other_ground
from placet.demo.process.morning import pay_the_debt
from placet.demo.process.night import break_glass_at_night
from placet.demo.process.telling import Telling
from placet.demo.process.versions import add_test_data, register
from placet_client import Addresses

__all__ = ["tell_process"]


def tell_process(addresses: Addresses, data_dir: Path, narration: Narration, environment: Mapping[str, str] = os.environ) -> None:
    """Run all scenes; raises `ClientError` when the installation can't be used."""
    with connect_people(addresses, data_dir, environment) as demo:
        refuse_other_ground(demo)
        refuse_other_people(demo)
        folder = data_dir / "demo"
        artifacts = make_live_artifacts(folder)
        add_test_data(demo, artifacts)
        _prepare(narration, demo, folder)
        first, second = register(demo, artifacts)
        with assemble(demo, addresses, data_dir) as cast:
            telling = Telling(narration, cast, first, second, addresses, data_dir)
            bring_into_production(telling)
            let_the_yes_end(telling)
            break_glass_at_night(telling)
            pay_the_debt(telling)
            _look_back(telling)


def _prepare(narration: Narration, demo: DemoPeople, folder: Path) -> None:
    narration.step("Prepare", f"An environment of its own, {LIVE}, in which a policy says who has a say.")
    prepare_ground(demo)
    document = folder / "process.yaml"
    document.write_text(POLICY_DOCUMENT)
    narration.yes(f"dora defined the environment and its policy, {document}")
    narration.look(f"placet apply -f {document} --as dora")
    add_people(demo)
    narration.yes(f"dora added {SAM} (operations), {BEA} (business), {NORA} (a deputy) and {OLAF} (on call)")
    narration.look(f"placet people add {SAM} --role demo-operations --as dora")


def _look_back(telling: Telling) -> None:
    telling.narration.step("Look back", "Who raised the issue, who waived it, in whose place nora signed: all of it stands.")
    page = telling.cast.demo.erin.audit.timeline(1000, model=MODEL)
    refusals = sum(line.result in ("refused", "denied") for line in page.items)
    telling.narration.happened(f"{len(page.items)} acts on record about {MODEL}, {refusals} of them refused or denied")
    telling.look(f"placet audit timeline --model {MODEL} --as erin")
    telling.look(f"placet board {MODEL} --as erin")
