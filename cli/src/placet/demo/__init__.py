"""`make demo`: one story from training to audit, run against a running installation; a second run continues where the first ended."""

from placet.demo.story import run_demo

__all__ = ["run_demo"]
