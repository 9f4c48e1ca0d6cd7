"""Which models a plan is for: by id, name, pattern and governance tag; and what an index may rely on when it looks for such plans."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_shared.model_selectors import ANY_MODEL, ModelSelector, SelectableModel

# Few letters, so that they meet; `=`, spaces and a prefix's own letters, so that keys may be confused.
WORDS = st.text("ab*= /", max_size=6)
TAGS = st.dictionaries(st.sampled_from(["governance/", "governance/a", "governance/a=b", "a", "b"]), st.sampled_from(["a", "b", "b=a"]))
MODELS = st.builds(SelectableModel, st.text("ab= ", min_size=1, max_size=3), WORDS.filter(bool), TAGS)
SELECTORS = st.builds(ModelSelector, st.lists(WORDS, max_size=4).map(tuple), TAGS)

WINE = SelectableModel("id-1", "wine-quality", {"governance/risk": "high", "team": "vintners"})


@pytest.mark.parametrize(
    ("selector", "because"),
    [
        (ModelSelector(), "every model"),
        (ModelSelector(("id-1",)), "model id-1"),
        (ModelSelector(("wine-quality",)), "model wine-quality"),
        (ModelSelector(("*",)), "model *"),
        (ModelSelector(("wine-*",)), "model wine-*"),
        (ModelSelector(("*quality",)), "model *quality"),
        (ModelSelector(("w*e-q*y",)), "model w*e-q*y"),
        (ModelSelector(("**wine-quality**",)), "model **wine-quality**"),
        (ModelSelector(tags={"governance/risk": "high"}), "tag governance/risk=high"),
        (ModelSelector(("beer", "wine-*"), {"governance/risk": "low"}), "model wine-*"),
        (ModelSelector(("beer",), {"governance/risk": "high"}), "tag governance/risk=high"),
    ],
)
def test_a_model_is_selected_by_one_entry_that_fits(selector: ModelSelector, because: str) -> None:
    assert selector.fitting_entry(WINE) == because


@pytest.mark.parametrize(
    "selector",
    [
        ModelSelector(("wine",)),
        ModelSelector(("Wine-*",)),
        ModelSelector(("id-*",)),
        ModelSelector(("wine-quality*y",)),
        ModelSelector(("wine-qual*quality",)),
        ModelSelector(("*quality*wine*",)),
        ModelSelector(("wine?quality",)),
        ModelSelector(("wine.quality",)),
        ModelSelector(("",)),
        ModelSelector(tags={"governance/risk": "low"}),
        ModelSelector(tags={"governance/other": "high"}),
        ModelSelector(tags={"governance/risk": "hig*"}),
    ],
)
def test_a_model_that_no_entry_fits_is_not_selected(selector: ModelSelector) -> None:
    assert not selector.selects(WINE)


def test_a_tag_that_everyone_may_set_selects_nothing_and_keeps_nothing_out() -> None:
    assert not ModelSelector(tags={"team": "vintners"}).selects(WINE)
    assert ModelSelector().selects(SelectableModel("id-2", "beer", {"governance": "no"}))
    assert "tag team=vintners" not in WINE.lookup_keys


def test_a_document_without_entries_selects_every_model() -> None:
    documents: list[dict[str, object]] = [{}, {"models": []}, {"models": [], "tags": {}}]
    assert all(ModelSelector.from_document(written).selects(WINE) for written in documents)


@given(SELECTORS, MODELS)
def test_whenever_a_model_is_selected_it_shares_a_lookup_key_with_the_selector(selector: ModelSelector, model: SelectableModel) -> None:
    if selector.selects(model):
        assert set(selector.lookup_keys) & set(model.lookup_keys)


@given(SELECTORS)
def test_a_selector_that_needs_no_pattern_is_looked_up_by_exact_keys(selector: ModelSelector) -> None:
    restricted = selector.models or selector.tags
    tried_on_all = not restricted or any("*" in entry for entry in selector.models)
    assert (ANY_MODEL in selector.lookup_keys) == tried_on_all


@given(WORDS, st.text("ab*= /\n", min_size=1, max_size=8))
def test_a_pattern_fits_as_the_regular_expression_of_the_same_meaning(pattern: str, name: str) -> None:
    expected = re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), name, re.DOTALL) is not None
    assert ModelSelector((pattern,)).selects(SelectableModel("id", name)) == expected


class Read(str):
    """A name that counts how many of its characters a search has passed."""

    passed = 0

    def find(self, part: str, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
        """As `str.find`."""
        found = super().find(part, start, end)
        self.passed += (found + len(part) if found >= 0 else len(self)) - start
        return found


@pytest.mark.parametrize(("pattern", "fits"), [("*a" * 200, True), ("*a" * 201, False), ("*a" * 200 + "*b*", False), ("*a*" * 200, True)])
def test_a_pattern_of_many_parts_passes_over_each_character_once(pattern: str, fits: bool) -> None:
    """One that tried every place of every part would pass over more than there are atoms."""
    name = Read("a" * 200)
    assert ModelSelector((pattern,)).selects(SelectableModel("id", name)) == fits
    assert name.passed <= 2 * len(name)
