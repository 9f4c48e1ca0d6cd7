"""Builds the site of these pages into build/site; `make site` runs it, and a link that leads nowhere ends it with an error.

Pages link to one another by where they lie in the repository, some of them beside or above docs/. So the site's sources are a copy of the
repository with its pages and what these link to, and every link is the same here, on a forge and in an editor.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "build/site-sources"
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


def pages() -> Iterator[Path]:
    """Those that are tracked or would be with `git add .`."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    yield from (path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def sources() -> set[Path]:
    """Pages, and the files that they link to."""
    found: set[Path] = set()
    for page in pages():
        linked = (page.parent / link for link in LINK.findall(page.read_text()))
        found |= {page, *(Path(os.path.normpath(path)) for path in linked if path.is_file())}
    return found


def main() -> int:
    """What mkdocs ends with."""
    shutil.rmtree(SOURCES, ignore_errors=True)
    for path in sources():
        copy = SOURCES / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(ROOT / "mkdocs.yml")]
    built = subprocess.run(command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False)
    for line in built.stderr.splitlines():
        if not line.startswith("INFO"):
            print(line, file=sys.stderr)
    return built.returncode


if __name__ == "__main__":
    ended = main()
    if ended == 0:
        print("The site is in build/site. To search in it: python3 -m http.server --bind 127.0.0.1 --directory build/site")
    sys.exit(ended)
