"""Writes decisions/README.md, the list of all records by their titles; `make docs` runs it."""

import re
from pathlib import Path

FOLDER = Path(__file__).with_name("decisions")
TITLE = re.compile(r"# (\d{4}) (.+)\n")
INTRODUCTION = """\
# Decisions

Why Placet is built as it is, one page each: the question, what was decided, what it costs. A record is never edited, only superseded by a
later one. `make docs` writes this list.

"""


def page() -> str:
    """With a line for each record, in their order."""
    lines = []
    for path in sorted(FOLDER.glob("[0-9]*.md")):
        found = TITLE.match(path.read_text())
        assert found is not None, path
        lines.append(f"- [{found[1]}]({path.name}) {found[2]}\n")
    return INTRODUCTION + "".join(lines)


if __name__ == "__main__":
    (FOLDER / "README.md").write_text(page())
