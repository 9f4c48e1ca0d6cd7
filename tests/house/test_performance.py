"""The page of figures is what was measured, and what can be measured anywhere is."""

import json
import re
import runpy
from pathlib import Path


def test_page_and_pictures_are_of_the_figures_that_were_measured(root: Path) -> None:
    page = (root / "docs/performance.md").read_text()
    written = runpy.run_path(str(root / "docs/write_performance.py"))
    assert page == written["with_figures"](page), "`make docs` writes it anew"
    for name, document in written["drawn"]().items():
        assert written["mark_of"](document) in written["picture_of"](name).read_text(), f"`make docs` draws {name} anew"


def test_every_benchmark_that_needs_nothing_else_is_run_by_make_bench(root: Path) -> None:
    listed = re.search(r"^BENCHMARKS := (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert listed is not None
    scripts = {path.stem for path in (root / "benchmarks").glob("*.py")}
    assert scripts - {"first_run", "over_kafka"} == set(listed[1].split())


def test_figures_say_with_which_command_and_on_what_they_were_measured(root: Path) -> None:
    found = [json.loads(path.read_text()) for path in (root / "benchmarks/results").glob("*.json")]
    assert found
    assert all(document["command"].startswith("benchmarks/") and document["machine"] and document["tables"] for document in found)
