"""Loops: texts that the log's entries commit to are noted, erased and fetched."""
