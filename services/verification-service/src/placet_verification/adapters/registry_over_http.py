"""Reads versions and fetches bytes from registry-service, with this service's own token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from placet_shared.errors import NotFound, Unavailable
from placet_verification.ports import RegisteredVersion

__all__ = ["RegistryOverHttp"]

PATIENCE_SECONDS = 5.0


class _Artifact(BaseModel):
    sha256: str
    uri: str | None = None


class _Version(BaseModel):
    """The part of the registry's answer that is read."""

    model_config = ConfigDict(extra="ignore")

    id: str
    model_id: str
    artifact: _Artifact
    format: str
    signature: dict[str, Any] | None = None


class RegistryOverHttp:
    """The caller closes `client`."""

    def __init__(self, client: httpx.AsyncClient, registry_url: str, service_token: str) -> None:
        self._client = client
        self._url = registry_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {service_token}"}

    async def version(self, version_id: str) -> RegisteredVersion | None:
        """The version, None when there is none; raises `Unavailable` when there is no answer."""
        try:
            url = f"{self._url}/v1/versions/{quote(version_id, safe='')}"
            answer = await self._client.get(url, headers=self._headers, timeout=PATIENCE_SECONDS)
        except httpx.HTTPError as error:
            raise _no_answer(type(error).__name__) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.status_code != httpx.codes.OK:
            raise _no_answer(f"status {answer.status_code}")
        try:
            found = _Version.model_validate_json(answer.content)
        except ValidationError as error:
            raise _no_answer("words unknown here") from error
        kept = found.artifact.uri is None
        return RegisteredVersion(found.id, found.model_id, found.artifact.sha256, found.format, kept, found.signature)

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
