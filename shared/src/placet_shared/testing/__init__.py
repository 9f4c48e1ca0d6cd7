"""What tests of several packages use, and test suites of installations may: services of which only some parts are there."""

from placet_shared.testing.partial_service import partial_service

__all__ = ["partial_service"]
