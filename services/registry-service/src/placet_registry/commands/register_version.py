"""Register an immutable version of a model.

1. The model exists.
2. The artifact's bytes are here, or lie elsewhere under a digest that the caller gives.
3. All who trained it or prepared data are known people: an unresolved name would exclude no person from signing (rule 25).
4. The next number comes from the model, the facts go to the version's own stream, in one append.
"""

from dataclasses import dataclass, replace

from placet_registry.commands.allowed_roles import REGISTRARS
from placet_registry.commands.known_people import resolved
from placet_registry.domain.blobs import Blob
from placet_registry.domain.lineage import Lineage, Signature
from placet_registry.domain.models import Model
from placet_registry.domain.versions import Artifact, Format, Version
from placet_registry.domain.words import sha256_digest
from placet_registry.ports import People
from placet_shared.access import allowed
from placet_shared.errors import FieldError, Invalid
from placet_shared.event_store import UnitOfWork

__all__ = ["RegisterVersion", "RegisteredVersion", "UploadedArtifact", "register_version"]


@dataclass(frozen=True, slots=True)
class UploadedArtifact:
    """A blob that was uploaded before; its size is known here."""

    sha256: str


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """`version_id` is new; `lineage.trained_by` and `prepared_by` hold ids or names of people."""

    version_id: str
    model_id: str
    artifact: UploadedArtifact | Artifact
    format: Format
    signature: Signature | None
    lineage: Lineage


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """The new version and its number."""

    id: str
    model_id: str
    number: int
    sha256: str
    revision: int


@allowed(*REGISTRARS)
async def register_version(command: RegisterVersion, uow: UnitOfWork, people: People) -> RegisteredVersion:
    """Raises `NotFound`, `Invalid`, `PreconditionFailed`, `Unavailable`."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")  # 1
    uow.expect(model)
    artifact = await _artifact(command.artifact, uow)  # 2
    lineage = replace(  # 3
        command.lineage,
        trained_by=await resolved("trained_by", command.lineage.trained_by, people),
        prepared_by=await resolved("prepared_by", command.lineage.prepared_by, people),
    )
    at = await uow.now()
    version = Version.register(  # 4
        command.version_id,
        model.model_id,
        model.number(command.version_id, at),
        artifact=artifact,
        format=command.format,
        signature=command.signature,
        lineage=lineage,
        at=at,
    )
    uow.save(model, subject=model.model_id)
    uow.save(version, subject=model.model_id)
    return RegisteredVersion(version.version_id, model.model_id, version.number, version.sha256, version.version)


async def _artifact(wanted: UploadedArtifact | Artifact, uow: UnitOfWork) -> Artifact:
    if isinstance(wanted, Artifact):
        return wanted
    sha256 = sha256_digest("artifact.sha256", wanted.sha256)
    blob = await uow.load(Blob, sha256, check=False)  # blobs are never removed
    if blob is None:
        raise Invalid(
            f"The registry keeps no blob {sha256}.",
            code="artifact_not_uploaded",
            resolve=f"PUT the file to /v1/blobs/{sha256} first, or give uri and size when it is kept elsewhere.",
            errors=[FieldError("artifact.sha256", sha256, "the digest of a blob that was uploaded")],
        )
    return Artifact(blob.sha256, blob.size)
