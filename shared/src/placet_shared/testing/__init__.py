"""What tests of several packages use, and test suites of installations may: waiting, and services of which only some parts are there."""

from placet_shared.testing.partial_service import partial_service
from placet_shared.testing.waiting import DEADLINE, eventually, eventually_blocking

__all__ = ["DEADLINE", "eventually", "eventually_blocking", "partial_service"]
