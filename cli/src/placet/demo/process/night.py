"""A night without reviewers: glass is broken for exactly these bytes, and it leaves a debt."""

from placet.demo.process import acts
from placet.demo.process.cast import OLAF, with_fresh_token
from placet.demo.process.ground import LIVE
from placet.demo.process.telling import Telling
from placet_client import Client

__all__ = ["break_glass_at_night"]

INCIDENT = "INC-7"
REASON = "The old version must go tonight, and no reviewer wakes up."


def break_glass_at_night(telling: Telling) -> None:
    """Nothing is done again once the second version was let in and the glass was closed."""
    version, demo = telling.second, telling.cast.demo
    telling.narration.step("A night without reviewers", f"Version {version.number} is ready, unsigned, and needed now.")
    glasses = [one for one in demo.ci.approval.break_glasses(100, environment=LIVE).items if one.version_id == version.id]
    if acts.deployments_of(telling.cast, version) and not any(one.state == "open" for one in glasses):
        telling.narration.happened(f"{OLAF} broke glass and closed it when this was told before")
        telling.look(f"placet break-glass list -e {LIVE} --as erin")
        return
    with with_fresh_token(demo, OLAF, telling.addresses, telling.data_dir) as olaf:
        _let_in(telling, olaf, next((one.id for one in glasses if one.state == "open"), None))


def _let_in(telling: Telling, olaf: Client, opened: str | None) -> None:
    version, demo = telling.second, telling.cast.demo
    if opened is None:
        for reason in demo.ci.approval.ask_gate({"environment": LIVE, "version_id": version.id}).reasons:
            telling.narration.no(f"the gate: {reason.detail}")
        emergency = {"environment": LIVE, "model": version.model_name, "number": version.number, "incident": INCIDENT}
        opened = olaf.approval.open_break_glass({**emergency, "reason": REASON, "minutes": 30}).id
    telling.act(
        f"{OLAF}, on call, broke glass for 30 minutes with a token of this minute, for {INCIDENT}: {REASON}",
        f"placet tokens issue {OLAF} --into olaf.token --as dora",
        f'PLACET_TOKEN_FILE=olaf.token placet break-glass open {telling.about(version)} --incident {INCIDENT} -r "{REASON}" --minutes 30',
    )
    if not acts.deployments_of(telling.cast, version):
        acts.deploy(telling.cast, version)
    telling.act(
        f"the gate let exactly these bytes in, and the pipeline deployed {telling.name(version)}",
        f"placet deploy {telling.about(version)} --as ci",
    )
    olaf.approval.close_break_glass(opened)
    telling.act(f"{OLAF} closed it", f"PLACET_TOKEN_FILE=olaf.token placet break-glass close {opened}")
    telling.look(f"placet break-glass show {opened} --as erin")
