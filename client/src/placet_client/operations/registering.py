"""Register a model's version by one idempotent operation, which can be repeated after a crash.

1. The model is made if there is none.
2. A version of it with the same bytes is used as it is; only people and data that are not in its lineage yet are added.
3. The bytes go up under their digest, unless the registry has them.
4. The version is registered with its lineage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from placet_client.answers.registry import Version
from placet_client.calls import Flow
from placet_client.operations import registry
from placet_client.problems import Problem

__all__ = ["Registered", "Registration", "register"]


@dataclass(frozen=True, slots=True)
class Registration:
    """`lineage` and `signature` as `POST /v1/models/{id}/versions` takes them."""

    model: str
    artifact: Path
    format: str
    description: str | None = None
    lineage: Mapping[str, Any] = field(default_factory=dict)
    signature: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """The version, and whether it is new."""

    version: Version
    is_new: bool


def register(wanted: Registration) -> Flow[Registered]:
    """For developers and admins."""
    found = yield from registry.find_model(wanted.model)
    model_id = found.id if found else (yield from _new_model(wanted))  # 1
    sha256 = yield from registry.digest_of(wanted.artifact)
    if known := (yield from registry.find_version(model_id, sha256)):  # 2
        return Registered((yield from _with_lineage(known, wanted.lineage)), is_new=False)
    yield from registry.upload_as(sha256, wanted.artifact)  # 3
    body = {"artifact": {"sha256": sha256}, "format": wanted.format, "signature": wanted.signature, "lineage": dict(wanted.lineage)}
    registered = yield from registry.register_version(model_id, body)  # 4
    return Registered((yield from registry.version_by_id(registered.id)), is_new=True)


def _with_lineage(known: Version, lineage: Mapping[str, Any]) -> Flow[Version]:
    """People with a part in the bytes, and their data, are added even when the bytes were registered before."""
    named = {part: list(lineage.get(part) or ()) for part in ("trained_by", "prepared_by", "data")}
    if not any(named.values()) or not (yield from registry.add_lineage(known.id, **named)).added:
        return known
    return (yield from registry.version_by_id(known.id))


def _new_model(wanted: Registration) -> Flow[str]:
    try:
        return (yield from registry.register_model(wanted.model, wanted.description)).id
    except Problem as problem:
        if problem.code != "model_name_taken":
            raise
        return (yield from registry.model(wanted.model)).id  # another program registered it meanwhile
