"""The events that audit-service publishes: its own refusals."""

__all__ = ["SOURCE"]

SOURCE = "audit"
