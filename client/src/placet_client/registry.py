"""registry-service: models, versions, blobs, environments, deployments."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from placet_client.connection import Connection, Json
from placet_client.files import sha256_of
from placet_client.problems import Problem

__all__ = ["RegistryClient"]

UPLOAD_WITHIN = 600.0
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class RegistryClient:
    """Models are named by id or by name, versions by model and number."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def models(self, limit: int, **search: Any) -> Json:
        """`search` may have name (a part of it), tag, sha256, format, environment."""
        return self._connection.pages("/v1/models", limit, **search)

    def model(self, id_or_name: str) -> Json:
        """Raises `Problem` with code model_not_found."""
        path = "" if IDENTIFIER.fullmatch(id_or_name) else "by-name/"
        model: Json = self._connection.get(f"/v1/models/{path}{_quoted(id_or_name)}")
        return model

    def find_model(self, name: str) -> Json | None:
        """The same, None when there is none."""
        try:
            return self.model(name)
        except Problem as problem:
            if problem.code == "model_not_found":
                return None
            raise

    def register_model(self, name: str, description: str | None = None, tags: Mapping[str, str] | None = None) -> Json:
        """Id and name of the new model."""
        return self._connection.post("/v1/models", {"name": name, "description": description, "tags": dict(tags or {})})

    def versions(self, limit: int, model: str | None = None, **search: Any) -> Json:
        """The newest first; `search` may have sha256 (not with a model), format, environment."""
        path = f"/v1/models/{self.model(model)['id']}/versions" if model else "/v1/versions"
        return self._connection.pages(path, limit, **search)

    def version(self, model: str, number: int) -> Json:
        """Raises `Problem` with code model_not_found or version_not_found."""
        version: Json = self._connection.get(f"/v1/models/{self.model(model)['id']}/versions/{number}")
        return version

    def version_by_id(self, version_id: str) -> Json:
        """Raises `Problem` with code version_not_found."""
        version: Json = self._connection.get(f"/v1/versions/{_quoted(version_id)}")
        return version

    def find_version(self, model_id: str, sha256: str) -> Json | None:
        """The newest version of this model with this artifact."""
        found = self._connection.pages(f"/v1/artifacts/{sha256}/versions", 1000)["items"]
        return next((version for version in found if version["model_id"] == model_id), None)

    def register_version(self, model_id: str, body: Mapping[str, Any]) -> Json:
        """Id, model, number and digest of the new version; `body` as `POST /v1/models/{id}/versions` takes it."""
        return self._connection.post(f"/v1/models/{_quoted(model_id)}/versions", body)

    def add_lineage(self, version_id: str, trained_by: Sequence[str] = (), prepared_by: Sequence[str] = ()) -> Json:
        """Who else trained it or prepared its data; it only adds."""
        people = {"trained_by": list(trained_by), "prepared_by": list(prepared_by)}
        return self._connection.post(f"/v1/versions/{_quoted(version_id)}/lineage", people)

    def has_blob(self, sha256: str) -> bool:
        """Whether the bytes are kept already."""
        return self._connection.exists(f"/v1/blobs/{sha256}")

    def upload(self, file: Path) -> str:
        """The file's SHA-256; nothing is sent when the registry has it."""
        sha256 = sha256_of(file)
        if not self.has_blob(sha256):
            with file.open("rb") as opened:
                self._connection.request(
                    "PUT",
                    f"/v1/blobs/{sha256}",
                    content=lambda: opened if opened.seek(0) == 0 else None,
                    media_type="application/octet-stream",
                    within=UPLOAD_WITHIN,
                )
        return sha256

    def environments(self) -> Json:
        """All, in their order."""
        environments: Json = self._connection.get("/v1/environments")
        return environments

    def define_environment(self, name: str, after: str | None) -> Json:
        """Right after `after`; None puts it before all."""
        return self._connection.post("/v1/environments", {"name": name, "after": after})

    def deployments(self, limit: int, **search: Any) -> Json:
        """The newest report first; `search` may have environment, model_id, sha256, state (current, ended, all)."""
        return self._connection.pages("/v1/deployments", limit, **search)

    def report_deployment(self, environment: str, version_id: str | None = None, sha256: str | None = None) -> Json:
        """A version by id, or by its digest when only one version has it."""
        return self._connection.post("/v1/deployments", {"environment": environment, "version_id": version_id, "sha256": sha256})

    def end_deployment(self, deployment_id: str, reason: str | None = None) -> Json:
        """That it runs no more."""
        return self._connection.post(f"/v1/deployments/{_quoted(deployment_id)}/end", {"reason": reason})


def _quoted(part: str) -> str:
    return quote(part, safe="")
