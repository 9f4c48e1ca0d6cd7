"""The steps that people completed for an artifact's bytes in an environment, for every model that has them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from placet_approval.domain.involvement import IN_WORDS
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_rules import Signer, require_person
from placet_approval.domain.step_completion import StepDone, completed
from placet_approval.domain.step_terms import StepTerm
from placet_approval.domain.subjects import GovernedVersion
from placet_shared.aggregates import Aggregate, Event, Recurring, origin_of
from placet_shared.errors import Conflict, Forbidden, Invalid, NotFound
from placet_shared.identifiers import derived_key

__all__ = ["ArtifactSteps", "Bytes", "step_named"]

Bytes = tuple[str, str]
"""The digest of the bytes, and the environment."""


class ArtifactSteps(Aggregate):
    """A completion is for one model: that another person looked at the same bytes under another name is no review of this one. That a step
    is open again is about the bytes, whichever model they are of. Signatures and gate decisions check the stream at append."""

    TOPIC = "ArtifactSteps"
    CATEGORY = "artifactsteps"

    def __init__(self) -> None:
        self.done: dict[tuple[str, str], StepDone] = {}

    class StepCompleted(Recurring):
        TOPIC = "StepCompleted"
        artifact_sha256: str
        environment: str
        model_id: str
        version_id: str
        step: str
        person_id: str
        role: str
        evidence: list[str]
        token_issuers: list[str]
        comment: Commitment

        def apply(self, aggregate: "ArtifactSteps") -> None:
            issuers = tuple(self.token_issuers)
            done = StepDone(self.model_id, self.step, self.role, self.person_id, self.timestamp, issuers)
            aggregate.done[self.model_id, self.step] = done

    class StepReopened(Event):
        TOPIC = "StepReopened"
        artifact_sha256: str
        environment: str
        model_id: str
        version_id: str
        step: str
        person_id: str
        steps: list[str]
        reason: Commitment

        def apply(self, aggregate: "ArtifactSteps") -> None:
            for key in [key for key in aggregate.done if key[1] in self.steps]:
                del aggregate.done[key]

    @staticmethod
    def key_of(artifact_sha256: str, environment: str) -> str:
        """The key of the stream."""
        return derived_key("steps", artifact_sha256, environment)

    @classmethod
    def complete(
        cls,
        known: Self | None,
        version: GovernedVersion,
        environment: str,
        step: StepTerm,
        signer: Signer,
        excluded: Mapping[str, Sequence[str]],
        evidence: Sequence[str],
        comment: Commitment,
        at: datetime,
    ) -> Self:
        """A person with the step's role and without a part in the bytes says that it is done."""
        _require_may_complete(signer, step, excluded)
        done = known.done.values() if known else ()
        if completed(step, done, version.model_id, excluded):
            raise Conflict(
                f"The step {step.name} is complete.",
                code="step_complete",
                resolve="Nothing more is needed for it. If it has to be done again, reopen it first: `placet steps reopen`.",
            )
        said: dict[str, Any] = {"person_id": signer.id, "role": step.role, "evidence": list(evidence), "comment": comment}
        values = {**_about(version, environment, step), **said, "token_issuers": sorted(signer.token_issuers)}
        if known is None:
            return cls.create(cls.StepCompleted, key=cls.key_of(version.artifact_sha256, environment), at=at, **values)
        known.trigger(cls.StepCompleted, at=at, originator_topic=origin_of(known), **values)
        return known

    def reopen(
        self,
        version: GovernedVersion,
        environment: str,
        step: StepTerm,
        steps: Sequence[StepTerm],
        signer: Signer,
        reason: Commitment,
        at: datetime,
    ) -> None:
        """A person with the step's role or an admin says that it has to be done again, and with it the steps after it.

        No part in the bytes keeps one from it: it only takes away. `steps` are all of the policy, in order.
        """
        require_person(signer)
        if step.role not in signer.roles and "admin" not in signer.roles:
            raise _role_missing(step, f"{step.role} or an admin", "reopen")
        complete = {name for _, name in self.done}
        after = [one.name for one in steps[steps.index(step) :] if one.name in complete]
        if step.name not in after:
            raise Conflict(
                f"The step {step.name} is not complete.", code="step_not_complete", resolve="See how it stands: `placet steps list`."
            )
        values = {**_about(version, environment, step), "person_id": signer.id, "steps": after, "reason": reason}
        self.trigger(self.StepReopened, at=at, **values)


def step_named(steps: Sequence[StepTerm], name: str, environment: str) -> StepTerm:
    """The step of people with this name; raises `NotFound`, or `Invalid` for one that a fact completes."""
    step = next((one for one in steps if one.name == name), None)
    if step is None:
        known = ", ".join(one.name for one in steps)
        raise NotFound(
            f"The policy for {environment} has no step of that name.",
            code="step_not_found",
            resolve=f"Its steps are {known}." if known else "Have an admin put steps into it: `placet apply -f policy.yaml`.",
        )
    if step.role is None:
        raise Invalid(
            f"The step {name} is completed by what happens ({step.fact}), not by a person.",
            code="step_not_by_hand",
            resolve="See what it waits for: `placet steps list`.",
        )
    return step


def _require_may_complete(signer: Signer, step: StepTerm, excluded: Mapping[str, Sequence[str]]) -> None:
    require_person(signer)
    if because := excluded.get(signer.id):
        done = " and ".join(IN_WORDS[part] for part in because)
        raise Forbidden(
            f"You {done}, so you can't complete its steps.",
            code="separation_of_duties",
            resolve=f"Ask a person who is {step.role} and had no part in it.",
            because=list(because),
        )
    if _could_be_another(signer, excluded):
        raise Forbidden(
            "Your token was issued by a person who has a part in this version, and who could act with it too.",
            code="token_issued_by_another",
            resolve="Have an admin who has no part in it issue a token for you, and revoke this one.",
        )
    if step.role not in signer.roles:
        raise _role_missing(step, str(step.role), "complete")


def _could_be_another(signer: Signer, excluded: Collection[str]) -> bool:
    return not signer.token_issuers.isdisjoint(excluded)


def _role_missing(step: StepTerm, who: str, what: str) -> Forbidden:
    return Forbidden(
        f"Only a person who is {who} can {what} the step {step.name}.",
        code="role_not_held",
        resolve=f"Ask a person who is {who}, or have an admin give you that role.",
    )


def _about(version: GovernedVersion, environment: str, step: StepTerm) -> dict[str, str]:
    return {
        "artifact_sha256": version.artifact_sha256,
        "environment": environment,
        "model_id": version.model_id,
        "version_id": version.version_id,
        "step": step.name,
    }
