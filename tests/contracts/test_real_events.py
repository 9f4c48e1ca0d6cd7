"""What a real installation tells is what the contracts say."""

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from placet_shared.asyncapi import asyncapi_document
from placet_shared.bus.envelope import decode
from placet_shared.contracts.catalogue import ANYTHING, CATALOGUE
from placet_shared.event_store.records import RecordedEvent

from .asyncapi_checker import Checker
from .everything import tell_everything
from .sample_files import events_of, record_missing

pytestmark = pytest.mark.postgres

PAGE_LENGTH = 8
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/events.md"
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BEGINNINGS = {
    "ModelRegistered": "model",
    "EnvironmentDefined": "environment",
    "BlobStored": "blob",
    "DataSetRegistered": "data set",
    "PlanPublished": "plan",
    "PolicyDefined": "policy",
    "FloorDefined": "policy",
    "PolicyWithdrawn": "policy",
    "AccessPolicyDefined": "access policy",
    "PersonAdded": "person",
    "ServiceAccountAdded": "service account",
    "ReleaseRequested": "release",
    "WebhookAdded": "webhook",
    "ChannelAdded": "channel",
}


def pages_of(installation: Any, source: str) -> list[bytes]:
    """Everything in a feed, by its cursor."""
    pages: list[bytes] = []
    cursor = ""
    with httpx.Client(base_url=getattr(installation.addresses, source), trust_env=False) as http:
        while True:
            headers = {"Authorization": f"Bearer {installation.token('erin')}"}
            page = http.get("/v1/feed", params={"after": cursor, "limit": PAGE_LENGTH}, headers=headers).raise_for_status().content
            if not events_of(page):
                return pages
            pages.append(page)
            cursor = cursor_of(page)


@pytest.fixture(scope="module")
def pages(installation: Any, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[bytes]]:
    """Source → the pages of its feed, after a story in which everything happened."""
    tell_everything(installation, tmp_path_factory.mktemp("story"))
    return {source: pages_of(installation, source) for source in CATALOGUE}


@pytest.fixture(scope="module")
def story(pages: Mapping[str, list[bytes]], request: pytest.FixtureRequest) -> list[RecordedEvent]:
    raw = [event for source in pages.values() for page in source for event in events_of(page)]
    if request.config.getoption("--record-samples", default=False):
        record_missing(raw)
    return [decode(event) for event in raw]


def test_everything_that_is_published_happens(story: list[RecordedEvent]) -> None:
    happened = {(event.source, event.type, event.schema_version) for event in story}
    assert happened == {(source, name, one.schema_version) for source, events in CATALOGUE.items() for name, one in events.items()}


def test_everything_that_happens_fits_its_contract(story: list[RecordedEvent]) -> None:
    for event in story:
        CATALOGUE[event.source][event.type].model.model_validate_json(event.data)


def test_every_event_is_about_what_the_catalogue_says(story: list[RecordedEvent]) -> None:
    kinds: dict[str, set[str]] = defaultdict(set)
    for event in story:
        if kind := BEGINNINGS.get(event.type):
            kinds[event.subject].add(kind)
    about = {(event.type, event.subject, CATALOGUE[event.source][event.type].subject) for event in story}
    assert {one for one in about if one[2] != ANYTHING and not kinds[one[1]] & set(one[2])} == set()


@pytest.mark.parametrize("source", CATALOGUE)
def test_service_documents_what_it_publishes_and_its_feed_is_so(source: str, installation: Any, pages: Mapping[str, list[bytes]]) -> None:
    told = httpx.get(f"{getattr(installation.addresses, source)}/asyncapi.json", trust_env=False).raise_for_status().json()
    assert [channel["address"] for channel in told["channels"].values()] == [f"placet.{source}.v1", "/v1/feed"]
    assert [complaint for page in pages[source] for complaint in Checker(told).page(source, page)] == []


def test_page_of_another_source_is_noticed(pages: Mapping[str, list[bytes]]) -> None:
    checker = Checker(asyncapi_document(list(CATALOGUE), "1"))
    assert checker.page("registry", pages["registry"][0]) == []
    assert checker.page("approval", pages["registry"][0])
    assert checker.page("registry", pages["registry"][0].replace(b'"data":{', b'"data":{"mood":"good",', 1))


@pytest.mark.parametrize("source", CATALOGUE)
def test_feed_passes_the_check_that_the_documentation_shows(source: str, pages: Mapping[str, list[bytes]]) -> None:
    after = ""
    for page in pages[source]:
        checked = check_feed(page, after)
        assert checked.returncode == 0, checked.stderr
        after = checked.stdout.decode().strip()
    assert after == cursor_of(pages[source][-1])


def test_feed_with_a_gap_does_not_pass_it(pages: Mapping[str, list[bytes]]) -> None:
    first, second = pages["registry"][:2]
    assert check_feed(second, cursor_of(first)).returncode == 0
    assert check_feed(second, "").returncode != 0
    assert check_feed(second, cursor_of(second)).returncode != 0


def check_feed(page: bytes, after: str) -> subprocess.CompletedProcess[bytes]:
    (program,) = PYTHON.findall(DOCUMENT.read_text())
    return subprocess.run([sys.executable, "-c", program, after], input=page, capture_output=True, check=False)


def cursor_of(page: bytes) -> str:
    last = decode(events_of(page)[-1])
    return f"{last.epoch}:{last.position}:{last.id}"
