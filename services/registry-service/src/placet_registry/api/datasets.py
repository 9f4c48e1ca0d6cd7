"""Endpoints of data sets."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from placet_registry.api.dataset_answers import DataSetAnswer, DataSetRegistered
from placet_registry.api.dataset_bodies import DataSetBody
from placet_registry.api.parameters import DigestPath, NamePart
from placet_registry.api.parts import found, registry_of
from placet_registry.commands.known_people import AskedOnce
from placet_registry.commands.register_dataset import RegisteredDataSet, register_dataset
from placet_registry.domain.lineage import DataRole
from placet_registry.queries.datasets import (
    DataSetSearch,
    dataset_by_number,
    datasets_with,
    newest_dataset,
    search_datasets,
    versions_of_dataset,
)
from placet_shared.errors import NotFound
from placet_shared.event_store import Answer
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["datasets", "datasets_of_bytes"]

datasets = APIRouter(prefix="/v1/datasets", tags=["data sets"])
datasets_of_bytes = APIRouter(prefix="/v1/blobs", tags=["data sets"])

NEWEST = "latest"
DataSetName = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9_.-]{0,62}$", max_length=63, description="Name of a data set.", examples=["churn-test"])
]
Number = Annotated[
    str, Path(pattern=rf"^([1-9][0-9]{{0,8}}|{NEWEST})$", max_length=9, description=f"A version's number, or `{NEWEST}`.", examples=["1"])
]


@datasets.post(
    "",
    status_code=201,
    response_model=DataSetRegistered,
    responses={200: {"model": DataSetRegistered, "description": "A version with these facts was registered before"}},
    summary="Register a version of a data set",
)
async def register_a_dataset(request: Request, actor: CurrentActor, body: DataSetBody) -> Response:
    """For developers and admins. Upload the bytes first. The owner of a name's first version, and admins, register further versions.

    409 `dataset_name_taken` names that owner; 422 `blob_not_uploaded`, `person_unknown`, `owner_required` (a service account must name a
    person), `dataset_facts_too_large`.
    """
    people = AskedOnce(registry_of(request).people)
    return await run_command(request, register_dataset, body.command(new_id()), people, present=_registered)


@datasets.get("", response_model=Page[DataSetAnswer], summary="Search data sets")
async def list_datasets(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    name: NamePart = None,
    role: Annotated[DataRole | None, Query(description="Only those whose newest version has this role.")] = None,
) -> Response:
    """The newest version of each name, by name; restrictions add up."""
    after = page.after("datasets", str)
    rows = await search_datasets(registry_of(request).pool, DataSetSearch(name, role), after[0] if after else None, page.limit + 1)
    return json_response(cut(rows, page, "datasets", key=lambda row: (row.name,)))


@datasets.get("/{name}", response_model=Page[DataSetAnswer], summary="The versions of a data set")
async def list_versions_of_dataset(request: Request, actor: CurrentActor, page: PageQuery, name: DataSetName) -> Response:
    """The newest first."""
    before = page.after("dataset-versions", int)
    rows = await versions_of_dataset(registry_of(request).pool, name, before[0] if before else None, page.limit + 1)
    if not rows and before is None:
        raise NotFound(f"There is no data set {name}.", code="dataset_not_found")
    return json_response(cut(rows, page, "dataset-versions", key=lambda row: (row.number,)))


@datasets.get("/{name}/{number}", response_model=DataSetAnswer, summary="A version of a data set")
async def read_dataset(request: Request, actor: CurrentActor, name: DataSetName, number: Number) -> Response:
    """By its number, or the newest one. Its bytes are at `/v1/blobs/{sha256}`."""
    pool = registry_of(request).pool
    version = await (newest_dataset(pool, name) if number == NEWEST else dataset_by_number(pool, name, int(number)))
    return json_response(found(version, "dataset", f"{name}/{number}"))


@datasets_of_bytes.get("/{sha256}/datasets", response_model=Page[DataSetAnswer], summary="Which data sets are these bytes?")
async def list_datasets_of_bytes(request: Request, actor: CurrentActor, page: PageQuery, sha256: DigestPath) -> Response:
    """Every version of every name that has these bytes, by name and number: several where they were registered under several names. Bytes
    without a name have an empty list."""
    after = page.after("datasets-of-bytes", str, int)
    rows = await datasets_with(registry_of(request).pool, sha256, (after[0], after[1]) if after else ("", 0), page.limit + 1)
    return json_response(cut(rows, page, "datasets-of-bytes", key=lambda row: (row.name, row.number)))


def _registered(dataset: RegisteredDataSet) -> Answer:
    return answer(201 if dataset.new else 200, dataset, "/v1/datasets/{name}/{number}", without={"new"})
