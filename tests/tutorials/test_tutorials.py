"""The pages that lead people step by step, command by command, with what they say is printed; and the example of README.md.

All of them on one installation, as a reader has it: each page brings models, plans, environments and people of its own.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from ..pipelines.snippets import need
from .pages import DOCS, Step, missing, plain_words, steps
from .terminal import Said, type_all

pytestmark = pytest.mark.postgres

FOLDERS = ("tutorials", "people", "how-to")
PAGES = [page for folder in FOLDERS for page in sorted((DOCS / folder).glob("*.md"))]
README = DOCS.parent / "README.md"
ASKS_FOR_THE_CODE = "echo $?"


def test_each_folder_has_pages() -> None:
    assert {page.parent.name for page in PAGES} == set(FOLDERS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_page_does_what_it_says(page: Path, installation: Any, tmp_path: Path) -> None:
    wanted = list(steps(page))
    for program in ("curl", "jq"):
        if any(re.search(rf"\b{program} ", step.code) for step in wanted):
            need(program)
    assert wanted, "a page that leads step by step has commands"
    typed(wanted, installation, tmp_path)


def test_example_of_the_readme_prints_what_it_shows(installation: Any, tmp_path: Path) -> None:
    """All of it, and nothing else."""
    plan, *commands = [step for step in steps(README) if step.shown is not None or "plan.yaml" in step.code]
    nodes = [helper.make_node("Sigmoid", ["X"], ["P"])]
    x, p = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in "XP")
    onnx.save(helper.make_model(helper.make_graph(nodes, "churn", [x], [p])), tmp_path / "churn.onnx")
    said = typed([plan, *commands], installation, tmp_path)
    for step, (text, _) in zip(commands, said[1:], strict=True):
        assert plain_words(text) == plain_words(step.shown or ""), text


def typed(wanted: Sequence[Step], installation: Any, folder: Path) -> Said:
    """Step by step; a command may fail only where the page asks for its exit code next, or shows it."""
    said = type_all(wanted, folder, installation.environment)
    for step, after, (text, code) in zip(wanted, [*wanted[1:], None], said, strict=False):
        told = f"{step.code}\n{text}"
        assert code == 0 or (after and after.code == ASKS_FOR_THE_CODE), told
        assert missing(step.shown or "", text) == [], told
    assert len(said) == len(wanted)
    return said
