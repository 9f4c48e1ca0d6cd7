"""Names instead of ids in output: events and answers hold ids only."""

from functools import cached_property

from placet_client import Client, ClientError

__all__ = ["Names"]

AS_MANY_AS_FIT = 1000


class Names:
    """People are read once, when the first name is needed; an unknown person is shown by id."""

    def __init__(self, placet: Client) -> None:
        self._placet = placet

    def of(self, holder_id: str | None) -> str:
        """A name, or the id."""
        return self._known.get(holder_id or "", holder_id or "")

    def id_of(self, name: str) -> str:
        """The id of a name; an unknown name is taken as an id."""
        return next((holder_id for holder_id, known in self._known.items() if known == name), name)

    @cached_property
    def _known(self) -> dict[str, str]:
        try:
            people = self._placet.approval.people(AS_MANY_AS_FIT).items
            accounts = self._placet.approval.service_accounts(AS_MANY_AS_FIT).items
        except ClientError:
            return {}
        known = {person.person_id: person.name for person in people if person.name}
        return {**known, **{account.account_id: account.name for account in accounts}}
