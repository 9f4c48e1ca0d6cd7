"""Consumers of all services' events."""
