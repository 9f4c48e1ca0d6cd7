"""Policy documents in YAML or JSON, parsed strictly; every error names its line."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from placet_approval.api.document_fields import Duration, Part, Role, by_default
from placet_approval.api.process_documents import DeadlinesPart, FeedbackPart, StepPart, WaiversPart
from placet_approval.domain.emergency_terms import LONGEST_GLASS, BreakGlassTerms, WhenAYesEnds
from placet_approval.domain.policy_defaults import DEFAULT_EVIDENCE_AGE, DEFAULT_EXPIRY
from placet_approval.domain.policy_terms import (
    DECISION_VALID_FOR,
    INVOLVEMENTS,
    EvidenceTerms,
    Involvement,
    Mode,
    PolicyTerms,
    SignatureTerm,
)
from placet_approval.domain.process_terms import ProcessTerms
from placet_approval.domain.written_policy import TakesEffect, WrittenPolicy
from placet_shared.contracts.plan_document import SelectorDocument
from placet_shared.model_selectors import ModelSelector

__all__ = ["EXAMPLE", "EnvironmentName", "PolicyDocument", "PolicyName", "SeparationPart", "SignaturePart"]

EXAMPLE = """\
kind: Policy
environment: prod
mode: prevent              # prevent | warn | allow
signatures:
  - role: reviewer
    count: 1
  - any_of: [risk-officer, compliance]
    count: 1
evidence:
  verification:
    max_age: 30d
    held_out: required     # not on data that the lineage names as training data; or optional
separation_of_duties:
  exclude: [requester, registrar, trainer, data_preparer]
lineage: required          # a version must name the person who trained it; or optional
expires_after: 90d
decision_valid_for: 15m    # for how long a yes of the gate may be used
previous_environment: required  # the same bytes are approved in the environment before; or optional
soak: 24h                  # and were deployed there for so long; left out: no time is asked for
signers_must_stay: false   # true: an approval ends when one of its signers leaves office
rationale: required
owner: model-owner         # the role that may reassign a sign-off when a signer is absent
when_a_yes_ends: alert     # what a deployment's directive says then: alert | drain | shadow | roll_back
break_glass:               # left out: no person may
  roles: [on-call]
  for_at_most: 4h
takes_effect: next         # for requests from now on | at-renewal | immediately: ends sign-offs that rest on a version before
# name: credit             # with `for`: for some models; without: the environment's own policy
# for: {models: [credit-default, "loan-*"], tags: {governance/risk: high}}
"""

EnvironmentName = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63, examples=["prod"])]
PolicyName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", max_length=63, examples=["credit"])]
OF_SIGN_OFFS = ("requested", "feedback", "signed_off")

Kind = Annotated[Literal["Policy"], BeforeValidator(lambda value: value.capitalize() if isinstance(value, str) else value)]


class SignaturePart(Part):
    """Signatures by distinct people, each in one of the roles."""

    role: Role | None = Field(None, description="The one role that may sign; or use `any_of`.")
    any_of: Annotated[list[Role], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Roles of which each signer has one; or use `role`."
    )
    count: Annotated[int, Field(ge=1, le=20, description="How many distinct people must sign in these roles.")] = 1

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if (self.role is None) == (self.any_of is None):
            raise PydanticCustomError("signature", "either `role` or `any_of`")
        return self

    def term(self) -> SignatureTerm:
        """The domain's form."""
        return SignatureTerm((self.role,) if self.role else tuple(dict.fromkeys(self.any_of or ())), self.count)


class VerificationPart(Part):
    """A passed verification, by the named plan if there is one."""

    plan: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", max_length=63)] | None = Field(
        None, description="A plan that must be among those in force for the model; every plan in force must have passed anyway."
    )
    max_age: Duration = by_default(DEFAULT_EVIDENCE_AGE, description="How old a verification may be when the gate is asked.")
    held_out: Literal["required", "optional"] = Field(
        "optional",
        description="Whether the data that the model was verified on must be held out: the lineage of no version with the same bytes names "
        "them, by digest, as training data. Where it is optional, sign-offs and reports say it without asking for it.",
    )

    def terms(self) -> EvidenceTerms:
        """The domain's form."""
        return EvidenceTerms(self.plan, self.max_age, self.held_out == "required")


class EvidencePart(Part):
    """The evidence that a version needs before people sign."""

    verification: VerificationPart | None = Field(None, description="Left out: people may sign without any; `{}` asks with the defaults.")


class SeparationPart(Part):
    """People who can't be signers."""

    exclude: list[Literal["requester", "registrar", "trainer", "data_preparer"]] = Field(
        default_factory=lambda: list(INVOLVEMENTS),
        max_length=20,
        description="Who can't sign: those who requested the sign-off, always; who registered, trained, prepared the data.",
    )

    @model_validator(mode="after")
    def _never_the_requester(self) -> Self:
        if "requester" not in self.exclude:
            raise PydanticCustomError("exclude", "a list with `requester` in it: a requester can't approve their own request")
        return self


class BreakGlassPart(Part):
    """Who may let a version in without a yes in an emergency, and for how long."""

    roles: Annotated[list[Role], Field(min_length=1, max_length=20)] = Field(description="People with one of these roles may.")
    for_at_most: Duration = by_default(LONGEST_GLASS, description="How long a break-glass may stay open; four hours is the most.")
    overrides_rejection: bool = Field(
        False, description="Whether a break-glass also lets in bytes that were rejected or revoked, before other people approved them."
    )

    @model_validator(mode="after")
    def _for_hours(self) -> Self:
        if self.for_at_most > LONGEST_GLASS:
            raise PydanticCustomError("for_at_most", "`for_at_most` of at most 4h")
        return self

    def terms(self) -> BreakGlassTerms:
        """The domain's form."""
        return BreakGlassTerms(tuple(dict.fromkeys(self.roles)), self.for_at_most, self.overrides_rejection)


class PolicyDocument(Part):
    """The policy document of one environment."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"description": f"In YAML:\n\n```yaml\n{EXAMPLE}```"})

    kind: Kind = Field(description="Says what the document is; a small `policy` is understood too.")
    environment: EnvironmentName = Field(description="The environment that it protects.")
    name: PolicyName | None = Field(
        None,
        description="Of a policy for some models, with `for`; left out: the environment's own, for every model that no other one selects.",
    )
    selector: SelectorDocument = Field(
        SelectorDocument(),
        alias="for",
        description="The models that it is for, with `name`. Of several policies that fit a model the most specific counts: by name or id, "
        "then by tag, then by pattern.",
    )
    takes_effect: TakesEffect = Field(
        "next",
        description="`next`: for sign-offs that are requested from now on; `at-renewal`: for a model that has an approval now once that "
        "has ended; `immediately`: for all, so that sign-offs that are bound to a version before are invalidated.",
    )
    mode: Mode = Field("prevent", description="Whether reasons against a deployment prevent it, only warn, or are only recorded.")
    signatures: Annotated[list[SignaturePart], Field(max_length=20, description="Who must sign; `[]` asks for no signature.")]
    evidence: EvidencePart = Field(EvidencePart(), description="What must have been verified before people sign.")
    separation_of_duties: SeparationPart = Field(SeparationPart(), description="Who can't be a signer.")
    lineage: Literal["required", "optional"] = Field(
        "required", description="Whether a version must name at least one person as its trainer before people sign."
    )
    expires_after: Duration = by_default(DEFAULT_EXPIRY, description="For how long an approval is valid.")
    decision_valid_for: Duration = by_default(DECISION_VALID_FOR, description="For how long a yes of the gate may be used.")
    signers_must_stay: bool = Field(
        False, description="Whether an approval ends when one of its signers is deactivated or loses the role of the signature."
    )
    rationale: Literal["required", "optional"] = Field("required", description="Whether those who decide must say why.")
    feedback: Annotated[list[FeedbackPart], Field(max_length=20)] = Field([], description="Groups that answer before people sign.")
    in_sequence: bool = Field(False, description="Whether signatures are given in the order in which `signatures` lists them.")
    waivers: WaiversPart | None = Field(None, description="Who may waive an issue; left out: no person.")
    deadlines: DeadlinesPart | None = Field(None, description="When an open sign-off is brought to mind, and when it ends.")
    review_before: Duration | None = Field(
        None, description="So long before an approval ends people are asked to look at the version again; left out: they are not."
    )

    findings: Literal["held", "shown"] = Field(
        "shown", description="Whether an advisory check that was not met holds the approval until it is waived, or is only shown."
    )

    steps: Annotated[list[StepPart], Field(max_length=20)] = Field(
        [], description="What is done on the way to the environment, in this order."
    )

    @model_validator(mode="after")
    def _each_step_once(self) -> Self:
        if len({part.name for part in self.steps}) < len(self.steps):
            raise PydanticCustomError("steps", "`steps` names each step once")
        if not self.signatures and any(part.completed_by.event in OF_SIGN_OFFS for part in self.steps):
            raise PydanticCustomError("steps", "steps that a sign-off completes only with `signatures`")
        return self

    @model_validator(mode="after")
    def _each_group_once(self) -> Self:
        if len({part.group for part in self.feedback}) < len(self.feedback):
            raise PydanticCustomError("feedback", "`feedback` names each group once")
        return self

    owner: Role | None = Field(
        None, description="The role that may let another person sign one sign-off in the place of a signer who is absent."
    )
    when_a_yes_ends: WhenAYesEnds = Field(
        "alert", description="What the directive says for a deployment whose yes ends: tell people, drain it, shadow it, or roll back."
    )
    break_glass: BreakGlassPart | None = Field(None, description="Who may break glass in an emergency; left out: no person may.")

    @model_validator(mode="after")
    def _glass_needs_reviewers(self) -> Self:
        if self.break_glass and not self.signatures:
            raise PydanticCustomError("break_glass", "`break_glass` only with `signatures`, since those roles review it afterwards")
        return self

    previous_environment: Literal["required", "optional"] = Field(
        "required",
        description="Whether the same bytes need an approval in force in the environment before: the nearest before it whose policy asks "
        "for signatures. Policies that were defined before this field came do not ask for it.",
    )
    soak: Duration | None = Field(
        None,
        description="For how long the same bytes must have been deployed in the environment before, as reported; in all, not at one go.",
    )

    @model_validator(mode="after")
    def _soaks_before(self) -> Self:
        if self.soak and self.previous_environment == "optional":
            raise PydanticCustomError("soak", "a soak time only where `previous_environment` is required")
        if not self.soak and any(part.completed_by.event == "soaked" for part in self.steps):
            raise PydanticCustomError("steps", "a step that is completed by `soaked` only with `soak`")
        return self

    @model_validator(mode="after")
    def _named_with_models(self) -> Self:
        if (self.name is None) != self.written_selector.every_model:
            raise PydanticCustomError("for", "`name` and `for` together, or neither: then it is the environment's own policy")
        if any(not entry.strip("*") for entry in self.selector.models):
            raise PydanticCustomError("for", "no pattern of `*` alone: a policy for every model is the environment's own, without `for`")
        return self

    @property
    def written_selector(self) -> ModelSelector:
        """The domain's form of `for`; the order in which entries were written does not matter."""
        return ModelSelector(tuple(sorted(set(self.selector.models))), dict(sorted(self.selector.tags.items())))

    def written(self) -> WrittenPolicy:
        """The domain's form."""
        return WrittenPolicy(self.terms(), self.name, self.written_selector, self.takes_effect)

    def terms(self) -> PolicyTerms:
        """Of the terms alone; the order in which exclusions were written does not matter."""
        verification = self.evidence.verification
        excludes: set[Involvement] = set(self.separation_of_duties.exclude)
        return PolicyTerms(
            environment=self.environment,
            mode=self.mode,
            signatures=tuple(part.term() for part in self.signatures),
            verification=verification.terms() if verification else None,
            excludes=tuple(part for part in INVOLVEMENTS if part in excludes),
            expires_after=self.expires_after,
            rationale_required=self.rationale == "required",
            lineage_required=self.lineage == "required",
            signers_must_stay=self.signers_must_stay,
            decision_valid_for=self.decision_valid_for,
            process=ProcessTerms(
                feedback=tuple(part.term() for part in self.feedback),
                in_sequence=self.in_sequence,
                waivers=self.waivers.terms() if self.waivers else None,
                deadlines=self.deadlines.terms() if self.deadlines else None,
                review_before=self.review_before,
                findings_held=self.findings == "held",
                steps=tuple(part.term() for part in self.steps),
            ),
            owner=self.owner,
            when_a_yes_ends=self.when_a_yes_ends,
            break_glass=self.break_glass.terms() if self.break_glass else None,
            previous_required=self.previous_environment == "required",
            soak=self.soak,
        )
