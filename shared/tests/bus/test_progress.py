"""How far behind a consumer is, as people are told."""

from datetime import UTC, datetime

import pytest

from placet_shared.bus.progress import Progress
from placet_shared.event_store.records import Position


def test_consumer_that_is_level_is_not_behind_however_old_its_last_event() -> None:
    progress = Progress()
    assert (progress.lag, progress.delay(0), progress.silence(0)) == (None, None, None)
    progress.reached(7, datetime(2026, 1, 1, tzinfo=UTC))
    progress.heard(Position("registry", 1, 7))
    assert (progress.lag, progress.delay(2e9)) == (0, 0.0)


def test_consumer_is_behind_since_it_was_level_last() -> None:
    progress = Progress()
    old = datetime(2026, 1, 1, tzinfo=UTC)
    progress.reached(7, old)
    progress.heard(Position("registry", 1, 7))
    progress.heard(Position("registry", 1, 9))
    level = datetime.now(UTC).timestamp()
    assert progress.lag == 2
    assert progress.delay(level + 60) == pytest.approx(60, abs=10)
    progress.reached(9, old)
    assert progress.delay(level + 60) == 0.0
