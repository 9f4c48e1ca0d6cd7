"""The models that a verification plan is for, by its `for`: by id, by name where `*` stands for any characters, by governance tag.

It has one meaning for all services: verification-service finds the plans to run by it, approval-service the evidence that is needed.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

__all__ = ["ANY_MODEL", "GOVERNANCE_TAGS", "ModelSelector", "SelectableModel", "fits_pattern"]

GOVERNANCE_TAGS: Final = "governance/"
"""What the keys of tags begin with that only admins set, so that no model leaves a plan because a developer untagged it."""

ANY_MODEL: Final = "*"
"""The lookup key of selectors that must be tried on every model."""


@dataclass(frozen=True, slots=True)
class SelectableModel:
    """What a selector looks at; an id and a name never change."""

    model_id: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def lookup_keys(self) -> Collection[str]:
        """Every selector that fits has one of these keys."""
        tags = (_tag_key(key, value) for key, value in self.tags.items() if key.startswith(GOVERNANCE_TAGS))
        return {ANY_MODEL, _model_key(self.model_id), _model_key(self.name), *tags}


@dataclass(frozen=True, slots=True)
class ModelSelector:
    """`models` are ids, names, and patterns of names; `tags` must have these values. One entry that fits is enough, and with no entry
    every model fits."""

    models: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """From the `for` of a plan in its full form."""
        return cls(tuple(document.get("models", ())), dict(document.get("tags", {})))

    @property
    def lookup_keys(self) -> Collection[str]:
        """Keys by which an index finds the selectors that may fit a model: they share one of the model's."""
        names = {ANY_MODEL if "*" in entry else _model_key(entry) for entry in self.models}
        return names | {_tag_key(key, value) for key, value in self.tags.items()} or {ANY_MODEL}

    @property
    def every_model(self) -> bool:
        """Whether no entry restricts it."""
        return not self.models and not self.tags

    @property
    def like_patterns(self) -> Sequence[str]:
        """The names with `*` in them, as SQL's LIKE has them."""
        return [re.sub(r"([\\%_])", r"\\\1", entry).replace("*", "%") for entry in self.models if "*" in entry]

    def fitting_entry(self, model: SelectableModel) -> str | None:
        """The entry by which a model is selected, for people to read; None when it is not selected."""
        if self.every_model:
            return "every model"
        for entry in self.models:
            if entry == model.model_id or fits_pattern(entry, model.name):
                return f"model {entry}"
        for key, value in self.tags.items():
            if key.startswith(GOVERNANCE_TAGS) and model.tags.get(key) == value:
                return f"tag {key}={value}"
        return None

    def selects(self, model: SelectableModel) -> bool:
        """Whether the plan is for this model."""
        return self.fitting_entry(model) is not None


def _model_key(entry: str) -> str:
    return f"model {entry}"


def _tag_key(key: str, value: str) -> str:
    return f"tag {key}={value}"


def fits_pattern(pattern: str, name: str) -> bool:
    """Whether a name fits; in the pattern * stands for any characters.

    Each part is sought once, left to right, so that no pattern takes long.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return name == pattern
    *middle, last = rest
    at, end = len(first), len(name) - len(last)
    if at > end or not (name.startswith(first) and name.endswith(last)):
        return False
    for part in middle:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
