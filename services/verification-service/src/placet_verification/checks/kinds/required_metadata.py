"""What has to be stated about a version and its model is stated: a description, a signature, where the version comes from.

It is read from the registry when the run starts, and the record says how much was there. Whether it is true is not looked at: it is
what the registrar claims. Documents, such as pages of a wiki, can't be asked for yet, since the registry has none.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "RequiredMetadataParameters"]

Fact = Literal[
    "description",
    "signature",
    "training_run",
    "experiment",
    "commit",
    "parameters",
    "metrics",
    "train_data",
    "validation_data",
    "test_data",
    "reference_data",
    "trained_by",
    "prepared_by",
]


class RequiredMetadataParameters(Parameters):
    """Which facts."""

    facts: Annotated[
        tuple[Fact, ...],
        Field(
            min_length=1, description="the model's description, the version's signature, and the parts of its lineage; data by their role"
        ),
    ]
    least_description: Annotated[int, Field(ge=1, le=20_000, description="how many characters a description has at least")] = 1


def judge(wanted: RequiredMetadataParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """One record for each fact."""
    stated = found["registration"]["stated"]
    return [
        _of_description(wanted, stated["description"]) if name == "description" else _record(name, stated[name]) for name in wanted.facts
    ]


def _of_description(wanted: RequiredMetadataParameters, characters: int) -> Record:
    good = characters >= wanted.least_description
    return Record(
        status="PASS" if good else "FAIL",
        reason_code=None if good else "description_too_short" if characters else "not_stated",
        slice="description",
        method="registered_facts",
        parameters={"characters": characters, "least": wanted.least_description},
    )


def _record(name: str, count: int) -> Record:
    """`count` is how many entries the fact has; what it says stays in the registry."""
    return Record(
        status="PASS" if count else "FAIL",
        reason_code=None if count else "not_stated",
        slice=name,
        method="registered_facts",
        parameters={"stated": count},
    )


def contradictions(wanted: RequiredMetadataParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Each fact once; a length only for a description that is asked for."""
    for name, count in Counter(wanted.facts).items():
        if count > 1:
            yield "facts", name, "each fact once"
    if wanted.least_description > 1 and "description" not in wanted.facts:
        yield "least_description", wanted.least_description, "left out, or `description` among `facts`"


KIND = CheckKind(
    name="required_metadata",
    version=1,
    purpose="A description of the model, the version's signature and parts of its lineage are stated.",
    parameters=RequiredMetadataParameters,
    measure=None,
    judge=judge,
    runs_the_model=False,
    needs=frozenset({"registration"}),
    contradictions=contradictions,
)
