"""Parameters of paths and queries: their forms, so that every value that reaches the database can be compared there."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, Field

from placet_registry.domain.words import IDENTIFIER_LENGTH, NAME_LENGTH_AS_SENT, sha256_digest

__all__ = [
    "DeploymentId",
    "DigestPath",
    "DigestQuery",
    "EnvironmentQuery",
    "FormatQuery",
    "ModelId",
    "ModelIdQuery",
    "ModelName",
    "NamePart",
    "TagKey",
    "TagQuery",
    "VersionId",
    "without_nul",
]

_ID: dict[str, Any] = {"pattern": r"^[0-9A-Za-z-]{1,64}$", "max_length": 64}
_DIGEST: dict[str, Any] = {"pattern": r"^[0-9a-fA-F]{64}$", "max_length": 64}
_EXAMPLE = ["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"]


def without_nul(text: str) -> str:
    """PostgreSQL's `text` can hold every character but U+0000."""
    if "\0" in text:
        raise ValueError("text without the character U+0000")
    return text


def _digest(text: str) -> str:
    return sha256_digest("sha256", text)


ModelId = Annotated[str, Path(**_ID, description="Id of a model.", examples=_EXAMPLE)]
VersionId = Annotated[str, Path(**_ID, description="Id of a version.", examples=_EXAMPLE)]
DeploymentId = Annotated[str, Path(**_ID, description="Id of a deployment.", examples=_EXAMPLE)]
DigestPath = Annotated[str, Path(**_DIGEST, description="SHA-256 of the bytes, hexadecimal."), AfterValidator(_digest)]

ModelIdQuery = Annotated[str | None, Query(**_ID, description="Only this model.")]
ModelName = Annotated[str, Path(max_length=NAME_LENGTH_AS_SENT, description="Name of a model.", examples=["credit-risk"])]
TagKey = Annotated[str, Path(max_length=IDENTIFIER_LENGTH, description="Key of a tag.", examples=["team"])]

DigestQuery = Annotated[
    Annotated[str, Field(**_DIGEST), AfterValidator(_digest)] | None, Query(description="Only what has this artifact, by SHA-256.")
]
FormatQuery = Annotated[
    str | None, Query(pattern=r"^[a-z-]{1,50}$", max_length=50, description="Only what has this format.", examples=["onnx"])
]
EnvironmentQuery = Annotated[
    str | None, Query(pattern=r"^[a-z0-9-]{1,63}$", max_length=63, description="Only what is deployed there now.", examples=["prod"])
]
NamePart = Annotated[
    Annotated[str, Field(max_length=200), AfterValidator(without_nul)] | None, Query(description="A part of the name, in any letter case.")
]
TagQuery = Annotated[
    list[Annotated[str, Field(max_length=2 * IDENTIFIER_LENGTH + 1), AfterValidator(without_nul)]] | None,
    Query(max_length=20, description="`key=value`, or `key` for any value; all must fit.", examples=[["team=risk"]]),
]
