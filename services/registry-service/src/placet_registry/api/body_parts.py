"""Parts of bodies."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from placet_registry.api.parameters import without_nul
from placet_registry.domain.words import IDENTIFIER_LENGTH

__all__ = ["DIGEST", "Body", "Digest", "EnvironmentName", "FreeText", "IdOrName", "Word"]

FreeText = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(without_nul)]
IdOrName = Annotated[str, Field(min_length=1, max_length=100, examples=["alice"]), AfterValidator(without_nul)]
Word = Annotated[str, Field(max_length=IDENTIFIER_LENGTH)]
Digest = Annotated[str, Field(max_length=64)]
EnvironmentName = Annotated[str, Field(max_length=63)]
DIGEST = "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"


class Body(BaseModel):
    """Unknown fields are refused, since they would be lost silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)
