"""The reason why a model could not be evaluated; the child's main program turns it into the answer."""

from typing import Any

__all__ = ["Refused"]

_LONGEST = 200


class Refused(Exception):
    """`reason_code` is stable; `facts` say where, in short plain values (names in them come from untrusted files)."""

    def __init__(self, reason_code: str, **facts: Any) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
        self.facts = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in facts.items()}
