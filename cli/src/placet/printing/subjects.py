"""What an event is about, by name: a person, an account or a model."""

from placet.printing.people import Names
from placet_client import Client, ClientError
from placet_client.operations.paths import IDENTIFIER

__all__ = ["SubjectNames"]


class SubjectNames:
    """Each model is read once; what has no name that can be read is shown as it is."""

    def __init__(self, placet: Client) -> None:
        self._placet = placet
        self._people = Names(placet)
        self._models: dict[str, str] = {}

    def of(self, subject: str) -> str:
        """A name, or the subject."""
        person = self._people.of(subject)
        return person if person != subject or not IDENTIFIER.fullmatch(subject) else self._model(subject)

    def _model(self, model_id: str) -> str:
        if model_id not in self._models:
            try:
                self._models[model_id] = self._placet.registry.model(model_id).name
            except ClientError:
                self._models[model_id] = model_id
        return self._models[model_id]
