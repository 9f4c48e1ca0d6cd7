"""Tags that only an admin sets and removes: verification plans select models by them, and no developer may leave a plan by untagging."""

from collections.abc import Iterable

from placet_shared.errors import Forbidden
from placet_shared.model_selectors import GOVERNANCE_TAGS

__all__ = ["is_governance_tag", "refuse_governance_tags"]


def is_governance_tag(key: str) -> bool:
    """Whether the key is reserved."""
    return key.startswith(GOVERNANCE_TAGS)


def refuse_governance_tags(keys: Iterable[str], *, by_admin: bool) -> None:
    """Raises `Forbidden` for the first key that is reserved, unless an admin sets or removes it."""
    reserved = next((key for key in keys if is_governance_tag(key)), None)
    if reserved is None or by_admin:
        return
    raise Forbidden(
        f"The tag {reserved!r} is a governance tag; only an admin sets and removes these.",
        code="tag_reserved",
        resolve=f"Use a key that does not begin with {GOVERNANCE_TAGS!r}, or ask an admin to change this tag.",
        reserved_prefix=GOVERNANCE_TAGS,
    )
