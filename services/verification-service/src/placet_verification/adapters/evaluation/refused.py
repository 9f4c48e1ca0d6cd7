"""Why a model could not be tried; `child` turns it into the answer."""

from typing import Any

__all__ = ["Refused"]

_LONGEST = 200


class Refused(Exception):
    """`reason_code` is stable; `facts` say where, in short plain values (names in them come from files nobody trusts)."""

    def __init__(self, reason_code: str, **facts: Any) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
        self.facts = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in facts.items()}
