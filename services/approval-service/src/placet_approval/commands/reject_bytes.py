"""Record a no against the bytes, for every version that has them: part of rejecting and of revoking."""

from placet_approval.commands.circumstances import standing_noes
from placet_approval.domain.artifact_standing import ArtifactStanding, NoKind
from placet_approval.domain.sign_off import SignOff
from placet_shared.event_store import UnitOfWork

__all__ = ["reject_bytes"]


async def reject_bytes(sign_off: SignOff, kind: NoKind, person_id: str, uow: UnitOfWork) -> None:
    """Writes to the artifact's stream in the environment, so that no concurrent decision can miss it."""
    binding = sign_off.binding
    standing, _ = await standing_noes(uow, binding.artifact_sha256, binding.environment)
    rejected = ArtifactStanding.reject(
        standing,
        binding.artifact_sha256,
        binding.environment,
        await uow.now(),
        sign_off_id=sign_off.key,
        kind=kind,
        model_id=binding.model_id,
        version_id=binding.version_id,
        person_id=person_id,
    )
    uow.save(sign_off, subject=binding.model_id)  # its row first: the row of the no refers to it
    uow.save(rejected, subject=binding.model_id)
