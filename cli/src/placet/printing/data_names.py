"""Data sets by name and number for the digests in runs, under all names that the same bytes have."""

from collections.abc import Iterator, Sequence
from functools import cache

from placet_client import Client
from placet_client.answers.datasets import DataSetVersion
from placet_client.answers.verification import RunData
from placet_client.printing.words import plain, short

__all__ = ["DataNames"]

MANY = 5


class DataNames:
    """The registry is asked once for each digest, and for each name. Raises `ClientError`."""

    def __init__(self, placet: Client) -> None:
        self._placet = placet
        self._versions = cache(self._find_versions)
        self._newest = cache(self._find_newest)

    def of(self, used: RunData) -> str:
        """`sees-doctor-test 1 (066e80522089, evaluation; the newest is 2)`; data without a name by their whole digest."""
        versions = self._versions(used.sha256)
        if not versions:
            return f"unnamed data {plain(used.sha256)} ({plain(used.input)})"
        named = " = ".join(f"{plain(version.name)} {version.number}" for version in versions)
        return f"{named} ({'; '.join([f'{short(used.sha256)}, {plain(used.input)}', *self._later(versions)])})"

    def _later(self, versions: Sequence[DataSetVersion]) -> Iterator[str]:
        """Which name has other bytes by now."""
        for name in dict.fromkeys(version.name for version in versions):
            newest = self._newest(name)
            if newest.sha256 != versions[0].sha256:
                yield f"the newest {f'{plain(name)} ' if len(versions) > 1 else ''}is {newest.number}"

    def _find_versions(self, sha256: str) -> Sequence[DataSetVersion]:
        return self._placet.registry.datasets_of_bytes(sha256, MANY).items

    def _find_newest(self, name: str) -> DataSetVersion:
        return self._placet.registry.dataset(name)
