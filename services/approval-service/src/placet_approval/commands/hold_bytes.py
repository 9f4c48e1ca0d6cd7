"""Hold the bytes of a suspended sign-off for every version that has them, and lift the hold: parts of suspending and of resuming."""

from placet_approval.commands.circumstances import standing_noes
from placet_approval.domain.artifact_standing import ArtifactStanding
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.event_store import UnitOfWork

__all__ = ["hold_bytes", "lift_hold"]


async def hold_bytes(sign_off: SignOff, uow: UnitOfWork) -> None:
    """Writes to the artifact's stream in the environment, so that no concurrent decision can miss it."""
    binding = sign_off.binding
    about = (binding.artifact_sha256, binding.environment)
    standing, _ = await standing_noes(uow, *about)
    held = {"sign_off_id": sign_off.key, "model_id": binding.model_id, "version_id": binding.version_id, "person_id": uow.actor.id}
    uow.save(ArtifactStanding.hold(standing, *about, await uow.now(), **held), subject=binding.model_id)


async def lift_hold(sign_off: SignOff, signer: Signer, rationale: Commitment | None, uow: UnitOfWork) -> None:
    """`rationale` is None where an event of the sign-off itself has it."""
    binding = sign_off.binding
    about = (binding.artifact_sha256, binding.environment)
    standing, _ = await standing_noes(uow, *about)
    held = {"sign_off_id": sign_off.key, "model_id": binding.model_id, "version_id": binding.version_id, "person_id": signer.id}
    issuers = sorted(signer.token_issuers)
    lifted = ArtifactStanding.lift_hold(standing, *about, await uow.now(), token_issuers=issuers, rationale=rationale, **held)
    uow.save(lifted, subject=binding.model_id)
