"""How codes are explained: what each means, what helps, and the page to read; `docs/write_codes.py` gathers them from every service.

Errors, denials and findings carry a code for programs and a sentence about the case at hand; here is what holds in every case.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ExplainedCode", "explained"]


@dataclass(frozen=True, slots=True)
class ExplainedCode:
    """`group` says where the code is met (gate, problem, run, …); `page` is a path in the repository."""

    group: str
    code: str
    meaning: str
    resolve: str
    page: str

    @property
    def name(self) -> str:
        """As `placet explain` is asked for it."""
        return f"{self.group}.{self.code}"


def explained(group: str, page: str, texts: Mapping[str, tuple[str, str]]) -> tuple[ExplainedCode, ...]:
    """The codes of a group that one page is about; `texts` has for each its meaning and what helps."""
    return tuple(ExplainedCode(group, code, meaning, resolve, page) for code, (meaning, resolve) in texts.items())
