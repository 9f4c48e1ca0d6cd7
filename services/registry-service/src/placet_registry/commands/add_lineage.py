"""Add people to a version's lineage: what was forgotten, or what a machine that registered it did not say. It only ever adds."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_registry.commands.known_people import resolved
from placet_registry.domain.versions import Version
from placet_registry.ports import People
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["AddLineage", "add_lineage"]


@dataclass(frozen=True, slots=True)
class AddLineage:
    """`trained_by` and `prepared_by` hold ids or names of people."""

    version_id: str
    trained_by: Sequence[str]
    prepared_by: Sequence[str]


async def add_lineage(command: AddLineage, people: People, uow: UnitOfWork) -> Answer:
    """200 with all who are named now; raises `NotFound`, `Invalid`, `Unavailable`.

    The people are excluded from every sign-off of the same bytes that is open; what is approved already may be suspended by it.
    """
    version = await uow.get(Version, command.version_id, what="version")
    uow.about(version.model_id)
    trained_by = await resolved("trained_by", command.trained_by, people)
    prepared_by = await resolved("prepared_by", command.prepared_by, people)
    added = version.add_lineage(trained_by, prepared_by, await uow.now())
    uow.save(version, subject=version.model_id)
    named = {part: version.lineage[part] for part in ("trained_by", "prepared_by")}
    return Answer(200, {"id": version.version_id, "added": added, **named}, version.version, f"/v1/versions/{version.version_id}")
