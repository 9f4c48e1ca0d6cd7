"""Draws the pictures of README.md: the flow of a version, and badges that say what the packages say of themselves; `make docs` runs it."""

import re
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures"
STEPS = (
    ("register", "developer", ("model, bytes by digest,", "data, who trained it"), "registry"),
    ("verify", "the machine", ("runs the model in a", "sandbox, by every plan"), "verification"),
    ("sign off", "reviewer, risk officer", ("distinct people, none of", "whom had a part in it"), "approval"),
    ("gate", "pipeline asks", ("these bytes, here, now?", "yes, or no and why"), "approval"),
    ("deploy", "pipeline reports", ("what runs where,", "approved or not"), "registry"),
)
WIDTH, HEIGHT, LEFT, GAP = 184, 128, 20, 20
STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #1f2933 }
.step { font-weight: 700; font-size: 18px; fill: #0f4c47 }
.who { font-weight: 600 }
.where { font-size: 12px; fill: #52606d }
"""


def flow() -> str:
    """A box for each step, in order, and below them what records all of it."""
    whole = 2 * LEFT + len(STEPS) * WIDTH + (len(STEPS) - 1) * GAP
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} 224" role="img" aria-labelledby="title">',
            "<title id='title'>" + escape("; ".join(f"{step}: {who}, {' '.join(what)}" for step, who, what, _ in STEPS)) + "</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{whole}" height="224" rx="8" fill="#f5f7fa"/>',
            *_boxes(),
            f'<rect x="{LEFT}" y="172" width="{whole - 2 * LEFT}" height="34" rx="6" fill="#0f4c47"/>',
            f'<text x="{whole / 2:g}" y="194" text-anchor="middle" style="fill:#ffffff">'
            "every step, refused ones too, becomes an event in the audit trail; nothing is edited</text>",
            "</svg>\n",
        )
    )


def _boxes() -> Iterator[str]:
    for number, (step, who, what, where) in enumerate(STEPS):
        x = LEFT + number * (WIDTH + GAP)
        yield f'<rect x="{x}" y="20" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#ffffff" stroke="#0f4c47" stroke-width="1.5"/>'
        lines = ((46, "step", step), (68, "who", who), (92, "", what[0]), (110, "", what[1]), (136, "where", f"{where}-service"))
        for y, kind, text in lines:
            yield f'<text x="{x + 12}" y="{y}" class="{kind}">{escape(text)}</text>'
        if number:
            yield f'<path d="M{x - GAP + 3} 84h10m-5 -5l6 5l-6 5" fill="none" stroke="#0f4c47" stroke-width="2"/>'


def badges() -> dict[str, str]:
    """File name → picture; from the command's package and from the versions that `make test-all-pythons` tests."""
    project = tomllib.loads((ROOT / "cli/pyproject.toml").read_text())["project"]
    pythons = re.search(r"^PYTHONS\s*:= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert pythons is not None
    tested = pythons[1].split()
    said = {"license": project["license"], "python": f"{tested[-1]} to {tested[0]}", "version": project["version"]}
    return {f"badge-{name}.svg": _badge(name, value) for name, value in said.items()}


def _badge(name: str, value: str) -> str:
    left, right = 16 + 7 * len(name), 16 + 7 * len(value)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(name)}: {escape(value)}">'
        f'<rect width="{left + right}" height="20" rx="3" fill="#0f4c47"/><rect width="{left}" height="20" rx="3" fill="#3e4c59"/>'
        '<g fill="#ffffff" font-family="system-ui, sans-serif" font-size="12" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{escape(name)}</text><text x="{left + right / 2:g}" y="14">{escape(value)}</text></g></svg>\n'
    )


def pictures() -> dict[str, str]:
    """All of them, by their file names."""
    return {"flow.svg": flow(), **badges()}


if __name__ == "__main__":
    for name, picture in pictures().items():
        (PICTURES / name).write_text(picture)
