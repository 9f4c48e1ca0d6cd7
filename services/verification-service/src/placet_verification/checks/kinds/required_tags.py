"""The model has the tags that the plan asks for, with values that it allows.

Tags belong to the model, and count as the registry has them when the run starts; the record says which they were. Only admins set
those that begin with `governance/`; any other may have been set by the developer who wants the check to pass.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_shared.model_selectors import fits_pattern
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "RequiredTagsParameters"]

VALUE_SHOWN = 200

Key = Annotated[str, Field(min_length=1, max_length=200)]
Value = Annotated[str, Field(min_length=1, max_length=VALUE_SHOWN)]


class RequiredTag(BaseModel):
    """A key, and the values that are allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    values: Annotated[tuple[Value, ...], Field(max_length=100, description="in which * stands for any characters")] = ()


class RequiredTagsParameters(Parameters):
    """Which tags."""

    tags: Annotated[
        tuple[RequiredTag, ...],
        Field(
            min_length=1,
            max_length=50,
            description="each `{key, values}`; in a value * stands for any characters, and without `values` every one is allowed "
            "that is not empty",
        ),
    ]


def judge(wanted: RequiredTagsParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """One record for each tag."""
    tags = found["registration"]["tags"]
    return [_record(one, tags.get(one.key)) for one in wanted.tags]


def _record(wanted: RequiredTag, value: str | None) -> Record:
    allowed = any(fits_pattern(pattern, value) for pattern in wanted.values or ("*",)) if value else False
    return Record(
        status="PASS" if allowed else "FAIL",
        reason_code=None if allowed else "tag_value_not_allowed" if value else "tag_missing",
        slice=wanted.key,
        method="registered_facts",
        parameters={"value": value and value[:VALUE_SHOWN], "allowed": list(wanted.values)},
    )


def contradictions(wanted: RequiredTagsParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Each key once."""
    for key, count in Counter(one.key for one in wanted.tags).items():
        if count > 1:
            yield "tags", key, "each key once, with all its values"


KIND = CheckKind(
    name="required_tags",
    version=1,
    purpose="The model has these tags, with allowed values.",
    parameters=RequiredTagsParameters,
    measure=None,
    judge=judge,
    runs_the_model=False,
    needs=frozenset({"registration"}),
    contradictions=contradictions,
)
