"""Reads models, versions and data sets and fetches bytes from registry-service, with this service's own token."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from placet_shared.errors import NotFound, Unavailable
from placet_shared.model_selectors import SelectableModel
from placet_verification.ports import Deployed, RegisteredDataSet, RegisteredModel, RegisteredVersion, Registration

__all__ = ["RegistryOverHttp"]

PATIENCE_SECONDS = 5.0


class _Artifact(BaseModel):
    sha256: str
    uri: str | None = None


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: str
    sha256: str = ""


class _Lineage(BaseModel):
    """The version's, as far as checks ask whether its parts are stated."""

    model_config = ConfigDict(extra="ignore")

    training_run: str | None = None
    experiment: str | None = None
    commit: str | None = None
    data: list[_Data] = []
    parameters: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    trained_by: list[str] = []
    prepared_by: list[str] = []

    def stated(self) -> dict[str, int]:
        """How many entries each part has; data by their role."""
        named = {name: int(bool(getattr(self, name))) for name in ("training_run", "experiment", "commit")}
        counted = {name: len(getattr(self, name)) for name in ("parameters", "metrics", "trained_by", "prepared_by")}
        data = {f"{role}_data": sum(one.role == role for one in self.data) for role in ("train", "validation", "test", "reference")}
        return {**named, **counted, **data}


class _Version(BaseModel):
    """The part of the registry's answer that is read."""

    model_config = ConfigDict(extra="ignore")

    id: str
    model_id: str
    number: int
    artifact: _Artifact
    format: str
    signature: dict[str, Any] | None = None
    lineage: _Lineage = _Lineage()
    registered_at: datetime

    def registered(self) -> RegisteredVersion:
        kept = self.artifact.uri is None
        return RegisteredVersion(
            self.id, self.model_id, self.number, self.artifact.sha256, self.format, kept, self.signature, self.registered_at,
            frozenset(one.sha256 for one in self.lineage.data if one.role == "train"),
        )  # fmt: skip


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    next_cursor: str | None = None


class _Versions(_Page):
    items: list[_Version]


class _Text(BaseModel):
    """A free text; None once it was erased."""

    model_config = ConfigDict(extra="ignore")

    text: str | None


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    name: str
    tags: dict[str, str]
    latest_number: int | None = None
    description: _Text | None = None

    def registered(self) -> RegisteredModel:
        return RegisteredModel(SelectableModel(self.id, self.name, self.tags), self.latest_number or 0)


class _Models(_Page):
    items: list[_Model]


class _Deployment(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version_id: str
    sha256: str


class _Deployments(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: list[_Deployment]


class _Environment(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str


class _Environments(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: list[_Environment]


class _DataSet(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    number: int
    sha256: str
    format: str


M = TypeVar("M", bound=BaseModel)
P = TypeVar("P", bound=_Page)


class RegistryOverHttp:
    """The caller closes `client`."""

    def __init__(self, client: httpx.AsyncClient, registry_url: str, service_token: str) -> None:
        self._client = client
        self._url = registry_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {service_token}"}

    async def version(self, version_id: str) -> RegisteredVersion | None:
        """The version, None when there is none; raises `Unavailable` when there is no answer."""
        found = await self._read(_Version, f"/v1/versions/{quote(version_id, safe='')}")
        return found.registered() if found else None

    async def versions_with(self, sha256: str) -> AsyncIterator[RegisteredVersion]:
        """All versions that have these bytes, of any model; raises `Unavailable` also in the middle."""
        async for page in self._pages(_Versions, f"/v1/artifacts/{sha256}/versions", {}):
            for version in page.items:
                yield version.registered()

    async def model(self, model_id: str) -> RegisteredModel | None:
        """The model, None when there is none; raises `Unavailable` when there is no answer."""
        found = await self._read(_Model, f"/v1/models/{quote(model_id, safe='')}")
        return found.registered() if found else None

    async def models(self, sha256: str | None = None) -> AsyncIterator[RegisteredModel]:
        """All of them, or those with a version of these bytes, by name; raises `Unavailable` also in the middle."""
        async for page in self._pages(_Models, "/v1/models", {"sha256": sha256} if sha256 else {}):
            for model in page.items:
                yield model.registered()

    async def registration(self, version_id: str) -> Registration | None:
        """What is registered about the version and its model now, None when there is no such version; raises `Unavailable`."""
        version = await self._read(_Version, f"/v1/versions/{quote(version_id, safe='')}")
        model = await self._read(_Model, f"/v1/models/{quote(version.model_id, safe='')}") if version else None
        if version is None or model is None:
            return None
        about = {"description": len((model.description and model.description.text) or ""), "signature": int(version.signature is not None)}
        return Registration(model.tags, {**about, **version.lineage.stated()})

    async def dataset(self, name: str) -> RegisteredDataSet | None:
        """The newest version of a data set, None when there is none; raises `Unavailable` when there is no answer."""
        found = await self._read(_DataSet, f"/v1/datasets/{quote(name, safe='')}/latest")
        return RegisteredDataSet(found.name, found.number, found.sha256, found.format) if found else None

    async def deployed(self, model_id: str, environment: str) -> Deployed | None:
        """What of the model runs in the environment now, None when nothing does; raises `Unavailable` when there is no answer."""
        found = await self._read(_Deployments, "/v1/deployments", {"model_id": model_id, "environment": environment, "limit": "1"})
        return Deployed(found.items[0].version_id, found.items[0].sha256) if found and found.items else None

    async def environments(self) -> frozenset[str]:
        """The names of all; raises `Unavailable` when there is no answer."""
        found = await self._read(_Environments, "/v1/environments")
        return frozenset(one.name for one in found.items) if found else frozenset()

    async def _pages(self, model: type[P], path: str, query: Mapping[str, str]) -> AsyncIterator[P]:
        cursor: str | None = None
        while True:
            page = await self._read(model, path, {**query, "limit": "200", **({"cursor": cursor} if cursor else {})})
            if page is None:
                return
            yield page
            if (cursor := page.next_cursor) is None:
                return

    async def _read(self, model: type[M], path: str, query: Mapping[str, str] | None = None) -> M | None:
        try:
            answer = await self._client.get(self._url + path, params=query, headers=self._headers, timeout=PATIENCE_SECONDS)
        except httpx.HTTPError as error:
            raise _no_answer(type(error).__name__) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.status_code != httpx.codes.OK:
            raise _no_answer(f"status {answer.status_code}")
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            raise _no_answer("words unknown here") from error

    @asynccontextmanager
    async def blob(self, sha256: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes as they come, unchecked; raises `NotFound`, and `Unavailable` also in the middle."""
        try:
            async with self._client.stream(
                "GET", f"{self._url}/v1/blobs/{sha256}", headers=self._headers, timeout=PATIENCE_SECONDS
            ) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise NotFound(f"The registry has no blob {sha256}.", code="blob_not_found")
                if answer.status_code != httpx.codes.OK:
                    raise _no_answer(f"status {answer.status_code}")
                yield answer.aiter_bytes(1024 * 1024)
        except httpx.HTTPError as error:
            raise _no_answer(type(error).__name__) from error


def _no_answer(why: str) -> Unavailable:
    return Unavailable(
        f"The registry does not answer ({why}).",
        code="registry_unavailable",
        resolve="Try again in a moment; if it lasts, see whether registry-service is up.",
    )
