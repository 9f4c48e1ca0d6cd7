"""Reads of the views and of the log."""
