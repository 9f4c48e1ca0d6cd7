"""The reference pages are what the code says, and the code says it of everything."""

import re
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from placet_approval.api.floor_documents import read_policy
from placet_verification.api.plan_documents import read_plan

from ..requests.operations import Operation, documents, operations

Script = Mapping[str, Any]


@pytest.fixture
def script(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A generator of documentation, which finds the modules beside it."""
    monkeypatch.syspath_prepend(root / "docs")
    return lambda name: runpy.run_path(str(root / "docs" / name))


def test_page_of_fields_is_what_the_classes_say(root: Path, script: Any) -> None:
    assert (root / "docs/document-fields.md").read_text() == script("write_document_fields.py")["page"](), "`make docs` writes it anew"


def test_pages_of_endpoints_are_what_the_services_say(root: Path, script: Any) -> None:
    pages = script("write_rest.py")["pages"]()
    assert {path.name: path.read_text() for path in (root / "docs/rest").glob("*.md")} == pages, "`make docs` writes them anew"


def test_every_endpoint_is_on_one_page(root: Path) -> None:
    for source, document in documents().items():
        told = "".join((root / "docs/rest" / name).read_text() for name in ("README.md", f"{source}.md"))
        headings = re.findall(r"^### (GET|HEAD|POST|PUT|PATCH|DELETE) (/\S+)$", told, re.MULTILINE)
        assert sorted(headings) == sorted((method.upper(), path) for path, methods in document["paths"].items() for method in methods)


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_every_endpoint_says_what_it_does(operation: Operation) -> None:
    """Its summary is a heading, its description at least one sentence that says more."""
    summary, description = operation.description["summary"], operation.description["description"].strip()
    assert summary
    assert not summary.endswith(".")
    assert description.removesuffix(".") != summary
    assert description.endswith(".")
    assert [one["name"] for one in operation.parameters if not (one.get("description") or one["schema"].get("description"))] == []


MOST_USED = {
    "registry": {"ModelAnswer", "VersionAnswer", "VersionBody", "DataSetAnswer", "DeploymentAnswer", "EnvironmentAnswer"},
    "verification": {"RunAnswer", "RunDetail", "PlanAnswer", "PlanPreviewAnswer", "ReportAnswer"},
    "approval": {
        "SignOffRequest",
        "SignOffSummary",
        "SignOffView",
        "Progress",
        "GateAnswer",
        "GateReason",
        "GateDecisionView",
        "PolicyView",
    },
    "audit": {"Line", "Deployed", "ParkedView", "Problem"},
}


def test_fields_of_the_most_used_answers_say_what_they_are_and_most_others_do() -> None:
    fields = [
        (service, name, field, bool(schema.get("description")))
        for service, document in documents().items()
        for name, answer in document["components"]["schemas"].items()
        for field, schema in answer.get("properties", {}).items()
    ]
    assert {(service, name) for service, name, *_ in fields} >= {(service, name) for service, names in MOST_USED.items() for name in names}
    assert [(name, field) for service, name, field, said in fields if name in MOST_USED[service] and not said] == []
    assert sum(said for *_, said in fields) / len(fields) > 0.68


def test_page_of_commands_is_what_the_command_says(root: Path, script: Any) -> None:
    page = (root / "docs/command-reference.md").read_text()
    assert page == script("write_command_reference.py")["page"](), "`make docs` writes it anew"
    assert page.count("```sh\n") > 60


@pytest.mark.parametrize("kind", ["plan", "policy", "floor"])
def test_every_field_of_a_document_says_what_it_is(script: Any, kind: str) -> None:
    writer = script("write_document_fields.py")
    model, _ = writer["EXAMPLES"][kind]
    described = {path: field.description for path, field, _ in writer["fields"](model)}
    assert len(described) > 15
    assert [path for path, description in described.items() if not description] == []


def test_examples_with_every_field_are_accepted(root: Path) -> None:
    """That they have every field is found when the page is made."""
    assert read_plan((root / "docs/examples/plan-with-every-field.yaml").read_text())["name"] == "credit-default"
    for kind in ("policy", "floor"):
        assert read_policy((root / f"docs/examples/{kind}-with-every-field.yaml").read_text()).environment == "prod"
