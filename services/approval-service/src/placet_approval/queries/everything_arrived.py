"""The barrier, for requests that must fail unless everything that was committed anywhere has arrived (rule 16)."""

from placet_approval.ports import EverythingArrived
from placet_shared.bus.barrier import NotPassed
from placet_shared.errors import Unavailable

__all__ = ["require_everything_arrived"]


async def require_everything_arrived(arrived: EverythingArrived) -> None:
    """Raises `Unavailable` with the barrier's code when that can't be confirmed."""
    try:
        await arrived.wait()
    except NotPassed as error:
        raise Unavailable(error.detail, code=error.code) from error
