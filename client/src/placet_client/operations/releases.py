"""Releases: versions of several models that are signed off as one, by approval-service, and deployed as one, by registry-service."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_client.answers.answer import Page
from placet_client.answers.registry import ReportedDeployments
from placet_client.answers.releases import Release, ReleaseProgress, ReleaseSummary, RequestedRelease
from placet_client.calls import Call, Flow
from placet_client.operations.paths import IDENTIFIER, pages, quoted
from placet_client.problems import Missing

SERVICE = "approval"


def request_release(name: str, environment: str, version_ids: Sequence[str], rationale: str | None = None) -> Call[RequestedRelease]:
    """For developers: two to twenty versions, each of another model; what refuses one of them refuses all."""
    versions = [{"version_id": version_id} for version_id in version_ids]
    body = {"name": name, "environment": environment, "versions": versions, "rationale": rationale}
    return Call(SERVICE, "POST", "/v1/releases", RequestedRelease, json=body)


def releases(limit: int = 50, *, open: bool = False, **search: str | None) -> Flow[Page[ReleaseSummary]]:
    """The newest first; `search` may have environment and name."""
    return pages(SERVICE, "/v1/releases", Page[ReleaseSummary], limit, open="true" if open else None, **search)


def release_by_id(release_id: str) -> Call[Release]:
    """With the sign-offs of its versions."""
    return Call(SERVICE, "GET", f"/v1/releases/{quoted(release_id)}", Release)


def find_release(release: str, environment: str | None = None) -> Flow[Release]:
    """By its id, or the newest of this name, in this environment if one is named; raises `Missing`."""
    if IDENTIFIER.fullmatch(release):
        return (yield from release_by_id(release))
    found = yield from releases(1, name=release, environment=environment)
    if not found.items:
        where = f" for {environment}" if environment else ""
        raise Missing(f"There is no release {release}{where}.", "See `placet releases list`.")
    return (yield from release_by_id(found.items[0].id))


def decide_release(release_id: str, verb: str, body: Mapping[str, Any]) -> Call[ReleaseProgress]:
    """`verb` is approve, reject or withdraw: of all versions, or of none."""
    return Call(SERVICE, "POST", f"/v1/releases/{quoted(release_id)}/{verb}", ReleaseProgress, json=dict(body))


def report_deployments(
    environment: str, begun: Mapping[str, str | None], ended: Sequence[str] = (), reason: str | None = None
) -> Call[ReportedDeployments]:
    """What changed in an environment, all or nothing: versions that run now, by id, with their digests; deployments that ended, by id.

    For pipelines and admins.
    """
    versions = [{"version_id": version_id, "sha256": sha256} for version_id, sha256 in begun.items()]
    body = {"environment": environment, "begun": versions, "ended": list(ended), "reason": reason}
    return Call("registry", "POST", "/v1/deployments/batch", ReportedDeployments, json=body)
