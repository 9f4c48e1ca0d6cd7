"""Register a model's version in one go, so that doing it again after a crash changes nothing.

1. The model is made if nobody has made it.
2. A version of it with the same bytes is the one that is wanted: nothing else is sent, but people who are not in its lineage yet.
3. The bytes go up under their digest, unless the registry has them.
4. The version is registered with its lineage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from placet_client.connection import Json
from placet_client.files import sha256_of
from placet_client.problems import Problem
from placet_client.registry import RegistryClient

__all__ = ["Registration", "register"]


@dataclass(frozen=True, slots=True)
class Registration:
    """`lineage` and `signature` as `POST /v1/models/{id}/versions` takes them."""

    model: str
    artifact: Path
    format: str
    description: str | None = None
    lineage: Mapping[str, Any] = field(default_factory=dict)
    signature: Mapping[str, Any] | None = None


def register(registry: RegistryClient, wanted: Registration) -> tuple[bool, Json]:
    """Whether the version is new, and the version."""
    model = registry.find_model(wanted.model) or _new_model(registry, wanted)  # 1
    sha256 = sha256_of(wanted.artifact)
    if known := registry.find_version(model["id"], sha256):  # 2
        return False, _with_people(registry, known, wanted.lineage)
    registry.upload(wanted.artifact)  # 3
    body = {"artifact": {"sha256": sha256}, "format": wanted.format, "signature": wanted.signature, "lineage": dict(wanted.lineage)}
    registered = registry.register_version(model["id"], body)  # 4
    return True, registry.version_by_id(registered["id"])


def _with_people(registry: RegistryClient, known: Json, lineage: Mapping[str, Any]) -> Json:
    """Who had a part in the bytes is never left out because they were registered before."""
    people = {part: list(lineage.get(part) or ()) for part in ("trained_by", "prepared_by")}
    if not any(people.values()) or not registry.add_lineage(known["id"], **people)["added"]:
        return known
    return registry.version_by_id(known["id"])


def _new_model(registry: RegistryClient, wanted: Registration) -> Json:
    try:
        return registry.register_model(wanted.model, wanted.description)
    except Problem as problem:
        if problem.code != "model_name_taken":
            raise
        return registry.model(wanted.model)  # somebody was faster
