"""A use case takes a command and gives a frozen result, a read gives frozen views: what an answer looks like is the API's to say."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .conftest import folders

ROOMS = {"commands", "queries"}
ANSWERS = {"Answer", "Committed"}
# audit-service's reads are pydantic models still.
WITH_FROZEN_VIEWS = {"registry-service", "verification-service", "approval-service"}


def answers_in(module: ast.Module) -> Iterator[str]:
    """What belongs to an API and is imported here; that nothing of HTTP is, import-linter checks."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            yield from (f"line {node.lineno}: {name.name} is an API's" for name in node.names if name.name in ANSWERS)


def models_in(module: ast.Module) -> Iterator[str]:
    """Pydantic is for the border."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module == "pydantic":
            yield f"line {node.lineno}: views are frozen dataclasses"


def thawed_in(module: ast.Module) -> Iterator[str]:
    """Dataclasses that can be changed once they are made."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            decorators = [ast.unparse(one) for one in node.decorator_list]
            if any(one.startswith("dataclass") and "frozen=True" not in one for one in decorators):
                yield f"line {node.lineno}: {node.name} is not frozen"


@pytest.fixture
def rooms(modules: Mapping[Path, ast.Module]) -> Mapping[Path, ast.Module]:
    found = {
        path: module
        for path, module in modules.items()
        if folders(path)[0] == "services" and folders(path)[2] == "src" and ROOMS.intersection(folders(path))
    }
    assert found
    return found


def test_use_cases_and_reads_know_no_answers(rooms: Mapping[Path, ast.Module]) -> None:
    assert {path.name: found for path, module in rooms.items() if (found := list(answers_in(module)))} == {}


def test_use_cases_and_reads_have_no_models_of_an_api(rooms: Mapping[Path, ast.Module]) -> None:
    converted = {path: module for path, module in rooms.items() if folders(path)[1] in WITH_FROZEN_VIEWS}
    assert {path.name: found for path, module in converted.items() if (found := list(models_in(module)))} == {}


def test_commands_results_and_views_are_frozen(rooms: Mapping[Path, ast.Module]) -> None:
    assert {path.name: found for path, module in rooms.items() if (found := list(thawed_in(module)))} == {}


def test_answer_and_model_in_a_use_case_are_noticed() -> None:
    assert list(answers_in(ast.parse("from placet_shared.event_store import Answer, UnitOfWork")))
    assert list(models_in(ast.parse("from pydantic import BaseModel")))


def test_dataclass_that_can_be_changed_is_noticed() -> None:
    assert list(thawed_in(ast.parse("@dataclass(slots=True)\nclass View: ...")))
