"""Free texts beside events: the same at each of the four services."""

from placet_client.answers.texts import ErasedText
from placet_client.calls import Call
from placet_client.operations.paths import quoted


def erase_text(service: str, text_id: str) -> Call[ErasedText]:
    """For admins: removes the text for ever, there and in every copy; raises `Problem` with code text_not_found."""
    return Call(service, "POST", f"/v1/texts/{quoted(text_id)}/erase", ErasedText, json={})
