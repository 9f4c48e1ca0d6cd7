"""Reads: named SQL over the service's own rows."""
