"""Looks up people at approval-service, with this service's own token."""

from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from placet_shared.errors import Unavailable

__all__ = ["PeopleOverHttp"]

PATIENCE_SECONDS = 2.0
UNKNOWN = frozenset({httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY})  # no person has this name or id, or none could have it


class Person(BaseModel):
    """The part of the answer that is read."""

    person_id: str


class PeopleOverHttp:
    """`GET /v1/people/{id-or-name}`: a `person_id`, 404 or 422; anything else means unavailable. The caller closes `client`."""

    def __init__(self, client: httpx.AsyncClient, approval_url: str, service_token: str) -> None:
        self._client = client
        self._url = f"{approval_url.rstrip('/')}/v1/people/"
        self._headers = {"Authorization": f"Bearer {service_token}"}

    async def person_id(self, id_or_name: str) -> str | None:
        """The person's id, None when there is no such person; raises `Unavailable` when there is no answer."""
        if id_or_name in (".", ".."):  # a URL's path can't hold them
            return None
        try:
            answer = await self._client.get(self._url + quote(id_or_name, safe=""), headers=self._headers, timeout=PATIENCE_SECONDS)
        except httpx.HTTPError as error:
            raise _nobody_can_tell() from error
        if answer.status_code in UNKNOWN:
            return None
        if answer.status_code != httpx.codes.OK:
            raise _nobody_can_tell()
        try:
            return Person.model_validate_json(answer.content).person_id
        except ValidationError as error:
            raise _nobody_can_tell() from error


def _nobody_can_tell() -> Unavailable:
    return Unavailable(
        "The service that knows all people does not answer, so the people who are named can't be looked up.",
        code="people_unavailable",
        resolve="Try again in a moment; if it lasts, see whether approval-service is up.",
    )
