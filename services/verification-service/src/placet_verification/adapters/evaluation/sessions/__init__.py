"""Engines: one module a format, which imports the format's library and opens files that have passed their gate."""
