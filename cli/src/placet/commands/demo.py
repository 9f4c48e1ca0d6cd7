"""`placet demo`: the whole story, told against the installation that runs."""

from placet.demo import run_demo
from placet.demo.narration import Narration
from placet_client import Addresses
from placet_client.folders import data_folder

__all__ = ["demo"]


def demo() -> None:
    """Train two models, register, verify and sign off; one goes to production, one is stopped. Told again, it goes on where it was."""
    run_demo(Addresses.from_environment(), data_folder(), Narration())
