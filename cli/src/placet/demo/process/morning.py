"""The morning after: the debt holds the next promotion, even with a yes, until people who had no part in the night have reviewed it."""

from functools import partial

from placet.demo.process import acts
from placet.demo.process.cast import BEA, OLAF, SAM, with_fresh_token
from placet.demo.process.ground import LIVE, MODEL
from placet.demo.process.telling import Telling
from placet.demo.process.versions import verify
from placet_client.answers.break_glass import Debt

__all__ = ["pay_the_debt"]

REVIEWS = {"bob": "There was no other way that night.", "carol": "Agreed; the second version answers well."}


def pay_the_debt(telling: Telling) -> None:
    """Nothing is done again once the second version was deployed with a yes of its own."""
    telling.narration.step("The morning after", "The version is signed as it should have been, and the debt still holds it.")
    acts.be_back(telling.cast)
    if len(acts.deployments_of(telling.cast, telling.second)) > 1:
        telling.narration.happened("it was signed, reviewed and promoted when this was told before")
    else:
        _sign(telling)
        for debt in telling.cast.demo.bob.approval.debts(100, open=True, environment=LIVE).items:
            _review(telling, debt)
        acts.deploy(telling.cast, telling.second)
        telling.act(
            f"the gate said yes, and the pipeline deployed {telling.name(telling.second)}, signed now",
            f"placet deploy {telling.about(telling.second)} --as ci",
        )
    for one in telling.cast.demo.erin.approval.unapproved(100, LIVE, MODEL).items:
        telling.narration.no(f"{MODEL}/{one.number} runs in {LIVE} without a yes: {one.because}")
    telling.look(f"placet unapproved -e {LIVE} --as erin")


def _sign(telling: Telling) -> None:
    about, cast, version = telling.about(telling.second), telling.cast, telling.second
    verify(cast.demo, version)
    sign_off = acts.request(cast, version, "It ran through the night; it is to stay.")
    for who, name, group in ((cast.sam, SAM, "operations"), (cast.bea, BEA, "business")):
        acts.feedback(who, sign_off, group, "approve")
        telling.act(f"{name} has no objection", f"placet signoff feedback {about} -g {group} --as {name}")
    acts.sign(cast.demo.bob, sign_off.id, "reviewer", "The night was calm.")
    acts.sign(cast.demo.carol, sign_off.id, "risk-officer", "The figures of the night are fine.")
    telling.act("bob, who is back, and carol signed", f"placet signoff approve {about} -r TEXT --as bob")
    for reason in cast.demo.ci.approval.ask_gate({"environment": LIVE, "version_id": version.id}).reasons:
        telling.narration.no(f"the gate still says no: {reason.detail}", reason.resolve)


def _review(telling: Telling, debt: Debt) -> None:
    with with_fresh_token(telling.cast.demo, OLAF, telling.addresses, telling.data_dir) as olaf:
        problem = acts.refusal(partial(olaf.approval.review_debt, debt.id, "I did well."))
    telling.narration.no(f"{OLAF} tried to review the night: {problem.detail}", problem.resolve)
    reviewed = {one.by.name for one in debt.reviews}
    for name, review in REVIEWS.items():
        if name not in reviewed:
            getattr(telling.cast.demo, name).approval.review_debt(debt.id, review)
        telling.act(
            f"{name}, who had no part in it, reviewed it: {review}", f'placet debts review {debt.id} --review "{review}" --as {name}'
        )
