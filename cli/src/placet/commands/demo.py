"""`placet demo`: the whole story, told against the installation that runs."""

from placet.client import Addresses, ClientError
from placet.demo import tell
from placet.demo.stage import Stage
from placet_shared.settings import CommonSettings, SettingsError

__all__ = ["demo"]


def demo() -> None:
    """Train two models, register, verify and sign off; one goes to production, one is stopped. Told again, it goes on where it was."""
    try:
        settings = CommonSettings.load()
    except SettingsError as error:
        raise ClientError(str(error), "Correct the variables, or unset them.") from error
    tell(Addresses.of(settings), settings.data_dir, Stage())
