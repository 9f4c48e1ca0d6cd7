"""The barrier before what must rest on everything that was committed anywhere (rule 16), for requests that it would make wrong to go on."""

from placet_approval.ports import EverythingArrived
from placet_shared.bus.barrier import NotPassed
from placet_shared.errors import Unavailable

__all__ = ["require_everything_arrived"]


async def require_everything_arrived(arrived: EverythingArrived) -> None:
    """Raises `Unavailable` with the barrier's code when it can't be told."""
    try:
        await arrived.wait()
    except NotPassed as trouble:
        raise Unavailable(trouble.detail, code=trouble.code) from trouble
