"""Reports of runs that a command keeps in files."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from placet.report_files import save_report

PLACET: Any = SimpleNamespace(verification=SimpleNamespace(run_report=lambda *_: b"<html>"))


def test_report_is_written_in_place_of_the_one_before_and_through_no_link(tmp_path: Path) -> None:
    mine, report = tmp_path / "bashrc", tmp_path / "report.html"
    mine.write_text("mine")
    report.symlink_to(mine)
    (tmp_path / ".report.html.arriving").symlink_to(mine)
    save_report(PLACET, "r", report)
    assert (mine.read_text(), report.read_bytes(), report.is_symlink()) == ("mine", b"<html>", False)
    assert {file.name for file in tmp_path.iterdir()} == {"bashrc", "report.html"}
