"""Floor documents: what every policy of an environment asks for at least; and the reading of both kinds."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, RootModel

from placet_approval.api.document_fields import Duration, Part, by_default
from placet_approval.api.policy_documents import EnvironmentName, PolicyDocument, PolicyName, SeparationPart, SignaturePart
from placet_approval.api.process_documents import FeedbackPart
from placet_approval.domain.policy_defaults import DEFAULT_EVIDENCE_AGE
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import INVOLVEMENTS, EvidenceTerms, Mode
from placet_approval.domain.written_policy import TakesEffect, WrittenPolicy
from placet_shared.contracts.plan_document import SelectorDocument
from placet_shared.model_selectors import ModelSelector
from placet_shared.strict_yaml import parse_document, read_document

__all__ = ["FLOOR_EXAMPLE", "DefiningDocument", "FloorDocument", "read_policy"]

FLOOR_EXAMPLE = """\
kind: Floor
environment: prod
name: bank                 # what every policy of the environment asks for at least
mode: prevent
signatures:
  - role: risk-officer
evidence:
  verification: {max_age: 90d}
separation_of_duties:
  exclude: [requester, trainer]
expires_after: 180d
takes_effect: next
"""

FloorKind = Annotated[Literal["Floor"], BeforeValidator(lambda value: value.capitalize() if isinstance(value, str) else value)]


class FloorVerificationPart(Part):
    """How old a verification may be at most; plans are named by policies alone."""

    max_age: Duration = by_default(DEFAULT_EVIDENCE_AGE, description="How old a verification may be when the gate is asked.")
    held_out: Literal["required", "optional"] = Field("optional", description="Whether it must be on held-out data.")


class FloorEvidencePart(Part):
    """The evidence that every version needs."""

    verification: FloorVerificationPart = Field(description="A passed verification by every plan in force.")


class FloorDocument(Part):
    """What every policy of an environment asks for at least: a field that is left out is left to the policies."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"description": f"In YAML:\n\n```yaml\n{FLOOR_EXAMPLE}```"})

    kind: FloorKind = Field(description="Says what the document is; a small `floor` is understood too.")
    environment: EnvironmentName = Field(description="The environment whose policies it raises.")
    name: PolicyName = Field(description="Of the floor; a document of the same name is its next version.")
    selector: SelectorDocument = Field(SelectorDocument(), alias="for", description="The models that it is for; left out: every model.")
    takes_effect: TakesEffect = Field("next", description="As in a policy; `immediately` ends sign-offs that were requested before it.")
    mode: Mode | None = Field(None, description="The mildest mode that a policy may have.")
    signatures: Annotated[list[SignaturePart], Field(max_length=20)] = Field([], description="Who must sign at least.")
    evidence: FloorEvidencePart | None = Field(None, description="What must have been verified at least.")
    separation_of_duties: SeparationPart | None = Field(None, description="Who can't be a signer, beside those that policies exclude.")
    lineage: Literal["required"] | None = Field(None, description="Whether a version must name a person as its trainer.")
    expires_after: Duration | None = Field(None, description="For how long an approval is valid at most.")
    decision_valid_for: Duration | None = Field(None, description="For how long a yes of the gate may be used at most.")
    signers_must_stay: bool = Field(False, description="Whether an approval ends when one of its signers leaves office.")
    rationale: Literal["required"] | None = Field(None, description="Whether those who decide must say why.")
    feedback: Annotated[list[FeedbackPart], Field(max_length=20)] = Field([], description="Groups that answer before people sign.")
    previous_environment: Literal["required"] | None = Field(
        None, description="Whether the same bytes need an approval in force in the environment before."
    )
    soak: Duration | None = Field(None, description="For how long the same bytes must have been deployed there at least.")

    def written(self) -> WrittenPolicy:
        """The domain's form."""
        selector = ModelSelector(tuple(sorted(set(self.selector.models))), dict(sorted(self.selector.tags.items())))
        return WrittenPolicy(self.terms(), self.name, selector, self.takes_effect)

    def terms(self) -> FloorTerms:
        """Of the terms alone."""
        evidence = self.evidence.verification if self.evidence else None
        excluded = set(self.separation_of_duties.exclude) if self.separation_of_duties else set()
        return FloorTerms(
            environment=self.environment,
            mode=self.mode,
            signatures=tuple(part.term() for part in self.signatures),
            verification=EvidenceTerms(None, evidence.max_age, evidence.held_out == "required") if evidence else None,
            excludes=tuple(part for part in INVOLVEMENTS if part in excluded),
            expires_after=self.expires_after,
            rationale_required=self.rationale == "required",
            lineage_required=self.lineage == "required",
            signers_must_stay=self.signers_must_stay,
            decision_valid_for=self.decision_valid_for,
            feedback=tuple(part.term() for part in self.feedback),
            previous_required=self.previous_environment == "required" or self.soak is not None,
            soak=self.soak,
        )


class DefiningDocument(RootModel[PolicyDocument | FloorDocument]):
    """A policy or a floor; its `kind` says which."""


def read_policy(text: str) -> WrittenPolicy:
    """What a YAML or JSON document of a policy or a floor says; raises `Malformed` that lists each wrong field with its line.

    JSON is read as the YAML that it is, so both have the same messages.
    """
    document = parse_document(text)
    kind = document.data.get("kind") if isinstance(document.data, dict) else None
    if isinstance(kind, str) and kind.lower() == "floor":
        return read_document(FloorDocument, document).written()
    return read_document(PolicyDocument, document).written()
