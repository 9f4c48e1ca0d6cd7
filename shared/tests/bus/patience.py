"""How tests wait; it is the same in every package."""

from patience import FOREVER, until

__all__ = ["FOREVER", "until"]
