"""Prints releases: a list of them, one with its versions, and how one stands after an act."""

from collections.abc import Iterator, Mapping

from placet.printing.sign_offs import progress
from placet_client.answers.releases import Release, ReleaseProgress, ReleaseSummary
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.printing.page import Column, show_facts, show_line, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import plain

__all__ = ["COLUMNS", "IN_SHORT", "how_it_is", "show_release"]


def show_release(release: Release) -> None:
    """How it stands, and its versions."""
    show_facts(_facts(release))
    show_line("")
    show_table(SIGN_OFFS, release.sign_offs, "It has no version that is known here.", narrow=SIGN_OFFS_IN_SHORT)


def how_it_is(answer: ReleaseProgress, name: str, names: Mapping[str, str]) -> str:
    """In one sentence."""
    until = f", valid until {dated(answer.expires_at)}" if answer.expires_at else ""
    members = ", ".join(f"{plain(names.get(one.version_id, one.version_id))} {one.have} of {one.need}" for one in answer.members)
    signed = f"; signed: {members}" if answer.state in ("pending", "approved") else ""
    return f"Release {plain(name)} ({answer.id}) is {answer.state}{until}{signed}."


def _state(release: ReleaseSummary) -> str:
    return "expired" if release.expired else "suspended" if release.suspended else plain(release.state)


def _versions(release: ReleaseSummary) -> str:
    return ", ".join(plain(one.name) for one in release.members)


def _requested(release: ReleaseSummary) -> str:
    return f"{ago(release.requested_at)} by {plain(release.requester.name)}"


def _facts(release: Release) -> Iterator[tuple[str, str]]:
    yield "release", f"{plain(release.name)} → {plain(release.environment)}"
    yield "id", plain(release.id)
    yield "state", _state(release)
    yield "valid until", dated(release.expires_at)
    yield "requested", _requested(release)
    if release.ended_by:
        ended_with = next((one.name for one in release.members if one.sign_off_id == release.ended_with), None)
        by = plain(release.ended_by.name or release.ended_by.id)
        yield "ended", f"by {by}" + (f", with {plain(ended_with)}" if ended_with else "")


COLUMNS: tuple[Column[ReleaseSummary], ...] = (
    ("name", lambda one: plain(one.name)),
    ("environment", lambda one: plain(one.environment)),
    ("state", _state),
    ("versions", _versions),
    ("requested", _requested),
    ("id", lambda one: plain(one.id)),
)
IN_SHORT: tuple[Column[ReleaseSummary], ...] = (
    ("id", lambda one: plain(one.id)),
    ("of", lambda one: f"{plain(one.name)} → {plain(one.environment)}: {_state(one)}; {_versions(one)}"),
)
SIGN_OFFS: tuple[Column[SignOffSummary], ...] = (
    ("version", lambda one: f"{plain(one.model or one.model_id)}/{plain(one.number)}"),
    ("state", lambda one: "expired" if one.expired else plain(one.state)),
    ("signed", lambda one: f"{one.have} of {one.need}"),
    ("missing", progress),
    ("sign-off", lambda one: plain(one.id)),
)
SIGN_OFFS_IN_SHORT: tuple[Column[SignOffSummary], ...] = (
    ("sign-off", lambda one: plain(one.id)),
    ("of", lambda one: f"{plain(one.model or one.model_id)}/{plain(one.number)}: {plain(one.state)}, {one.have} of {one.need} signed"),
)
