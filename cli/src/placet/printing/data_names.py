"""Data sets by name and number for the digests in runs, also of a version that is no longer the newest."""

from functools import cached_property

from placet_client import Client
from placet_client.answers.datasets import DataSetVersion
from placet_client.answers.verification import RunData
from placet_client.printing.words import plain, short

__all__ = ["DataNames"]

AS_MANY_AS_FIT = 1000


class DataNames:
    """Names are read once, when the first is needed; older versions of a name when a digest is none of the newest. Raises `ClientError`."""

    def __init__(self, placet: Client) -> None:
        self._placet = placet
        self._older: dict[str, DataSetVersion] = {}
        self._read: set[str] = set()

    def of(self, used: RunData) -> str:
        """`sees-doctor-test 1 (066e80522089, evaluation; the newest is 2)`; data without a name by their whole digest."""
        version = self._find(used.sha256)
        if version is None:
            return f"unnamed data {plain(used.sha256)} ({plain(used.input)})"
        newest = self._newest[version.name].number
        later = f"; the newest is {newest}" if newest > version.number else ""
        return f"{plain(version.name)} {version.number} ({short(used.sha256)}, {plain(used.input)}{later})"

    def _find(self, sha256: str) -> DataSetVersion | None:
        for version in self._newest.values():
            if version.sha256 == sha256:
                return version
        for version in self._newest.values():
            if sha256 not in self._older and version.number > 1 and version.name not in self._read:
                self._read.add(version.name)
                found = self._placet.registry.dataset_versions(version.name, AS_MANY_AS_FIT).items
                self._older |= {one.sha256: one for one in found}
        return self._older.get(sha256)

    @cached_property
    def _newest(self) -> dict[str, DataSetVersion]:
        return {version.name: version for version in self._placet.registry.datasets(AS_MANY_AS_FIT).items}
