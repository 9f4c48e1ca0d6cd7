"""An environment (dev, test, prod or your own) and its place in the order along which versions are promoted."""

from datetime import datetime
from typing import Final, Self

from placet_registry.domain.words import environment_name
from placet_shared.aggregates import Aggregate, Created
from placet_shared.errors import Conflict

__all__ = ["DEFAULT_ENVIRONMENTS", "Environment"]

DEFAULT_ENVIRONMENTS: Final = ("dev", "test", "prod")


class Environment(Aggregate):
    """One environment, never removed. Its stream's key is its name, so that a name can be defined only once."""

    TOPIC = "Environment"
    CATEGORY = "environment"

    name: str
    after: str | None

    class EnvironmentDefined(Created):
        """The environment comes right after another one, or before all when `after` is None; events in order give the order."""

        TOPIC = "EnvironmentDefined"

        name: str
        after: str | None

    @classmethod
    def define(cls, name: str, after: str | None, at: datetime) -> Self:
        """Begin an environment; `after` is one that exists."""
        name = environment_name("name", name)
        return cls.create(cls.EnvironmentDefined, key=name, at=at, name=name, after=after)

    def refuse_again(self) -> Conflict:
        """The refusal of a second definition of the name."""
        return Conflict(
            f"The environment {self.name!r} is defined already.",
            code="environment_exists",
            resolve="Use it as it is, or choose another name; an environment keeps its place for ever.",
            name=self.name,
        )
