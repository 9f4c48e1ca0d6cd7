"""Keep bytes that have arrived, under their digest."""

from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REGISTRARS
from placet_registry.domain.blobs import Blob, refuse_other_digest
from placet_registry.ports import BlobStore, Received
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["StoreBlob", "StoredBlob", "store_blob"]


@dataclass(frozen=True, slots=True)
class StoreBlob:
    """`claimed` is the digest under which the bytes were sent, if they were sent under one."""

    received: Received
    claimed: str | None


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """`new` tells whether the bytes were not here before."""

    sha256: str
    size: int
    new: bool


@allowed(*REGISTRARS)
async def store_blob(command: StoreBlob, uow: UnitOfWork, blobs: BlobStore) -> StoredBlob:
    """Raises `Invalid` when the bytes are not those that were `claimed`.

    The bytes are durable before the event is: a crash between the two leaves a blob without an event, which the next upload
    completes, never an event without its blob.
    """
    received, claimed = command.received, command.claimed or command.received.sha256
    uow.about(claimed)
    refuse_other_digest(claimed, received.sha256, received.size)
    known = await uow.load(Blob, received.sha256)
    await blobs.keep(received)
    if not known:
        uow.save(Blob.store(received.sha256, received.size, await uow.now()), subject=received.sha256)
    return StoredBlob(received.sha256, received.size, new=not known)
