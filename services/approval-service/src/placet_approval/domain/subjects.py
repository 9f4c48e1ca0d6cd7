"""What decisions are about, as this service knows it from registry's and verification's events."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from placet_approval.domain.policy_terms import EvidenceTerms, Involvement

__all__ = ["GovernedVersion", "Verification", "excluded_people", "latest_for"]

IN_WORDS: dict[Involvement, str] = {
    "requester": "requested this sign-off",
    "registrar": "registered the version",
    "trainer": "trained the model",
    "data_preparer": "prepared its data",
}


@dataclass(frozen=True, slots=True)
class GovernedVersion:
    """One immutable version: which bytes, and which people had a hand in them (a claim, which only ever adds people)."""

    version_id: str
    model_id: str
    number: int
    artifact_sha256: str
    registrars: tuple[str, ...]
    trainers: tuple[str, ...] = ()
    data_preparers: tuple[str, ...] = ()

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `known_versions`."""
        return cls(
            row["version_id"],
            row["model_id"],
            row["number"],
            row["artifact_sha256"],
            tuple(row["registrars"]),
            tuple(row["trainers"]),
            tuple(row["data_preparers"]),
        )

    def involved(self) -> Iterator[tuple[str, Involvement]]:
        """Everybody with a part in this version, and which."""
        for person in self.registrars:
            yield person, "registrar"
        for person in self.trainers:
            yield person, "trainer"
        for person in self.data_preparers:
            yield person, "data_preparer"


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of one verification run of a version for an environment; `result_sha256` is the digest of its result."""

    run_id: str
    plan: str
    passed: bool
    result_sha256: str
    finished_at: datetime

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `known_runs`."""
        return cls(row["run_id"], row["plan"], row["passed"], row["result_sha256"], row["finished_at"])


def excluded_people(requester: str, version: GovernedVersion, excludes: Iterable[Involvement]) -> dict[str, tuple[Involvement, ...]]:
    """Who may not sign, and all the reasons why; the requester always is among them."""
    enforced = {*excludes, "requester"}
    people: dict[str, tuple[Involvement, ...]] = {requester: ("requester",)}
    for person, because in version.involved():
        if because in enforced and because not in people.get(person, ()):
            people[person] = (*people.get(person, ()), because)
    return people


def latest_for(evidence: EvidenceTerms | None, runs: Iterable[Verification]) -> Verification | None:
    """The run that speaks: the newest one, by the plan that the policy names if it names one."""
    plan = evidence.plan if evidence else None
    fitting = [run for run in runs if plan is None or run.plan == plan]
    return max(fitting, key=lambda run: (run.finished_at, run.run_id), default=None)
