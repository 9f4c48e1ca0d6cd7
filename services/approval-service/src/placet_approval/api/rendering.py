"""Renders what a query gives as JSON, in the form that this service's answers have: times in UTC end in `Z`."""

from typing import Any

import orjson

__all__ = ["rendered"]


def rendered(view: Any) -> orjson.Fragment:
    """A frozen view, or a list of them, for `json_response`, `conditional_response` and `cut`."""
    return orjson.Fragment(orjson.dumps(view, option=orjson.OPT_UTC_Z))
