"""The services' answers, as frozen structs: a module for each noun.

Members that this release does not know are ignored and stay in `raw`, so that a newer service can be called. States and the like
are text for the same reason; the docstrings list their values.
"""
