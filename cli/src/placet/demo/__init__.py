"""`make demo`: one story from training to audit, told against a running installation; told again, it goes on where it was."""

from placet.demo.story import tell

__all__ = ["tell"]
