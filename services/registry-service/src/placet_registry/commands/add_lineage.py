"""Add people and data to a version's lineage that were not named when it was registered. It only ever adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REGISTRARS
from placet_registry.commands.known_people import resolved
from placet_registry.domain.lineage import DataSet
from placet_registry.domain.versions import Version
from placet_registry.ports import People
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["AddLineage", "AddedLineage", "add_lineage"]


@dataclass(frozen=True, slots=True)
class AddLineage:
    """`trained_by` and `prepared_by` hold ids or names of people."""

    version_id: str
    trained_by: Sequence[str]
    prepared_by: Sequence[str]
    data: Sequence[DataSet] = ()


@dataclass(frozen=True, slots=True)
class AddedLineage:
    """All that is named now, and whether the command added any of it."""

    id: str
    added: bool
    trained_by: Sequence[str]
    prepared_by: Sequence[str]
    data: Sequence[Mapping[str, str]]
    revision: int


@allowed(*REGISTRARS)
async def add_lineage(command: AddLineage, uow: UnitOfWork, people: People) -> AddedLineage:
    """Raises `NotFound`, `Invalid`, `Unavailable`.

    The people are excluded from every open sign-off of the same bytes; an approved one may be suspended. Training data count against
    every verification of the same bytes on them, also one from before.
    """
    version = await uow.get(Version, command.version_id, what="version")
    uow.about(version.model_id)
    trained_by = await resolved("trained_by", command.trained_by, people)
    prepared_by = await resolved("prepared_by", command.prepared_by, people)
    added = version.add_lineage(trained_by, prepared_by, command.data, await uow.now())
    uow.save(version, subject=version.model_id)
    named = version.lineage
    return AddedLineage(version.version_id, added, named["trained_by"], named["prepared_by"], named["data"], version.version)
