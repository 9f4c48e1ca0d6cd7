"""Policies to begin with; each says at its top what it is for and which people and roles it needs."""

from collections.abc import Mapping
from importlib.resources import files

__all__ = ["example_policies"]


def example_policies() -> Mapping[str, str]:
    """Name → YAML, the smallest first."""
    found = [one for one in files(__name__).iterdir() if one.name.endswith(".yaml")]
    texts = {one.name.removesuffix(".yaml"): one.read_text(encoding="utf-8") for one in found}
    return dict(sorted(texts.items(), key=lambda example: len(example[1])))
