"""The first half: a version is requested, groups answer, an issue is waived, a deputy signs, and it goes into production."""

from datetime import UTC, datetime, timedelta
from functools import partial

from placet.demo.process import acts
from placet.demo.process.cast import BEA, NORA, SAM
from placet.demo.process.ground import LIVE, MODEL
from placet.demo.process.telling import Telling
from placet.demo.process.versions import verify
from placet_client.answers.sign_offs import SignOff

__all__ = ["bring_into_production"]

MINOR = "The log does not say which version answered."
MAJOR = "The people at the desk can't explain a no yet."
WAIVED = "The desk is trained on Monday; until then it shows no reason."
CONDITION = "Repeat the figures on the rows of January."


def bring_into_production(telling: Telling) -> None:
    """Nothing is done again once it has been in production."""
    version = telling.first
    telling.narration.step("Request", "A version that has passed its verification asks for a yes.")
    run = verify(telling.cast.demo, version)
    telling.narration.happened(f"the machine verified {telling.name(version)}: {run.status}")
    if acts.deployments_of(telling.cast, version):
        telling.narration.happened("it was requested, signed and deployed when this was told before")
        telling.look(f"placet audit timeline --model {version.model_name} --as erin")
        return
    rationale = "Better than the rule of thumb of today."
    sign_off = acts.request(telling.cast, version, rationale)
    telling.act(f"alice requested a sign-off for {LIVE}", f'placet signoff request {telling.about(version)} -r "{rationale}" --as alice')
    _ask_groups(telling, sign_off)
    _sign_by_deputy(telling, sign_off)
    _sign_on_a_condition(telling, sign_off)
    _deploy(telling)


def _ask_groups(telling: Telling, sign_off: SignOff) -> None:
    about, cast = telling.about(telling.first), telling.cast
    telling.narration.step("Ask the groups", "Before people sign, operations and business say what they found.")
    acts.feedback(cast.sam, sign_off, "operations", "minor_issue", MINOR)
    telling.act(
        f"{SAM}, operations, raised a minor issue: {MINOR}",
        f'placet signoff feedback {about} -g operations --verdict minor_issue -c "{MINOR}" --as {SAM}',
    )
    acts.feedback(cast.bea, sign_off, "business", "major_issue", MAJOR)
    telling.narration.no(f"{BEA}, business, raised a major issue: {MAJOR}")
    telling.look(f'placet signoff feedback {about} -g business --verdict major_issue -c "{MAJOR}" --as {BEA}')
    if any(issue.holds for issue in cast.demo.alice.approval.sign_off(sign_off.id).issues):
        problem = acts.refusal(partial(cast.demo.carol.approval.act, sign_off.id, "approve", {"rationale": "The risk is small."}))
        telling.narration.no(f"carol tried to sign: {problem.detail}", problem.resolve)
    acts.waive(cast.demo.carol, sign_off.id, datetime.now(UTC) + timedelta(days=14), WAIVED)
    telling.act(
        f"carol, whom the policy lets waive, waived it for 14 days: {WAIVED}",
        f'placet signoff waive {about} --until 14d -r "{WAIVED}" --as carol',
    )


def _sign_by_deputy(telling: Telling, sign_off: SignOff) -> None:
    telling.narration.step("Sign, in another person's place too", "bob is away; nora, who has no signing role, stands in for him.")
    acts.delegate(telling.cast, datetime.now(UTC) + timedelta(days=14))
    telling.act(
        f"bob is away, and lets {NORA} sign in his place as reviewer, here and for 14 days",
        "placet absences set --until 10m --as bob",
        f'placet delegations add {NORA} --until 14d --role reviewer -e {LIVE} --model {MODEL} --reason "On leave." --as bob',
    )
    reason = "I repeated the evaluation; it holds."
    acts.sign(telling.cast.nora, sign_off.id, "reviewer", reason, on_behalf_of="bob")
    telling.act(
        f"{NORA} signed on behalf of bob; both count once",
        f'placet signoff approve {telling.about(telling.first)} --for bob -r "{reason}" --as {NORA}',
    )


def _sign_on_a_condition(telling: Telling, sign_off: SignOff) -> None:
    due = (datetime.now(UTC) + timedelta(seconds=acts.CONDITION_SECONDS)).isoformat()
    reason = "A wrong answer does little harm."
    condition = {"owner": "alice", "due_at": due, "condition": CONDITION}
    acts.sign(telling.cast.demo.carol, sign_off.id, "risk-officer", reason, conditions=[condition])
    telling.act(
        f"carol signed on a condition: alice, in {acts.CONDITION_SECONDS} seconds (in real life weeks): {CONDITION}",
        f'placet signoff approve {telling.about(telling.first)} -r "{reason}" --condition "alice 30d {CONDITION}" --as carol',
    )


def _deploy(telling: Telling) -> None:
    about, version = telling.about(telling.first), telling.first
    acts.deploy(telling.cast, version)
    telling.act(f"the gate said yes, and the pipeline deployed {telling.name(version)}", f"placet deploy {about} --as ci")
