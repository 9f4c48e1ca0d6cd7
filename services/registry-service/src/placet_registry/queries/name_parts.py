"""Conditions on a part of a name, in any letter case; `{part}` is its placeholder."""

from typing import Final

__all__ = ["FEW", "NAMED", "NAME_HAS"]

# Up to so many rows are looked up by what was asked for; where more fit, they are soon met on the way along the names.
FEW: Final = 1_000
# By the index on `name_parts`: a part of at most three characters is in the index itself, a longer one by its parts of three.
NAMED: Final = """
    name_parts(name) @> array(
        select substr(lower({part}), start, 3) from generate_series(1, greatest(length({part}) - 2, 1)) start)
"""
NAME_HAS: Final = "position(lower({part}) in lower(name)) > 0"
