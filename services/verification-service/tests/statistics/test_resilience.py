import numpy as np

from placet_verification.adapters.evaluation.statistics.proportions import wilson
from placet_verification.adapters.evaluation.statistics.resilience import (
    CriticalSample,
    critical_samples,
    resilience,
    unchanged_numbers,
)


def test_resilience_is_the_share_of_decisions_that_stay() -> None:
    found = resilience(np.arange(50) != 7)
    assert found is not None
    assert (found.value, found.ci, found.n) == (0.98, wilson(49, 50), 50)
    assert resilience(np.array([], dtype=bool)) is None


def test_numbers_stay_within_a_tolerance_and_a_lost_one_has_changed() -> None:
    before, after = np.array([1.0, 1.0, 1.0]), np.array([1.05, 1.2, np.nan])
    assert unchanged_numbers(before, after, 0.1).tolist() == [True, False, False]


def test_rows_that_most_corruptions_flip_come_first_and_of_equals_the_earlier() -> None:
    before = np.zeros(5, dtype=np.int64)
    after = [np.array([0, 1, 0, 1, 1]), np.array([0, 0, 0, 1, 0]), np.array([0, 0, 0, 0, 0])]
    assert critical_samples(before, after) == (CriticalSample(3, 2), CriticalSample(1, 1), CriticalSample(4, 1))
    assert critical_samples(before, after, most=1) == (CriticalSample(3, 2),)


def test_nothing_flipped_nothing_critical() -> None:
    before = np.array(["a", "b"])
    assert critical_samples(before, [before]) == ()
    assert critical_samples(before, []) == ()
    assert critical_samples(before[:0], [before[:0]]) == ()
