"""Parameters of addresses and queries: their forms, so that nothing reaches the database that it can't even compare."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator

from placet_registry.domain.words import sha256_digest

__all__ = [
    "DeploymentId",
    "DigestPath",
    "DigestQuery",
    "EnvironmentQuery",
    "FormatQuery",
    "ModelId",
    "ModelIdQuery",
    "NamePart",
    "TagQuery",
    "VersionId",
    "without_nul",
]

_ID = r"^[0-9A-Za-z-]{1,64}$"
_DIGEST = r"^[0-9a-fA-F]{64}$"
_EXAMPLE = ["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"]


def without_nul(text: str) -> str:
    """PostgreSQL's text holds every character but this one."""
    if "\0" in text:
        raise ValueError("text without the character U+0000")
    return text


def _digest(text: str) -> str:
    return sha256_digest("sha256", text)


ModelId = Annotated[str, Path(pattern=_ID, description="Id of a model.", examples=_EXAMPLE)]
VersionId = Annotated[str, Path(pattern=_ID, description="Id of a version.", examples=_EXAMPLE)]
DeploymentId = Annotated[str, Path(pattern=_ID, description="Id of a deployment.", examples=_EXAMPLE)]
DigestPath = Annotated[str, Path(pattern=_DIGEST, description="SHA-256 of the bytes, hexadecimal."), AfterValidator(_digest)]

ModelIdQuery = Annotated[str | None, Query(pattern=_ID, description="Only this model.")]
DigestQuery = Annotated[
    Annotated[str, AfterValidator(_digest)] | None, Query(pattern=_DIGEST, description="Only what has this artifact, by SHA-256.")
]
FormatQuery = Annotated[str | None, Query(pattern=r"^[a-z-]{1,50}$", description="Only what has this format.", examples=["onnx"])]
EnvironmentQuery = Annotated[
    str | None, Query(pattern=r"^[a-z0-9-]{1,63}$", description="Only what is deployed there now.", examples=["prod"])
]
NamePart = Annotated[
    Annotated[str, AfterValidator(without_nul)] | None, Query(max_length=200, description="A part of the name, in any letter case.")
]
TagQuery = Annotated[
    list[Annotated[str, AfterValidator(without_nul)]] | None,
    Query(max_length=20, description="`key=value`, or `key` for any value; all must fit.", examples=[["team=risk"]]),
]
