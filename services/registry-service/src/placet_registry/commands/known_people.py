"""Resolves the people whom a claim names, since an unresolved name would exclude no person (rule 25)."""

from collections.abc import Sequence

from placet_registry.ports import People
from placet_shared.errors import FieldError, Invalid

__all__ = ["AskedOnce", "known_person", "resolved"]


class AskedOnce:
    """People, cached for the retries of one command: a retry must not ask again while other commands wait for the model's lock."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._known: dict[str, str | None] = {}

    async def person_id(self, id_or_name: str) -> str | None:
        """As in `People`."""
        if id_or_name not in self._known:
            self._known[id_or_name] = await self._people.person_id(id_or_name)
        return self._known[id_or_name]


async def resolved(role: str, ids_or_names: Sequence[str], people: People) -> list[str]:
    """The ids of people with a part in a version; raises what `known_person` raises."""
    return [await known_person(f"lineage.{role}.{place}", id_or_name, people) for place, id_or_name in enumerate(ids_or_names)]


async def known_person(field: str, id_or_name: str, people: People) -> str:
    """A person's id; raises `Invalid` for an unknown person, `Unavailable` when there is no answer."""
    person = await people.person_id(id_or_name)
    if person is None:
        raise Invalid(
            "There is no person with this id or name.",
            code="person_unknown",
            resolve="Name a person as approval-service knows them, or ask an admin to add them.",
            errors=[FieldError(field, id_or_name, "the id or name of a known person")],
        )
    return person
