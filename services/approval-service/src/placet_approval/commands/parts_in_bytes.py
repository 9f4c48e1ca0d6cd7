"""People with a part in an artifact's bytes or in their way to an environment, by claims and requests, whatever the policy excludes."""

from placet_shared.event_store import UnitOfWork

__all__ = ["parts_in_bytes"]

CLAIMS = "select distinct person_id, part from known_involvements where artifact_sha256 = $1"
REQUESTERS = "select distinct requester_id from sign_offs where artifact_sha256 = $1 and environment = $2"


async def parts_in_bytes(uow: UnitOfWork, artifact_sha256: str, environment: str) -> dict[str, tuple[str, ...]]:
    """Person → parts: all claims about these bytes count, and every request of a sign-off of them for the environment."""
    found = [(row["requester_id"], "requester") for row in await uow.fetch(REQUESTERS, artifact_sha256, environment)]
    found += [(row["person_id"], row["part"]) for row in await uow.fetch(CLAIMS, artifact_sha256)]
    parts: dict[str, tuple[str, ...]] = {}
    for person, part in found:
        parts[person] = (*parts.get(person, ()), part)
    return parts
