"""Register a version of a data set under its name.

1. The bytes are here.
2. The owner is a known person: the actor, unless another one is named (rule 25).
3. The name is free, or a version with the same facts exists, or the actor owns the name or is an admin.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REGISTRARS, is_admin
from placet_registry.commands.known_people import known_person
from placet_registry.domain.blobs import Blob
from placet_registry.domain.data_facts import DataColumn, DataFacts, DataFormat, Period
from placet_registry.domain.datasets import NamedDataSet
from placet_registry.domain.lineage import DataRole
from placet_registry.domain.words import sha256_digest
from placet_registry.ports import People
from placet_shared.access import Actor, allowed
from placet_shared.errors import FieldError, Invalid
from placet_shared.event_store import UnitOfWork

__all__ = ["RegisterDataSet", "RegisteredDataSet", "register_dataset"]


@dataclass(frozen=True, slots=True)
class RegisterDataSet:
    """`dataset_id` is new, for a name that is; `owner` is the id or name of a person, None for the actor."""

    dataset_id: str
    name: str
    sha256: str
    format: DataFormat
    columns: Sequence[DataColumn] | None
    rows: int | None
    period: Period | None
    role: DataRole
    owner: str | None


@dataclass(frozen=True, slots=True)
class RegisteredDataSet:
    """The version with these facts; `new` tells whether the command registered it."""

    dataset_id: str
    name: str
    number: int
    sha256: str
    owner: str
    new: bool


@allowed(*REGISTRARS)
async def register_dataset(command: RegisterDataSet, uow: UnitOfWork, people: People) -> RegisteredDataSet:
    """Raises `Invalid`, `Conflict` when the name belongs to another person, `Unavailable`."""
    dataset = await uow.load(NamedDataSet, NamedDataSet.key_of(command.name))
    if dataset:
        uow.about(dataset.dataset_id)
    blob = await _blob(command.sha256, uow)  # 1
    owner = await _owner(command.owner, uow.actor, people)  # 2
    facts = DataFacts(blob.sha256, blob.size, command.format, command.columns, command.rows, command.period, command.role, owner)
    before = dataset.latest_number if dataset else 0
    if dataset:  # 3
        number = dataset.add(facts, actor_id=uow.actor.id, by_admin=is_admin(uow.actor), at=await uow.now())
    else:
        dataset, number = NamedDataSet.begin(command.dataset_id, command.name, facts, await uow.now()), 1
    uow.save(dataset, subject=dataset.dataset_id)
    return RegisteredDataSet(dataset.dataset_id, dataset.name, number, blob.sha256, owner, new=number > before)


async def _blob(sha256: str, uow: UnitOfWork) -> Blob:
    sha256 = sha256_digest("sha256", sha256)
    blob = await uow.load(Blob, sha256, check=False)  # blobs are never removed
    if blob is None:
        raise Invalid(
            f"The registry keeps no blob {sha256}.",
            code="blob_not_uploaded",
            resolve=f"PUT the file to /v1/blobs/{sha256} first.",
            errors=[FieldError("sha256", sha256, "the digest of a blob that was uploaded")],
        )
    return blob


async def _owner(named: str | None, actor: Actor, people: People) -> str:
    if named is not None:
        return await known_person("owner", named, people)
    if actor.kind != "person":
        raise Invalid(
            "A data set belongs to a person, and a service account is none.",
            code="owner_required",
            resolve="Name the owner, a person by id or name.",
            errors=[FieldError("owner", None, "the id or name of a known person")],
        )
    return actor.id
