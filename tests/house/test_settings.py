"""Every variable that Placet reads is documented, and the table is the code's own."""

import ast
import re
import runpy
from collections.abc import Mapping
from pathlib import Path

from .conftest import folders

VARIABLE = re.compile(r"PLACET_[A-Z0-9]+(?:_[A-Z0-9]+)*")


def test_settings_table_is_what_the_code_reads(root: Path) -> None:
    page = (root / "docs/settings.md").read_text()
    with_table = runpy.run_path(str(root / "docs/write_settings.py"))["with_table"]
    assert page == with_table(page), "`make docs` writes it anew"


def test_variables_that_the_code_names_are_documented(root: Path, modules: Mapping[Path, ast.Module]) -> None:
    texts = [
        node.value
        for path, module in modules.items()
        if "src" in folders(path)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    named = {text for text in texts if VARIABLE.fullmatch(text)}
    assert named
    assert named - set(VARIABLE.findall((root / "docs/settings.md").read_text())) == set()
