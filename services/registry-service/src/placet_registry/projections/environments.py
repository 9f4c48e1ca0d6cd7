"""One row an environment; `place` counts from 1 and a new one moves those behind it."""

from collections.abc import Iterable

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["ENVIRONMENT_ROWS"]

MAKE_ROOM = """
    update environments set place = place + 1
    where place > coalesce((select place from environments where name = $1), 0)
"""
INSERT_ENVIRONMENT = """
    insert into environments (name, place, defined_by, defined_at)
    values ($1, coalesce((select place from environments where name = $2), 0) + 1, $3, $4)
"""


def _defined(event: RecordedEvent) -> Iterable[Statement]:
    name, after = event.fields["name"], event.fields["after"]
    yield Statement(MAKE_ROOM, (after,))
    yield Statement(INSERT_ENVIRONMENT, (name, after, event.actor, event.recorded_at))


ENVIRONMENT_ROWS = {"EnvironmentDefined": _defined}
