"""A data set: a name under which versions of data are registered, numbered 1, 2, 3 …; verification plans name it and pin a digest."""

from datetime import datetime
from typing import Any, Self

from placet_registry.domain.data_facts import DataFacts, fingerprint
from placet_registry.domain.words import dataset_name
from placet_shared.aggregates import Aggregate, Recurring, origin_of
from placet_shared.errors import Conflict
from placet_shared.identifiers import derived_key

__all__ = ["NamedDataSet"]


class NamedDataSet(Aggregate):
    """All versions of one name. The stream's key is derived from the name, so that the name is unique and its numbers have no gaps."""

    TOPIC = "NamedDataSet"
    CATEGORY = "dataset"

    def __init__(self) -> None:
        self.dataset_id = ""
        self.name = ""
        self.first_owner = ""
        self.latest_number = 0
        self.numbers: dict[str, int] = {}

    class DataSetRegistered(Recurring):
        """The name's next number belongs to these bytes, for ever."""

        TOPIC = "DataSetRegistered"

        dataset_id: str
        name: str
        number: int
        sha256: str
        size: int
        format: str
        columns: list[dict[str, str]] | None
        rows: int | None
        period: dict[str, str] | None
        role: str
        owner: str

        def apply(self, aggregate: "NamedDataSet") -> None:
            aggregate.dataset_id = self.dataset_id
            aggregate.name = self.name
            aggregate.first_owner = aggregate.first_owner or self.owner
            aggregate.latest_number = self.number
            aggregate.numbers.setdefault(fingerprint(self.facts), self.number)

        @property
        def facts(self) -> dict[str, Any]:
            """What is compared to find out whether the same was registered before."""
            names = ("sha256", "size", "format", "columns", "rows", "period", "role", "owner")
            return {name: getattr(self, name) for name in names}

    @staticmethod
    def key_of(name: str) -> str:
        """The stream key of a name."""
        return derived_key(dataset_name("name", name))

    @classmethod
    def begin(cls, dataset_id: str, name: str, facts: DataFacts, at: datetime) -> Self:
        """Take a name that is free, with its first version."""
        key = cls.key_of(name)
        return cls.create(cls.DataSetRegistered, key=key, at=at, dataset_id=dataset_id, name=name, number=1, **facts.plain())

    def add(self, facts: DataFacts, *, actor_id: str, by_admin: bool, at: datetime) -> int:
        """The number of the version with these facts: a new one, unless the same was registered before.

        Raises `Conflict` unless the actor is the owner of the first version or an admin.
        """
        plain = facts.plain()
        if known := self.numbers.get(fingerprint(plain)):
            return known
        if not by_admin and actor_id != self.first_owner:
            raise self._refuse_another()
        values = {"dataset_id": self.dataset_id, "name": self.name, "number": self.latest_number + 1, **plain}
        self.trigger(self.DataSetRegistered, at=at, originator_topic=origin_of(self), **values)
        return self.latest_number

    def _refuse_another(self) -> Conflict:
        return Conflict(
            f"The name {self.name!r} belongs to another person, {self.first_owner}.",
            code="dataset_name_taken",
            resolve="Choose another name; or ask the owner of its first version, or an admin, to register this version.",
            name=self.name,
            dataset_id=self.dataset_id,
            owner=self.first_owner,
        )
