"""The HTTP API for auditors and SREs; every authenticated actor may read."""

from placet_audit.api import as_of, entries, sources, timeline

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (timeline.router, as_of.router, entries.router, sources.router)
TAGS = (
    {"name": "timeline", "description": "Every act of every user and system, refused ones included."},
    {"name": "as of", "description": "What was deployed where at any moment, and who had approved it."},
    {"name": "entries", "description": "The audit log itself."},
)
