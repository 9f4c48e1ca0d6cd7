"""What the documents tell a reader to type or to open exists."""

import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from importlib.metadata import entry_points
from pathlib import Path

import pytest

LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
ANCHOR = re.compile(r"\]\((?!https?://)([^)#\s]*)#([^)\s]+)\)")
MAKE = re.compile(r"(?:^|`)make ([a-z][a-z-]*)", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):.*## ", re.MULTILINE)
PLACET = re.compile(r"(?:^|`)placet ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)(?=`)", re.MULTILINE)
COMMANDS = (Path(__file__).resolve().parents[2] / "docs/command.md").read_text()


def documents(files: list[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".md"]


def targets(root: Path) -> set[str]:
    return set(TARGET.findall((root / "Makefile").read_text()))


def test_make_targets_that_documents_name_exist(root: Path, files: list[Path]) -> None:
    named = {target for path in documents(files) for target in MAKE.findall(path.read_text())}
    assert named >= {"run", "demo", "test"}
    assert named - targets(root) == set()


def test_make_targets_are_all_in_its_help(root: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE) == phony[1].split()


def test_links_between_documents_lead_somewhere(files: list[Path]) -> None:
    links = [(path, link) for path in documents(files) for link in LINK.findall(path.read_text())]
    assert links
    assert [(path, link) for path, link in links if not (path.parent / link).exists()] == []


def anchors(page: Path) -> set[str]:
    """Of its headings, as forges and the site make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_links_lead_to_headings_that_are_there(files: list[Path]) -> None:
    links = [(path, *link) for path in documents(files) for link in ANCHOR.findall(path.read_text())]
    assert links
    assert [(path, link, name) for path, link, name in links if name not in anchors(path.parent / link if link else path)] == []


def test_every_page_has_a_place_in_the_site(root: Path, files: list[Path]) -> None:
    """`make site` says so too, and looks at each link as a reader would follow it."""
    configuration = (root / "mkdocs.yml").read_text()
    placed = re.findall(r"^ +- .+: (\S+\.md)$", configuration, re.MULTILINE)
    left_out = re.findall(r"^  /(\S+\.md)$", configuration, re.MULTILINE)
    pages = {str(path.relative_to(root)) for path in documents(files)}
    assert len(placed) == len(set(placed))
    assert set(placed) - pages == set()
    assert [page for page in pages - set(placed) if not any(fnmatch(page, pattern) for pattern in left_out)] == []


def test_pictures_of_the_readme_are_up_to_date(root: Path) -> None:
    for name, picture in runpy.run_path(str(root / "docs/draw_readme.py"))["pictures"]().items():
        assert (root / "docs/pictures" / name).read_text() == picture, "`make docs` draws it anew"


def test_list_of_decisions_is_up_to_date(root: Path) -> None:
    page = runpy.run_path(str(root / "docs/write_decisions.py"))["page"]()
    assert (root / "docs/decisions/README.md").read_text() == page, "`make docs` writes it anew"


@pytest.fixture(scope="module")
def placet() -> Callable[[], int | None]:
    """What the script of that name calls."""
    [script] = entry_points(group="console_scripts", name="placet")
    main: Callable[[], int | None] = script.load()
    return main


@pytest.mark.parametrize("command", sorted(set(PLACET.findall(COMMANDS))))
def test_placet_commands_in_the_documents_exist(command: str, placet: Callable[[], int | None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["placet", *command.split(), "--help"])
    with pytest.raises(SystemExit) as ended:
        sys.exit(placet())
    assert ended.value.code in (None, 0)


def test_decision_records_are_numbered_without_gaps(root: Path) -> None:
    numbers = sorted(int(path.name[:4]) for path in (root / "docs/decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_tests_that_the_page_on_attacks_names_exist(root: Path) -> None:
    """`A`, `S` and `V` stand for folders; a name that ends with … is the beginning of one or several tests'."""
    page = (root / "docs/security.md").read_text()
    cells = [row.rstrip(" |").rpartition(" | ")[2] for row in page.splitlines() if row.startswith("| ") and "`" in row]
    named = [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
    assert len(named) > 40
    short = {"A": "services/approval-service/tests", "S": "shared/tests", "V": "services/verification-service/tests"}
    places = [re.sub(r"^([ASV])(?=/)", lambda found: short[found[1]], name) for name in named if "/" in name]
    assert [place for place in places if not (root / place).exists()] == []
    sources = "".join(path.read_text() for folder in short.values() for path in (root / folder).rglob("test_*.py"))
    tests = [name.rstrip("…") for name in named if name.startswith("test_") and "/" not in name]
    assert [test for test in tests if f"def {test}" not in sources] == []
