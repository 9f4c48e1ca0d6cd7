"""Publish the next version of a plan; the same document again changes nothing.

1. Its environments exist, and data sets that it names get the digest of their newest version. 2. The stream of the name: a plan of another
team is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from placet_shared.access import Roles, allowed
from placet_shared.contracts.plan_document import DataDocument
from placet_shared.errors import Invalid
from placet_shared.event_store import UnitOfWork
from placet_verification.domain.plans import Plan
from placet_verification.ports import Registry

__all__ = ["PLANNERS", "PublishPlan", "PublishedPlan", "load_plan", "publish_plan", "settle_document"]

PLANNERS = (Roles.ADMIN,)
DATA = ("dataset", "training", "reference")
FORMATS = get_args(DataDocument.model_fields["format"].annotation)

# Plans from before they had streams of their own may share a name, one an environment: a document goes on with the one of its
# environments, and each can be withdrawn.
STREAM_KEY = """
    select stream_key from plans p
    where name = $1 and version = (select max(version) from plans n where n.plan_id = p.plan_id)
    order by environments && $2::text[] desc, in_force desc, position desc limit 1
"""


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """`plan_id` is used when there is no plan of this name yet; `text` is the document as it was written."""

    plan_id: str
    document: Mapping[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """The version in force; `changed` says whether it is new."""

    id: str
    name: str
    version: int
    sha256: str
    environments: tuple[str, ...]
    takes_effect: str
    changed: bool
    revision: int


@allowed(*PLANNERS)
async def publish_plan(command: PublishPlan, uow: UnitOfWork, registry: Registry) -> PublishedPlan:
    """The new version, or the one that says the same already; raises `Invalid`, `Conflict`, `Unavailable`."""
    document = await settle_document(command.document, registry)  # 1
    plan = await load_plan(uow, document["name"], document["environments"])  # 2
    uow.about(plan.plan_id if plan else command.plan_id)
    if plan is not None:
        uow.expect(plan)
    changed = plan is None or not plan.says(document)
    if changed:
        plan_id = plan.plan_id if plan else command.plan_id
        text, at = uow.text(command.text, kind="plan", subject=plan_id), await uow.now()
        if plan is None:
            plan = Plan.publish(plan_id, document, text, at)
        else:
            plan.revise(document, text, at)
        uow.save(plan, subject=plan_id)
    assert plan is not None
    where, effect = tuple(document["environments"]), document["takes_effect"]
    return PublishedPlan(**plan.reference(), environments=where, takes_effect=effect, changed=changed, revision=plan.version)


async def load_plan(uow: UnitOfWork, name: str, environments: Sequence[str] = ()) -> Plan | None:
    """The plan of this name, withdrawn or not; of several old ones that of these environments, then one that is in force."""
    rows = await uow.fetch(STREAM_KEY, name, list(environments))
    return await uow.load(Plan, rows[0]["stream_key"] if rows else Plan.key_of(name))


async def settle_document(document: Mapping[str, Any], registry: Registry) -> dict[str, Any]:
    """With the digest of each data set that is named and not pinned yet.

    Raises `Invalid` for an environment or data set that the registry does not know, and for a format that can't be read.
    """
    if unknown := sorted({*document["environments"]} - await registry.environments()):
        raise Invalid(
            f"There is no environment {unknown[0]}, so the plan would protect nothing there.",
            code="unknown_environment",
            resolve="Check its name, or define it first: `placet environments define`.",
            environments=unknown,
        )
    pinned = dict(document)
    for part in DATA:
        data = document[part]
        if data and data["name"] and not data["sha256"]:
            newest = await registry.dataset(data["name"])
            if newest is None:
                raise Invalid(
                    f"The registry has no data set {data['name']}.",
                    code="dataset_unknown",
                    resolve="Add it with `placet datasets add`, or give the digest of the file as `sha256`.",
                    dataset=data["name"],
                )
            if newest.format not in FORMATS:
                raise Invalid(
                    f"The data set {data['name']} is {newest.format}; a plan reads {' or '.join(FORMATS)}.",
                    code="dataset_format_not_supported",
                    resolve="Register the rows in that format as the data set's next version.",
                    dataset=data["name"],
                )
            pinned[part] = {**data, "sha256": newest.sha256, "format": newest.format}
    return pinned
