"""A client that a generator makes of the published document speaks with the service."""

import importlib
import json
from pathlib import Path

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from .conftest import Registry

pytestmark = pytest.mark.postgres

PACKAGE = "generated_registry_client"


async def test_client_of_a_generator_registers_and_lists(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "openapi.json"
    document.write_bytes((await registry.erin.get("/openapi.json")).content)
    without_hooks = ConfigFile(post_hooks=[], package_name_override=PACKAGE)
    config = Config.from_sources(without_hooks, MetaType.NONE, document, "utf-8", True, tmp_path / PACKAGE)
    assert [str(error) for error in generate(config=config)] == []
    monkeypatch.syspath_prepend(tmp_path)
    generated = importlib.import_module(f"{PACKAGE}.client").AuthenticatedClient(registry.url, registry.approval.tokens["alice"])
    register = importlib.import_module(f"{PACKAGE}.api.models.register_a_model")
    listing = importlib.import_module(f"{PACKAGE}.api.models.list_models")
    models = importlib.import_module(f"{PACKAGE}.models")

    async with generated as client:
        made = await register.asyncio_detailed(client=client, body=models.ModelBody(name="churn"), idempotency_key="once")
        again = await register.asyncio_detailed(client=client, body=models.ModelBody(name="churn"), idempotency_key="once")
        assert (made.status_code, again.parsed.id) == (201, made.parsed.id)
        page = await listing.asyncio(client=client)
        assert [(type(model), model.name) for model in page.items] == [(models.ModelAnswer, "churn")]
        refused = await register.asyncio_detailed(client=client, body=models.ModelBody(name="churn"))
        assert (type(refused.parsed), refused.parsed.code) == (models.Problem, json.loads(refused.content)["code"])
