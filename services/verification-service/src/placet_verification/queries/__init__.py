"""Reads of the read model, in SQL."""
