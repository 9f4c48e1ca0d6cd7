"""Draws the states of a sign-off from the table that the tests hold the code to; `make docs` runs it."""

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from pathlib import Path

from placet_approval.domain.sign_off_transitions import OPEN, TRANSITIONS

PICTURE = Path(__file__).parent / "pictures/sign-off-states.svg"
WIDTH, HEIGHT = 148, 34
# The middle of each state's box.
PLACES = {
    "begin": (-20, 165),
    "in_feedback": (250, 80),
    "in_approval": (250, 250),
    "changes_requested": (470, 165),
    "approved": (790, 250),
    "suspended": (790, 80),
    "rejected": (100, 440),
    "withdrawn": (290, 440),
    "expired": (480, 440),
    "invalidated": (670, 440),
    "revoked": (860, 440),
}
BOXES = {"pending": (130, 45, 560, 285), "approved or suspended": (700, 45, 900, 285)}
"""Around states that lead to the same: left, top, right, bottom."""
INSIDE = {"pending": OPEN, "approved or suspended": ("approved", "suspended")}
WORDS = {
    "SignOffRequested": "requested",
    "FeedbackGiven": "feedback",
    "IssueResolved": "issue resolved",
    "IssueWaived": "issue waived",
    "ChangesRequested": "changes asked for",
    "SignOffApproved": "last signature",
    "SignOffSuspended": "suspended",
    "SignOffResumed": "resumed",
    "SignOffRejected": "one no",
    "SignOffWithdrawn": "by its requester",
    "SignOffExpired": "time is over",
    "SignOffInvalidated": "a fact changed",
    "SignOffRevoked": "revoked",
    "SignOffReset": "new round",
}
STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2933; text-anchor: middle }
.state { font-weight: 600; font-size: 13px }
.edge { fill: #52606d }
path { fill: none; stroke: #0f4c47; stroke-width: 1.5; marker-end: url(#tip) }
"""


def edges() -> dict[tuple[str, str], list[str]]:
    """From where to where → by what. What all states in a box lead to begins at the box."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for start, event, end in TRANSITIONS:
        if start in OPEN and event == "SignOffReset":
            continue  # a new round of one that is pending; it stays so
        to = "pending" if event in ("SignOffReset", "SignOffRequested") else end
        box = next(
            (box for box, those in INSIDE.items() if all((one, event, end) in TRANSITIONS for one in those) and start in those), start
        )
        found[box, to].add(WORDS[event])
    return {ends: sorted(words) for ends, words in sorted(found.items())}


def picture() -> str:
    """All states, and an arrow for each way between two."""
    drawn = edges()
    said = "; ".join(f"{start} to {end}: {' or '.join(by)}" for (start, end), by in drawn.items())
    return "\n".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 480" role="img" aria-labelledby="title">',
            f"<title id='title'>{escape(said)}</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0L8 4L0 8z" style="fill:#0f4c47;stroke:none;marker-end:none"/></marker></defs>',
            '<rect width="960" height="480" rx="8" fill="#f5f7fa"/>',
            *(line for name, bounds in BOXES.items() for line in _box(name, *bounds)),
            *(arrow for (start, end), words in drawn.items() for arrow in _arrow(start, end, words)),
            *(box for name, place in PLACES.items() if name != "begin" for box in _state(name, *place)),
            "</svg>\n",
        )
    )


def _box(name: str, left: int, top: int, right: int, bottom: int) -> Iterator[str]:
    yield f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" rx="8" fill="#ffffff" stroke="#9aa5b1"/>'
    yield f'<text x="{(left + right) / 2:g}" y="{top - 8}">{name}</text>'


def _state(name: str, x: int, y: int) -> Iterator[str]:
    yield f'<rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#ffffff" stroke="#0f4c47"/>'
    yield f'<text class="state" x="{x}" y="{y + 4}">{name.replace("_", " ")}</text>'


def _arrow(start: str, end: str, words: list[str]) -> Iterator[str]:
    (x1, y1), (x2, y2) = _edge(start, end), _edge(end, start)
    shift = 10 if (end, start) in edges() else 0  # two arrows between the same states lie beside each other
    length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 1)
    dx, dy = -(y2 - y1) / length * shift, (x2 - x1) / length * shift
    x1, y1, x2, y2 = x1 + dx, y1 + dy, x2 + dx, y2 + dy
    yield f'<path d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}"/>'
    upright = abs(x2 - x1) < abs(y2 - y1) / 3
    anchor, aside = ("start", 6 if dx >= 0 else -6) if upright else ("middle", 0)
    anchor = "end" if aside < 0 else anchor
    beside = 0 if upright else 3.5  # the words of two arrows between the same states lie on different sides
    x = (x1 + x2) / 2 + aside + beside * dx
    y = (y1 + y2) / 2 + beside * dy - (13 * (len(words) - 1) / 2 if upright else 6)
    for line, word in enumerate(words):
        place = f'x="{x:.0f}" y="{y + 13 * line + (4 if upright else 0):.0f}"'
        yield f'<text class="edge" style="text-anchor:{anchor}" {place}>{escape(word)}</text>'


def _edge(of: str, towards: str) -> tuple[float, float]:
    """Where the line between the middles of two boxes leaves the first one."""
    left, top, right, bottom = _bounds(of)
    other_left, other_top, other_right, other_bottom = _bounds(towards)
    x, y = (left + right) / 2, (top + bottom) / 2
    dx, dy = (other_left + other_right) / 2 - x, (other_top + other_bottom) / 2 - y
    scales = [abs((right - left) / 2 / dx) if dx else 9e9, abs((bottom - top) / 2 / dy) if dy else 9e9]
    return x + dx * min(scales), y + dy * min(scales)


def _bounds(name: str) -> tuple[float, float, float, float]:
    if name in BOXES:
        return BOXES[name]
    x, y = PLACES[name]
    return x - WIDTH / 2, y - HEIGHT / 2, x + WIDTH / 2, y + HEIGHT / 2


if __name__ == "__main__":
    PICTURE.write_text(picture())
