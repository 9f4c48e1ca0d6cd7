"""Whatever was once published can be read for ever."""

from pathlib import Path

import pytest

from placet_shared.aggregates import own_fields
from placet_shared.bus.envelope import decode, encode
from placet_shared.contracts.catalogue import CATALOGUE, every_version

from .event_registries import ACTIONS, EVENT_REGISTRIES, aggregate_of
from .sample_files import SAMPLES, digest_of, file_of, name_of, pinned_digests, sample_files

HOW = "run `pytest tests/contracts --record-samples`, read what it wrote, and commit it"
NEVER = (
    "A published sample never changes, since its bytes stand in users' logs. An event with other fields is a new schema version:"
    f" raise SCHEMA_VERSION of the event and of its contract, write an upcaster from the version before, and {HOW}."
)


def test_every_published_event_has_a_sample() -> None:
    wanted = {f"{source}/{name}.v{one.schema_version}.json" for source, events in CATALOGUE.items() for name, one in events.items()}
    assert wanted - {name_of(file) for file in sample_files()} == set(), HOW


def test_samples_are_as_they_were_published() -> None:
    assert {name_of(file): digest_of(file) for file in sample_files()} == pinned_digests(), NEVER


@pytest.mark.parametrize("file", sample_files(), ids=name_of)
def test_sample_comes_through_the_envelope_unchanged(file: Path) -> None:
    event = decode(file.read_bytes())
    assert file_of(event) == file
    assert encode(event) == file.read_bytes()


@pytest.mark.parametrize("file", sample_files(), ids=name_of)
def test_sample_fits_the_contract_of_its_schema_version(file: Path) -> None:
    event = decode(file.read_bytes())
    versions = {(name, one.schema_version): one.model for name, one in every_version(event.source)}
    model = versions[event.type, event.schema_version]
    assert model.model_validate_json(event.data).model_dump(mode="json").keys() == event.fields.keys()


@pytest.mark.parametrize("file", [file for file in sample_files() if file.name.split(".")[0] not in ACTIONS], ids=name_of)
def test_sample_becomes_the_event_that_the_service_knows_today(file: Path) -> None:
    event = decode(file.read_bytes())
    assert event.version is not None
    event_registry, aggregate = EVENT_REGISTRIES[event.source], aggregate_of(event.source, event.type)
    args = (event.stream, event.version, event.type, event.schema_version, event.recorded_at, event.data)
    rebuilt = event_registry.decode(aggregate, *args)
    values = {name: getattr(rebuilt, name) for name in own_fields(type(rebuilt))}
    published = CATALOGUE[event.source][event.type]
    assert type(rebuilt).__name__ == event.type
    assert published.schema_version == type(rebuilt).SCHEMA_VERSION
    published.model.model_validate(values)
    if event.schema_version == published.schema_version:
        assert event_registry.encode(rebuilt, event.subject).data == event.data


def test_nothing_but_samples_and_their_digests_is_in_the_folder() -> None:
    files = {path for path in SAMPLES.rglob("*") if path.is_file()}
    assert files == {*sample_files(), SAMPLES / "SHA256SUMS"}
