"""`placet demo --process`: one model from request to production and out of it again, with all that people do in between."""

from placet.demo.process.story import tell_process

__all__ = ["tell_process"]
