"""`placet demo`: the whole story, run against the running installation."""

from typing import Annotated

import typer

from placet.demo import run_demo
from placet.demo.narration import Narration
from placet.demo.process import tell_process
from placet_client import Addresses
from placet_client.folders import data_folder

__all__ = ["demo"]


def demo(
    process: Annotated[
        bool, typer.Option("--process", help="Tell what people do instead: feedback, a waiver, a deputy, a yes that ends, break-glass.")
    ] = False,
) -> None:
    """Train two models, register, verify and sign off; one goes to production, one is stopped. A second run continues the first."""
    tell = tell_process if process else run_demo
    tell(Addresses.from_environment(), data_folder(), Narration())
