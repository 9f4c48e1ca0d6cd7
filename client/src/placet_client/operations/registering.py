"""Register a model's version in one go, so that doing it again after a crash changes nothing.

1. The model is made if there is none.
2. A version of it with the same bytes is the one that is wanted: nothing else is sent, but people who are not in its lineage yet.
3. The bytes go up under their digest, unless the registry has them.
4. The version is registered with its lineage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from placet_client.answers.registry import Version
from placet_client.calls import Flow, Work
from placet_client.files import sha256_of
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
    sha256 = yield from Work(partial(sha256_of, wanted.artifact))
    if known := (yield from registry.find_version(model_id, sha256)):  # 2
        return Registered((yield from _with_people(known, wanted.lineage)), is_new=False)
    yield from registry.upload_as(sha256, wanted.artifact)  # 3
    body = {"artifact": {"sha256": sha256}, "format": wanted.format, "signature": wanted.signature, "lineage": dict(wanted.lineage)}
    registered = yield from registry.register_version(model_id, body)  # 4
    return Registered((yield from registry.version_by_id(registered.id)), is_new=True)


def _with_people(known: Version, lineage: Mapping[str, Any]) -> Flow[Version]:
    """Who had a part in the bytes is never left out because they were registered before."""
    people = {part: list(lineage.get(part) or ()) for part in ("trained_by", "prepared_by")}
    if not any(people.values()) or not (yield from registry.add_lineage(known.id, **people)).added:
        return known
    return (yield from registry.version_by_id(known.id))


def _new_model(wanted: Registration) -> Flow[str]:
    try:
        return (yield from registry.register_model(wanted.model, wanted.description)).id
    except Problem as problem:
        if problem.code != "model_name_taken":
            raise
        return (yield from registry.model(wanted.model)).id  # another program was faster
