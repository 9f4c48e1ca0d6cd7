"""Where the story ends: in `prod` as it was shipped, and in an environment of its own where prod has become the user's."""

from placet.demo.people import DemoPeople
from placet.demo.plan import BEFORE_PRODUCTION, MODELS, OWN_ENVIRONMENT, PLAN, PRODUCTION, TEST_DATA
from placet_client.answers.verification import Plan
from placet_client.problems import ClientError, Problem

__all__ = ["NameTaken", "choose_environment", "refuse_taken_names"]

OWN_POLICY = f"""\
kind: Policy
environment: {OWN_ENVIRONMENT}
signatures:
  - {{role: reviewer}}
  - {{role: risk-officer}}
evidence:
  verification: {{max_age: 30d}}
previous_environment: optional
"""


class NameTaken(ClientError):
    """A plan or a model of the user's has the name of one of the demo's."""


def refuse_taken_names(people: DemoPeople) -> None:
    """Raises `NameTaken` before anything was changed."""
    if (plan := _plan(people)) and not _is_own(plan):
        raise _taken(f"a plan {PLAN}", "withdraw it")
    own = {people.alice.approval.whoami().id}
    for name in MODELS:
        model = people.alice.registry.find_model(name)
        if model and model.registered_by not in own:
            raise _taken(f"a model {name}", "use another installation for the demo: PLACET_DATA_DIR=/tmp/demo placet up")


def choose_environment(people: DemoPeople) -> str:
    """Production, unless its policy or that of the environment before was changed or plans of others are for the demo's models there: these
    would ask for what the demo does not have, and to change them is not the demo's to do."""
    policies = [people.dora.approval.policy(name) for name in (BEFORE_PRODUCTION, PRODUCTION)]
    shipped = all(one.current and one.current.version == 1 and not one.for_models for one in policies)
    others = [plan for plan in people.dora.verification.plans(1000, PRODUCTION).items if not _is_own(plan) and _may_select(plan)]
    if shipped and not others:
        return PRODUCTION
    _define_own_environment(people)
    return OWN_ENVIRONMENT


def _define_own_environment(people: DemoPeople) -> None:
    """After all others, with a policy like that which production is shipped with; what is there already stays."""
    known = [one.name for one in people.dora.registry.environments().items]
    if OWN_ENVIRONMENT not in known:
        people.dora.registry.define_environment(OWN_ENVIRONMENT, known[-1])
    if OWN_ENVIRONMENT not in [policy.environment for policy in people.dora.approval.policies()]:
        people.dora.approval.define_policy(OWN_POLICY)


def _plan(people: DemoPeople) -> Plan | None:
    try:
        return people.dora.verification.plan(PLAN)
    except Problem as problem:
        if problem.code == "plan_not_found":
            return None
        raise


def _is_own(plan: Plan) -> bool:
    """Its test data are the demo's."""
    return plan.name == PLAN and (plan.document.get("dataset") or {}).get("name") == TEST_DATA


def _may_select(plan: Plan) -> bool:
    """Whether it could be for the demo's models: those of every model, by tag or pattern, and those that name one."""
    models = plan.document["for"]["models"]
    return not models or any("*" in entry or entry in MODELS for entry in models)


def _taken(what: str, instead: str) -> NameTaken:
    return NameTaken(
        f"There is {what} here that is not the demo's, and the demo changes nothing that is not its own.", f"To see it, {instead}."
    )
