"""Models to register versions of, and the body that registers one."""

import asyncio
import json
from hashlib import sha256

import httpx

__all__ = ["prepared"]

AT_ONCE = 32


async def prepared(url: str, token: str, models: int, trained_by: list[str]) -> tuple[list[str], str]:
    """Where versions of so many new models are registered, and the body that registers one."""
    artifact = b"a model"
    digest = sha256(artifact).hexdigest()
    lineage = {"training_run": "run-1", "trained_by": trained_by, "metrics": {"auc": 0.91}, "parameters": {"C": 0.5, "solver": "lbfgs"}}
    body = json.dumps({"artifact": {"sha256": digest}, "format": "onnx", "lineage": lineage})
    paths: list[str] = []
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False) as client:
        (await client.put(f"/v1/blobs/{digest}", content=artifact)).raise_for_status()
        for begun in range(0, models, AT_ONCE):
            asked = [client.post("/v1/models", json={"name": f"model-{begun + number}"}) for number in range(AT_ONCE)]
            answers = await asyncio.gather(*asked)
            paths += [f"/v1/models/{answer.raise_for_status().json()['id']}/versions" for answer in answers]
    return paths, body
