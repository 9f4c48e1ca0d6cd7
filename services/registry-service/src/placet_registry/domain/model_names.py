"""The owner of a name: a stream that can begin only once, so that no two models share a name."""

from datetime import datetime
from typing import Self

from placet_registry.domain.words import model_name
from placet_shared.aggregates import Aggregate, Created
from placet_shared.errors import Conflict
from placet_shared.identifiers import derived_key

__all__ = ["ModelName"]


class ModelName(Aggregate):
    """One name that is taken."""

    TOPIC = "ModelName"
    CATEGORY = "modelname"

    name: str
    model_id: str

    class ModelNameReserved(Created):
        """The name belongs to this model."""

        TOPIC = "ModelNameReserved"

        name: str
        model_id: str

    @staticmethod
    def key_of(name: str) -> str:
        """The stream key of a name, in its normal form."""
        return derived_key(model_name(name))

    @classmethod
    def reserve(cls, name: str, model_id: str, at: datetime) -> Self:
        """Take a name that is free."""
        name = model_name(name)
        return cls.create(cls.ModelNameReserved, key=cls.key_of(name), at=at, name=name, model_id=model_id)

    def refuse_another(self) -> Conflict:
        """The refusal of a second model with this name."""
        return Conflict(
            f"The name {self.name!r} belongs to another model.",
            code="model_name_taken",
            resolve=f"Register a version of model {self.model_id}, or choose another name.",
            name=self.name,
            model_id=self.model_id,
        )
