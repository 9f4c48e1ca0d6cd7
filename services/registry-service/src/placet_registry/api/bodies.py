"""Bodies of requests; each gives its command."""

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import Field, model_validator

from placet_registry.api.body_parts import DIGEST, Body, Digest, EnvironmentName, FreeText, Word
from placet_registry.commands.define_environment import DefineEnvironment
from placet_registry.commands.describe_model import DescribeModel
from placet_registry.commands.end_deployment import EndDeployment
from placet_registry.commands.qualify_model import QualifyModel
from placet_registry.commands.register_model import RegisterModel
from placet_registry.commands.report_deployment import ReportDeployment
from placet_registry.commands.report_deployments import ReportDeployments
from placet_registry.commands.tag_model import TagModel
from placet_registry.domain.qualification import Level
from placet_registry.domain.words import MODEL_NAME_LENGTH, NAME_LENGTH_AS_SENT

__all__ = [
    "DeploymentBody",
    "DeploymentsBody",
    "DescriptionBody",
    "EndBody",
    "EnvironmentBody",
    "ModelBody",
    "QualificationBody",
    "TagBody",
]


MOST_AT_ONCE = 20


class ModelBody(Body):
    """A new model."""

    name: str = Field(
        max_length=NAME_LENGTH_AS_SENT,
        description=f"For people; at most {MODEL_NAME_LENGTH} characters, unique, letter case matters; no `/` and no `:`.",
        examples=["credit-risk"],
    )
    description: FreeText | None = Field(
        None, description="Free text; it is kept beside the events and can be erased.", examples=["Probability of default within a year."]
    )
    tags: dict[Word, Word] = Field(
        default_factory=dict,
        max_length=1000,
        description="Identifiers of A-Z a-z 0-9 . _ / -, no free text; keys that begin with `governance/` are for admins.",
        examples=[{"team": "risk", "tier": "1"}],
    )

    def command(self, model_id: str) -> RegisterModel:
        """With the new model's id."""
        return RegisterModel(model_id, self.name, self.description, self.tags)


class DescriptionBody(Body):
    """Another description."""

    description: FreeText | None = Field(description="Null takes it away.", examples=["Probability of default within two years."])

    def command(self, model_id: str) -> DescribeModel:
        """For this model."""
        return DescribeModel(model_id, self.description)


class TagBody(Body):
    """A tag's value."""

    value: Word = Field(examples=["gold"])

    def command(self, model_id: str, key: str) -> TagModel:
        """For this model and key."""
        return TagModel(model_id, key, self.value)


class QualificationBody(Body):
    """How a model is judged; what is left out stays as it is."""

    value: Level | None = Field(None, description="What it is worth to the organisation.", examples=["high"])
    risk: Level | None = Field(None, description="What can go wrong, and how badly.", examples=["high"])
    feasibility: Level | None = Field(None, description="Whether it can be built and run.", examples=["medium"])
    risk_tier: Level | None = Field(None, description="The tier that follows for its governance.", examples=["high"])
    reason: FreeText = Field(description="Why it is judged so.", examples=["It decides on loans."])

    @model_validator(mode="after")
    def _judges_something(self) -> Self:
        if not (self.value or self.risk or self.feasibility or self.risk_tier):
            raise ValueError("give at least one of `value`, `risk`, `feasibility` and `risk_tier`")
        return self

    def command(self, model_id: str) -> QualifyModel:
        """For this model."""
        judged = {"value": self.value, "risk": self.risk, "feasibility": self.feasibility, "risk_tier": self.risk_tier}
        return QualifyModel(model_id, judged, self.reason)


class EnvironmentBody(Body):
    """A new environment."""

    name: EnvironmentName = Field(examples=["staging"])
    after: EnvironmentName | None = Field(description="The environment it comes right after; null puts it before all.", examples=["test"])

    def command(self) -> DefineEnvironment:
        """The use case's command."""
        return DefineEnvironment(self.name, self.after)


class DeploymentBody(Body):
    """The version that runs now: by id, or by its artifact's digest if only one version has it; or both, which must agree."""

    environment: EnvironmentName = Field(description="Where it runs now.", examples=["prod"])
    version_id: str | None = Field(
        None,
        description="Needed when several versions have the same bytes.",
        pattern="^[0-9A-Za-z-]{1,64}$",
        max_length=64,
        examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"],
    )
    sha256: Digest | None = Field(None, description="Digest of the bytes that run.", examples=[DIGEST])
    permit_id: Word | None = Field(None, description="The permit under which it was deployed.", examples=[None])

    @model_validator(mode="after")
    def _names_a_version(self) -> Self:
        if self.version_id is None and self.sha256 is None:
            raise ValueError("version_id or sha256, or both")
        return self

    def command(self, deployment_id: str) -> ReportDeployment:
        """With the new deployment's id."""
        return ReportDeployment(deployment_id, self.environment, self.version_id, self.sha256, self.permit_id)


class RunningVersion(Body):
    """A version that runs now, by id; its digest, when it is named, must be the version's."""

    version_id: str = Field(pattern="^[0-9A-Za-z-]{1,64}$", max_length=64, examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    sha256: Digest | None = Field(None, description="Digest of the bytes that run.", examples=[DIGEST])


class DeploymentsBody(Body):
    """What has changed in an environment at once: versions that run there now, and deployments that run there no more."""

    environment: EnvironmentName = Field(description="Where they run.", examples=["prod"])
    begun: list[RunningVersion] = Field(
        default_factory=list, max_length=MOST_AT_ONCE, description="Each of another model; it replaces that model's version there."
    )
    ended: list[Annotated[str, Field(pattern="^[0-9A-Za-z-]{1,64}$", max_length=64)]] = Field(
        default_factory=list, max_length=MOST_AT_ONCE, description="Ids of deployments that have ended."
    )
    reason: FreeText | None = Field(None, description="Why those ended.", examples=["The release was taken back."])

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.begun and not self.ended:
            raise ValueError("begun or ended, or both")
        if len(set(self.ended)) < len(self.ended):
            raise ValueError("each deployment ends once")
        return self

    def command(self, new_id: Callable[[], str]) -> ReportDeployments:
        """With new deployments' ids."""
        begun = [ReportDeployment(new_id(), self.environment, one.version_id, one.sha256) for one in self.begun]
        return ReportDeployments(self.environment, begun, [EndDeployment(one, self.reason) for one in self.ended])


class EndBody(Body):
    """The end of a deployment."""

    reason: FreeText | None = Field(None, examples=["Replaced by the new scoring service."])

    def command(self, deployment_id: str) -> EndDeployment:
        """For this deployment."""
        return EndDeployment(deployment_id, self.reason)
