"""What the services answer, as frozen structs: a module for each noun.

Members that this release does not know are passed over and stay in `raw`, so that a newer service can be called. States and the like
are text for the same reason; what they can be is in the docstrings.
"""
