"""What audit-service publishes itself: refusals of its own so far."""

__all__ = ["SOURCE"]

SOURCE = "audit"
