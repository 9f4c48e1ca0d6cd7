"""`make demo`: one story from training to audit, told against a running installation; told again, it goes on where it was."""

from placet.demo.story import run_demo

__all__ = ["run_demo"]
