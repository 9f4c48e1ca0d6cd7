"""The rules hold in any checkout, also below folders that are named like those which the rules tell apart."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ABOUT_FOLDERS = ("test_domain.py", "test_rooms.py", "test_settings.py", "test_tree.py", "test_waiting.py")


def test_rules_about_folders_hold_below_folders_of_the_same_names(root: Path, files: list[Path], tmp_path: Path) -> None:
    checkout = tmp_path / "src" / "domain" / "tests" / "placet"
    for file in files:
        copy = checkout / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    subprocess.run(["git", "init", "--quiet", str(checkout)], check=True)
    tests = [f"tests/house/{name}" for name in ABOUT_FOLDERS]
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stdout
