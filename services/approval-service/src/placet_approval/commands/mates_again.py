"""The other members of a release of a gate question, read from their streams, which are checked at append (rule 6).

A no to one of them that is written at the same moment moves its sign-off's stream, that of its bytes, or that of a person who signed it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from placet_approval.commands.circumstances import standing_noes
from placet_approval.commands.earlier_environments import candidate_again
from placet_approval.commands.steps_of_bytes import step_streams
from placet_approval.domain.artifact_standing import ArtifactStanding
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.gate_facts import Candidate
from placet_approval.domain.person import Person
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_shared.aggregates import Aggregate
from placet_shared.event_store import UnitOfWork

__all__ = ["candidate_streams", "mates_again"]


def candidate_streams(candidate: Candidate, environment: str) -> Iterator[tuple[type[Aggregate], str]]:
    """What is most likely read of a version: its sign-offs there, its bytes there, and the people who signed."""
    version = candidate.version
    yield ArtifactStanding, ArtifactStanding.key_of(version.artifact_sha256, environment)
    yield from step_streams(version.artifact_sha256, candidate.policy, candidate.bound)
    yield SignOffSeries, SignOffSeries.key_of(version.version_id, environment)
    for known in candidate.sign_offs:
        yield SignOff, known.sign_off_id
        for person in known.signers:
            yield Person, person
        for delegation in (one.delegation_id for one in known.approvals if one.delegation_id):
            yield Delegation, delegation


async def mates_again(candidates: Sequence[Candidate], environment: str, uow: UnitOfWork) -> list[Candidate]:
    """The candidates with the other members of their releases as they are at this moment."""
    mates = {mate.version.version_id: mate for candidate in candidates for mate in candidate.mates}
    await uow.preload(*(stream for mate in mates.values() for stream in candidate_streams(mate, environment)))
    again = {version_id: await _again(mate, environment, uow) for version_id, mate in mates.items()}
    return [replace(one, mates=tuple(again[mate.version.version_id] for mate in one.mates)) for one in candidates]


async def _again(mate: Candidate, environment: str, uow: UnitOfWork) -> Candidate:
    _, noes = await standing_noes(uow, mate.version.artifact_sha256, environment)
    return replace(await candidate_again(mate, environment, uow), noes=tuple(noes))
