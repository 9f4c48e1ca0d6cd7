"""registry-service: models, versions, blobs, environments, deployments. Models are named by id or by name."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from placet_client.answers.answer import Page
from placet_client.answers.registry import (
    AddedLineage,
    DefinedEnvironment,
    Deployment,
    EndedDeployment,
    Environments,
    Model,
    QualifiedModel,
    RegisteredModel,
    RegisteredVersion,
    ReportedDeployment,
    TaggedModel,
    Version,
)
from placet_client.calls import Call, Flow, Reading
from placet_client.files import sha256_of
from placet_client.operations.paths import IDENTIFIER, pages, quoted
from placet_client.problems import Problem

SERVICE = "registry"
UPLOAD_WITHIN = 600.0


def models(limit: int = 50, *, name: str | None = None, tag: Sequence[str] | None = None, **search: str | None) -> Flow[Page[Model]]:
    """By name; `name` is a part of it, a `tag` KEY or KEY=VALUE. `search` may have sha256, format, environment."""
    return pages(SERVICE, "/v1/models", Page[Model], limit, name=name, tag=tag, **search)


def model(id_or_name: str) -> Call[Model]:
    """Raises `Problem` with code model_not_found."""
    path = "" if IDENTIFIER.fullmatch(id_or_name) else "by-name/"
    return Call(SERVICE, "GET", f"/v1/models/{path}{quoted(id_or_name)}", Model)


def find_model(name: str) -> Flow[Model | None]:
    """The same, None when there is none."""
    try:
        return (yield from model(name))
    except Problem as problem:
        if problem.code == "model_not_found":
            return None
        raise


def register_model(name: str, description: str | None = None, tags: Mapping[str, str] | None = None) -> Call[RegisteredModel]:
    """For developers and admins."""
    return Call(SERVICE, "POST", "/v1/models", RegisteredModel, json={"name": name, "description": description, "tags": dict(tags or {})})


def tag_model(model: str, key: str, value: str) -> Flow[TaggedModel]:
    """For developers and admins; keys that begin with `governance/` for admins alone."""
    model_id = yield from _model_id(model)
    return (yield from Call(SERVICE, "PUT", f"/v1/models/{model_id}/tags/{quoted(key)}", TaggedModel, json={"value": value}))


def qualify_model(model: str, reason: str, **judged: str | None) -> Flow[QualifiedModel]:
    """For admins. `judged` may have value, risk, feasibility and risk_tier, each low, medium or high; what is left out stays as it is."""
    model_id = yield from _model_id(model)
    return (yield from Call(SERVICE, "POST", f"/v1/models/{model_id}/qualify", QualifiedModel, json={**judged, "reason": reason}))


def untag_model(model: str, key: str) -> Flow[TaggedModel]:
    """Removes a tag; for those who may set it."""
    model_id = yield from _model_id(model)
    return (yield from Call(SERVICE, "DELETE", f"/v1/models/{model_id}/tags/{quoted(key)}", TaggedModel))


def versions(limit: int = 50, model: str | None = None, **search: str | None) -> Flow[Page[Version]]:
    """The newest first; `search` may have sha256 (not with a model), format, environment."""
    path = f"/v1/models/{(yield from _model_id(model))}/versions" if model else "/v1/versions"
    return (yield from pages(SERVICE, path, Page[Version], limit, **search))


def version(model: str, number: int) -> Flow[Version]:
    """Raises `Problem` with code model_not_found or version_not_found."""
    model_id = yield from _model_id(model)
    return (yield from Call(SERVICE, "GET", f"/v1/models/{model_id}/versions/{number}", Version))


def version_by_id(version_id: str) -> Call[Version]:
    """Raises `Problem` with code version_not_found."""
    return Call(SERVICE, "GET", f"/v1/versions/{quoted(version_id)}", Version)


def find_version(model_id: str, sha256: str) -> Flow[Version | None]:
    """The newest version of this model with this artifact."""
    found = yield from pages(SERVICE, f"/v1/artifacts/{sha256}/versions", Page[Version], 1000)
    return next((version for version in found.items if version.model_id == model_id), None)


def register_version(model_id: str, body: Mapping[str, Any]) -> Call[RegisteredVersion]:
    """`body` as `POST /v1/models/{id}/versions` takes it. `register` does all that is needed before."""
    return Call(SERVICE, "POST", f"/v1/models/{quoted(model_id)}/versions", RegisteredVersion, json=dict(body))


def add_lineage(
    version_id: str, trained_by: Sequence[str] = (), prepared_by: Sequence[str] = (), data: Sequence[Mapping[str, str]] = ()
) -> Call[AddedLineage]:
    """Adds people who trained it or prepared its data, and data, each with `sha256` and `role`."""
    added: dict[str, list[Any]] = {"trained_by": list(trained_by), "prepared_by": list(prepared_by)}
    if data:
        added["data"] = [dict(one) for one in data]
    return Call(SERVICE, "POST", f"/v1/versions/{quoted(version_id)}/lineage", AddedLineage, json=added)


def has_blob(sha256: str) -> Flow[bool]:
    """Whether the bytes are kept already."""
    try:
        yield from Call(SERVICE, "HEAD", f"/v1/blobs/{sha256}", type(None))
    except Problem as problem:
        if problem.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True


def digest_of(file: Path) -> Reading[str]:
    """The file's SHA-256; no service is asked."""
    return Reading("hashing", file, partial(sha256_of, file))


def upload(file: Path) -> Flow[str]:
    """The file's SHA-256; nothing is sent when the registry has it. An upload that was interrupted begins anew."""
    sha256 = yield from digest_of(file)
    yield from upload_as(sha256, file)
    return sha256


def upload_as(sha256: str, file: Path) -> Flow[None]:
    """The same for a file whose digest is known."""
    if not (yield from has_blob(sha256)):
        headers = {"Content-Type": "application/octet-stream"}
        yield from Call(SERVICE, "PUT", f"/v1/blobs/{sha256}", type(None), content=file, headers=headers, within=UPLOAD_WITHIN)


def environments() -> Call[Environments]:
    """All, in their order."""
    return Call(SERVICE, "GET", "/v1/environments", Environments)


def define_environment(name: str, after: str | None) -> Call[DefinedEnvironment]:
    """Right after `after`; None puts it before all. For admins."""
    return Call(SERVICE, "POST", "/v1/environments", DefinedEnvironment, json={"name": name, "after": after})


def deployments(limit: int = 50, **search: str | None) -> Flow[Page[Deployment]]:
    """The newest report first; `search` may have environment, model_id, sha256, state (current, ended, all)."""
    return pages(SERVICE, "/v1/deployments", Page[Deployment], limit, **search)


def report_deployment(environment: str, version_id: str | None = None, sha256: str | None = None) -> Call[ReportedDeployment]:
    """A version by id, or by its digest when only one version has it. For pipelines and admins."""
    body = {"environment": environment, "version_id": version_id, "sha256": sha256}
    return Call(SERVICE, "POST", "/v1/deployments", ReportedDeployment, json=body)


def end_deployment(deployment_id: str, reason: str | None = None) -> Call[EndedDeployment]:
    """Reports its end. For pipelines and admins."""
    return Call(SERVICE, "POST", f"/v1/deployments/{quoted(deployment_id)}/end", EndedDeployment, json={"reason": reason})


def _model_id(id_or_name: str) -> Flow[str]:
    return (yield from model(id_or_name)).id
