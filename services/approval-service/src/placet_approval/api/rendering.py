"""Renders the result of a query as JSON; times are in UTC and end in `Z`."""

from typing import Any

import orjson

__all__ = ["rendered"]


def rendered(view: Any) -> orjson.Fragment:
    """A frozen view, or a list of them, for `json_response`, `conditional_response` and `cut`."""
    return orjson.Fragment(orjson.dumps(view, option=orjson.OPT_UTC_Z))
