"""`placet demo`: the whole story, run against the running installation."""

from placet.demo import run_demo
from placet.demo.narration import Narration
from placet_client import Addresses
from placet_client.folders import data_folder

__all__ = ["demo"]


def demo() -> None:
    """Train two models, register, verify and sign off; one goes to production, one is stopped. A second run continues the first."""
    run_demo(Addresses.from_environment(), data_folder(), Narration())
