"""Keep bytes that have arrived, under their digest."""

from placet_registry.domain.blobs import Blob, refuse_other_digest
from placet_registry.ports import BlobStore, Received
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["store_blob"]


async def store_blob(received: Received, claimed: str | None, blobs: BlobStore, uow: UnitOfWork) -> Answer:
    """201 the first time, 200 when the bytes are here already; raises `Invalid` when they are not those that were `claimed`.

    The bytes are durable before the event is: a crash between the two leaves a blob without an event, which the next upload
    completes, never an event without its blob.
    """
    uow.about(claimed or received.sha256)
    refuse_other_digest(claimed or received.sha256, received.sha256, received.size)
    known = await uow.load(Blob, received.sha256)
    await blobs.keep(received)
    body = {"sha256": received.sha256, "size": received.size}
    if known:
        return Answer(200, body)
    blob = Blob.store(received.sha256, received.size, await uow.now())
    uow.save(blob, subject=blob.sha256)
    return Answer(201, body, location=f"/v1/blobs/{blob.sha256}")
