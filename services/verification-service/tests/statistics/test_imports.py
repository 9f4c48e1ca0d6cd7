"""The statistics run in a child that is started for every run and trusts nothing: they import little."""

import ast
import subprocess
import sys
from pathlib import Path

from placet_verification.adapters.evaluation import statistics

EVALUATION = "placet_verification.adapters.evaluation"
PACKAGE = Path(statistics.__file__).parent


def test_modules_import_numpy_the_metrics_and_one_another() -> None:
    allowed = (f"{EVALUATION}.statistics.", f"{EVALUATION}.rows", f"{EVALUATION}.tallies", "numpy")
    found = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name for name in names if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(allowed)}
    assert found == set()


def test_scipy_is_not_loaded_with_them() -> None:
    modules = ", ".join(f"{EVALUATION}.statistics.{path.stem}" for path in PACKAGE.glob("*.py") if path.stem != "__init__")
    code = f"import sys, {modules}; print(sorted(name for name in sys.modules if name.split('.')[0] in {{'scipy', 'sklearn', 'pandas'}}))"
    answer = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
