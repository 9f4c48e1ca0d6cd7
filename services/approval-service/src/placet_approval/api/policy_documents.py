"""Policy documents in YAML or JSON, parsed strictly; every error names its line."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

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
from placet_approval.domain.roles import ROLE_LENGTH, ROLE_PATTERN
from placet_shared.strict_yaml import read_document

__all__ = ["EXAMPLE", "PolicyDocument", "read_policy"]

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
"""

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=3660)

Role = Annotated[str, Field(pattern=f"^{ROLE_PATTERN}$", max_length=ROLE_LENGTH, examples=["reviewer"])]


def _duration(value: Any) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", value) if isinstance(value, str) else None
    length = timedelta(**{UNITS[match[2]]: int(match[1])}) if match else None
    if length is None or length > LONGEST:
        raise PydanticCustomError("duration", "a duration such as 45m, 12h, 30d or 8w, of at most ten years")
    return length


Duration = Annotated[
    timedelta,
    PlainValidator(_duration),
    PlainSerializer(lambda length: f"{int(length.total_seconds() // 60)}m"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,4}[mhdw]$", "maxLength": 6, "examples": ["30d"]}),
]


def _by_default(length: timedelta, **described: Any) -> Any:
    """A field whose default is written as its values are, in the largest unit that fits: pydantic would publish `P30D`."""
    name, seconds = next(
        (name, seconds)
        for name, unit in reversed(UNITS.items())
        if length.total_seconds() % (seconds := timedelta(**{unit: 1}).total_seconds()) == 0
    )
    return Field(f"{int(length.total_seconds() // seconds)}{name}", validate_default=True, **described)


Kind = Annotated[Literal["Policy"], BeforeValidator(lambda value: value.capitalize() if isinstance(value, str) else value)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SignaturePart(_Part):
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


class VerificationPart(_Part):
    """A passed verification, by the named plan if there is one."""

    plan: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", max_length=63)] | None = Field(
        None, description="A plan that must be among those in force for the model; every plan in force must have passed anyway."
    )
    max_age: Duration = _by_default(DEFAULT_EVIDENCE_AGE, description="How old a verification may be when the gate is asked.")
    held_out: Literal["required", "optional"] = Field(
        "optional",
        description="Whether the data that the model was verified on must be held out: the lineage of no version with the same bytes names "
        "them, by digest, as training data. Where it is optional, sign-offs and reports say it without asking for it.",
    )

    def terms(self) -> EvidenceTerms:
        """The domain's form."""
        return EvidenceTerms(self.plan, self.max_age, self.held_out == "required")


class EvidencePart(_Part):
    """The evidence that a version needs before people sign."""

    verification: VerificationPart | None = Field(None, description="Left out: people may sign without any; `{}` asks with the defaults.")


class SeparationPart(_Part):
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


class PolicyDocument(_Part):
    """The policy document of one environment."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"description": f"In YAML:\n\n```yaml\n{EXAMPLE}```"})

    kind: Kind = Field(description="Says what the document is; a small `policy` is understood too.")
    environment: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63, examples=["prod"])] = Field(
        description="The environment that it protects."
    )
    mode: Mode = Field("prevent", description="Whether reasons against a deployment prevent it, only warn, or are only recorded.")
    signatures: Annotated[list[SignaturePart], Field(max_length=20, description="Who must sign; `[]` asks for no signature.")]
    evidence: EvidencePart = Field(EvidencePart(), description="What must have been verified before people sign.")
    separation_of_duties: SeparationPart = Field(SeparationPart(), description="Who can't be a signer.")
    lineage: Literal["required", "optional"] = Field(
        "required", description="Whether a version must name at least one person as its trainer before people sign."
    )
    expires_after: Duration = _by_default(DEFAULT_EXPIRY, description="For how long an approval is valid.")
    decision_valid_for: Duration = _by_default(DECISION_VALID_FOR, description="For how long a yes of the gate may be used.")
    signers_must_stay: bool = Field(
        False, description="Whether an approval ends when one of its signers is deactivated or loses the role of the signature."
    )
    rationale: Literal["required", "optional"] = Field("required", description="Whether those who decide must say why.")
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
        return self

    def terms(self) -> PolicyTerms:
        """The domain's form; the order in which exclusions were written does not matter."""
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
            previous_required=self.previous_environment == "required",
            soak=self.soak,
        )


def read_policy(text: str) -> PolicyTerms:
    """The terms in a YAML or JSON document; raises `Malformed` that lists each wrong field with its line.

    JSON is read as the YAML that it is, so both have the same messages.
    """
    return read_document(PolicyDocument, text).terms()
