"""The catalogue and what the services store say the same."""

import pytest

from placet_shared.aggregates import event_classes, own_fields
from placet_shared.contracts.catalogue import CATALOGUE, NOT_A_MODEL

from .event_registries import ACTIONS, EVENT_REGISTRIES, PUBLISHED

STORED = [(source, name) for source, aggregates in PUBLISHED.items() for name in event_classes(*aggregates)]


def test_catalogue_has_every_source_and_no_other() -> None:
    assert CATALOGUE.keys() == EVENT_REGISTRIES.keys()


@pytest.mark.parametrize("source", CATALOGUE)
def test_every_event_that_a_service_stores_has_a_contract_and_the_other_way_round(source: str) -> None:
    assert event_classes(*PUBLISHED[source]).keys() == CATALOGUE[source].keys() - ACTIONS


@pytest.mark.parametrize(("source", "name"), STORED)
def test_contract_has_name_version_and_fields_of_the_event(source: str, name: str) -> None:
    event, published = event_classes(*PUBLISHED[source])[name], CATALOGUE[source][name]
    assert published.model.__name__ == name
    assert published.schema_version == event.SCHEMA_VERSION
    assert published.model.model_fields.keys() == set(own_fields(event))


def test_no_two_sources_publish_another_event_under_the_same_name() -> None:
    """But for `ActionRefused`, whose contract they share."""
    models = {model for events in CATALOGUE.values() for _, model, _ in events.values()}
    assert len(models) == len({model.__name__ for model in models})


def test_subjects_are_told_of_events_that_exist() -> None:
    assert NOT_A_MODEL.keys() <= {name for events in CATALOGUE.values() for name in events}
