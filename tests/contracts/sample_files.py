"""The samples: of every event type and schema version that was ever published one event, as a feed served it.

They are only ever added: `pytest tests/contracts --record-samples` writes those that are missing.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from placet_shared.bus.envelope import decode
from placet_shared.event_store.records import RecordedEvent

SAMPLES = Path(__file__).with_name("samples")
DIGESTS = SAMPLES / "SHA256SUMS"


class FeedPage(msgspec.Struct):
    """A page of a feed, its events as bytes."""

    events: list[msgspec.Raw]


def events_of(page: bytes) -> list[bytes]:
    """Each CloudEvent of a feed's page, exactly as it was sent."""
    return [bytes(event) for event in msgspec.json.decode(page, type=FeedPage).events]


def file_of(event: RecordedEvent) -> Path:
    return SAMPLES / event.source / f"{event.type}.v{event.schema_version}.json"


def sample_files() -> list[Path]:
    return sorted(SAMPLES.glob("*/*.json"))


def name_of(file: Path) -> str:
    return file.relative_to(SAMPLES).as_posix()


def digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def pinned_digests() -> dict[str, str]:
    """File → SHA-256, as `sha256sum --check` reads it."""
    pairs = [line.split("  ") for line in DIGESTS.read_text().splitlines()] if DIGESTS.exists() else []
    return {name: digest for digest, name in pairs}


def record_missing(events: Iterable[bytes]) -> None:
    """Keep a sample of each type and schema version that has none, the one that says most, and pin its digest."""
    richest: dict[Path, bytes] = {}
    for raw in events:
        file = file_of(decode(raw))
        if not file.exists() and len(raw) > len(richest.get(file, b"")):
            richest[file] = raw
    for file, raw in richest.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
    pinned = {**pinned_digests(), **{name_of(file): digest_of(file) for file in richest}}
    DIGESTS.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(pinned.items())))
