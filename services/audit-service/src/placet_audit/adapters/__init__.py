"""Implementations of the ports: the log in PostgreSQL, the sources with their last known heads."""
