"""Asks what a draft policy would have made of the past; a policy can be applied without the answer."""

from placet.applying import Checked
from placet.printing.policy_replay import replay_in_words
from placet_client import Client, ClientError
from placet_client.answers.policies import CheckedDocument, PolicyReplay
from placet_client.printing.page import note, show_warning

__all__ = ["replay_of", "show_replay"]


def replay_of(placet: Client, one: Checked) -> PolicyReplay | None:
    """None for what is no policy or says the same as the current version, and where history can't be replayed, which is warned of."""
    if not isinstance(one.answer, CheckedDocument) or (one.current and one.current.sha256 == one.answer.sha256):
        return None
    try:
        return placet.approval.replay_policy(one.source.text)
    except ClientError as error:
        show_warning(f"placet: history was not replayed: {error}")
        show_warning("  → The policy can be applied all the same; --no-replay leaves this out.")
        return None


def show_replay(found: PolicyReplay) -> None:
    """On standard error, as all that is said before something is defined."""
    for line in replay_in_words(found):
        note(line)
