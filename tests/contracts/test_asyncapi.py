"""The AsyncAPI document is one: for the official parser, and with examples that are what their schemas say."""

import copy
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from placet_shared.asyncapi import asyncapi_document
from placet_shared.asyncapi.attribute_schemas import ATTRIBUTES
from placet_shared.bus.envelope import CloudEvent, decode
from placet_shared.bus.kafka.messages import encode
from placet_shared.contracts.catalogue import CATALOGUE

from .asyncapi_checker import Checker
from .asyncapi_parser import install_parser
from .sample_files import name_of, sample_files

Document = dict[str, Any]

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/asyncapi.yaml"
APPROVED = "approval.SignOffApproved.v1"


@cache
def whole_document() -> Document:
    """Read once in a run: a test that breaks it breaks a copy."""
    document: Document = yaml.safe_load(DOCUMENT.read_text())
    return document


def an_unknown_action(document: Document) -> None:
    document["operations"]["publishApprovalEvents"]["action"] = "publish"


def a_reference_to_nowhere(document: Document) -> None:
    document["channels"]["approval"]["messages"]["SignOffApproved.v1"]["$ref"] += "0"


def a_schema_that_is_none(document: Document) -> None:
    document["components"]["schemas"]["approval.SignOffApproved"]["required"] = "everything"


def no_version(document: Document) -> None:
    del document["info"]["version"]


def a_payload_without_a_field(document: Document) -> None:
    del document["components"]["messages"][APPROVED]["examples"][0]["payload"]["artifact_sha256"]


def a_payload_with_another_type(document: Document) -> None:
    document["components"]["messages"][APPROVED]["examples"][0]["payload"]["approvals"] = "both"


def headers_without_an_id(document: Document) -> None:
    del document["components"]["messages"][APPROVED]["examples"][0]["headers"]["ce_id"]


def headers_of_another_event(document: Document) -> None:
    document["components"]["messages"][APPROVED]["examples"][0]["headers"]["ce_type"] = "placet.SignOffRejected.v1"


def a_time_that_is_none(document: Document) -> None:
    document["components"]["messages"][APPROVED]["examples"][0]["headers"]["ce_time"] = "yesterday"


def no_example(document: Document) -> None:
    document["components"]["messages"][APPROVED]["examples"] = []


Breaking = Callable[[Document], None]
NO_DOCUMENTS: tuple[Breaking, ...] = (an_unknown_action, a_reference_to_nowhere, a_schema_that_is_none, no_version)
WRONG_EXAMPLES: tuple[Breaking, ...] = (
    a_payload_without_a_field,
    a_payload_with_another_type,
    headers_without_an_id,
    headers_of_another_event,
    a_time_that_is_none,
    no_example,
)


@cache
def checker_of(*sources: str) -> Checker:
    """Of the document of these."""
    return Checker(asyncapi_document(list(sources), "1"))


def broken(breaking: Breaking) -> Document:
    document = copy.deepcopy(whole_document())
    breaking(document)
    return document


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """Document → what the official parser says against it: the published one, each service's own, and some that are broken."""
    documents = {
        "whole": whole_document(),
        **{source: asyncapi_document([source], "1") for source in CATALOGUE},
        **{breaking.__name__: broken(breaking) for breaking in NO_DOCUMENTS},
    }
    return install_parser().errors_of(documents, tmp_path_factory.mktemp("documents"))


@pytest.mark.parametrize("name", ["whole", *CATALOGUE])
def test_document_is_one_for_the_official_parser(errors: Mapping[str, list[str]], name: str) -> None:
    assert errors[name] == []


@pytest.mark.parametrize("breaking", NO_DOCUMENTS)
def test_broken_document_is_none_for_the_official_parser(errors: Mapping[str, list[str]], breaking: Breaking) -> None:
    assert errors[breaking.__name__]


def test_examples_are_what_their_schemas_say() -> None:
    assert Checker(whole_document()).examples() == []


@pytest.mark.parametrize("breaking", WRONG_EXAMPLES)
def test_example_against_its_schema_is_noticed(breaking: Breaking) -> None:
    complaints = Checker(broken(breaking)).examples()
    assert complaints
    assert all(complaint.startswith(APPROVED) for complaint in complaints)


@pytest.mark.parametrize("file", sample_files(), ids=name_of)
def test_sample_is_a_message_of_its_source(file: Path) -> None:
    event = decode(file.read_bytes())
    headers = encode(event).headers
    assert checker_of(event.source).message(f"placet.{event.source}.v1", headers, event.data) == []


def test_sample_is_no_message_of_another_source() -> None:
    event = decode(next(file for file in sample_files() if file.stem == "SignOffApproved.v1").read_bytes())
    headers = encode(event).headers
    checker = checker_of(*CATALOGUE)
    assert checker.message("placet.approval.v1", headers, event.data) == []
    assert checker.message("placet.registry.v1", headers, event.data)
    assert checker.message("placet.approval.v1", headers, b'{"sign_off_id": 7}')
    assert checker.message("placet.approval.v1", [*headers, ("ce_mood", b"good")], event.data)


def test_attributes_are_those_of_the_envelope() -> None:
    assert ATTRIBUTES.keys() == {field.name for field in msgspec.structs.fields(CloudEvent)} - {"data"}


def test_document_has_a_topic_and_a_feed_of_every_source() -> None:
    channels = [channel["address"] for channel in whole_document()["channels"].values()]
    assert sorted(channels) == sorted([f"placet.{source}.v1" for source in CATALOGUE] + ["/v1/feed"] * len(CATALOGUE))
