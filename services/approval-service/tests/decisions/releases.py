"""A second model beside the bank's own, and releases of both, for the tests of releases."""

from dataclasses import dataclass, replace
from typing import Any

import httpx

from placet_shared.identifiers import new_id

from ..conftest import Caller
from .conftest import ARTIFACT, WHY, Bank

PRICING = "c" * 64


@dataclass
class Pair:
    """A version of `fraud`, which the bank has, and one of `pricing`."""

    bank: Bank
    fraud: str
    pricing: str
    pricing_model: str

    async def request(self, *versions: str, by: Caller | None = None, name: str = "2026-12", environment: str = "prod") -> httpx.Response:
        wanted = [{"version_id": version} for version in versions or (self.fraud, self.pricing)]
        body = {"name": name, "environment": environment, "versions": wanted, **WHY}
        return await (by or self.bank.alice).post("/v1/releases", body)

    async def requested(self, *versions: str, name: str = "2026-12") -> str:
        """The path of a release that waits for people."""
        answer = await self.request(*versions, name=name)
        assert answer.status_code == 201, answer.text
        return f"/v1/releases/{answer.json()['id']}"

    async def approved(self, *versions: str, name: str = "2026-12") -> str:
        path = await self.requested(*versions, name=name)
        for person in (self.bank.bob, self.bank.carol):
            answer = await person.post(f"{path}/approve", WHY)
            assert answer.status_code == 200, answer.text
        return path

    async def approved_by_both(self) -> str:
        """Where carol's signature is not asked for everywhere, so that the last one is any of them."""
        path = await self.requested()
        states = [(await person.post(f"{path}/approve", WHY)).json()["state"] for person in (self.bank.bob, self.bank.carol)]
        assert states == ["pending", "approved"]
        return path

    async def sign_off(self, path: str, version: str) -> str:
        """The path of the sign-off of one member."""
        members = (await self.bank.sees(path))["members"]
        return next(f"/v1/sign-offs/{one['sign_off_id']}" for one in members if one["version_id"] == version)

    async def states(self, path: str) -> tuple[str, str, str]:
        """Of the release, of fraud's sign-off, of pricing's."""
        seen = await self.bank.sees(path)
        by_version = {one["version_id"]: one["state"] for one in seen["members"]}
        return seen["state"], by_version[self.fraud], by_version[self.pricing]

    async def asks(self, version: str) -> tuple[bool, list[str]]:
        """What the gate says, without a record."""
        answer = (await self.bank.alice.get("/v1/gate", params={"environment": "prod", "version_id": version})).json()
        return answer["allowed"], [reason["code"] for reason in answer["reasons"]]


async def a_version_of(bank: Bank, model: str, artifact: str, **registered: Any) -> tuple[str, str]:
    """The ids of a new model and of a version of it, which is verified."""
    model_id = new_id()
    await bank.hears("registry", "ModelRegistered", {"model_id": model_id, "name": model, "description": None, "tags": {}})
    other = replace(bank, model_id=model_id)
    version = await other.registers(artifact=artifact, **registered)
    await other.verifies(version)
    return model_id, version


async def a_pair(bank: Bank, **registered: Any) -> Pair:
    model_id, version = await a_version_of(bank, "pricing", PRICING, **registered)
    return Pair(bank, bank.version_id, version, model_id)


__all__ = ["ARTIFACT", "PRICING", "Pair", "a_pair", "a_version_of"]
