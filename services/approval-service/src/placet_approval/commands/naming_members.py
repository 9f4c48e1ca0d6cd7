"""A refusal that is about one member of a release says which one; all the others are refused with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from placet_shared.errors import Refusal

__all__ = ["named_member"]


@contextmanager
def named_member(member: str) -> Iterator[None]:
    """`member` is the version as people know it, such as fraud/3."""
    try:
        yield
    except Refusal as refusal:
        facts = {**refusal.facts, "member": member}
        detail = f"{member}, which is part of the release: {refusal.detail}"
        raise type(refusal)(detail, code=refusal.code, resolve=refusal.resolve, errors=refusal.errors, **facts) from refusal
