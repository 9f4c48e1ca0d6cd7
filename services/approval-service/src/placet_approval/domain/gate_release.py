"""What a release means to the gate: a member goes nowhere while another one has no yes.

Acts on one member end or hold all of them by events; this is for what no event says: a fact that has changed a moment ago, a no on the same
bytes under another version, a claim about signers. Age of evidence, debts and the environment before are asked of each member by itself.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from placet_approval.domain.gate_facts import Candidate
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.known_sign_off import KnownSignOff, OfRelease, contested_claims, outdated_by, standing_noes
from placet_approval.domain.policy_terms import PolicyVersion

__all__ = ["release_ends", "release_reasons"]


def release_reasons(candidate: Candidate, policy: PolicyVersion, at: datetime) -> Iterator[Reason]:
    """The members without a yes, where the approval that decides is part of a release; also where not all of them are known."""
    release = _release(candidate)
    if release is None:
        return
    lacking = [{**_named(mate), "why": why} for mate in candidate.mates if (why := _lacks(mate, release, policy, at))]
    unknown = release.members - 1 - len(candidate.mates)
    if lacking or unknown:
        members = ", ".join(f"{one['model']}/{one['number']} ({one['why']})" for one in lacking) or f"{unknown} of its versions are unknown"
        yield Reason(
            "release_incomplete",
            f"This version was approved as part of a release, of which another version has no yes: {members}.",
            "See the release: `placet releases show ID`. Request another one, or a sign-off of this version alone.",
            facts={"release_id": release.release_id, "members": lacking},
        )


def release_ends(candidate: Candidate) -> Sequence[datetime | None]:
    """When the approvals of the other members expire."""
    release = _release(candidate)
    found = [_of(mate, release) for mate in candidate.mates] if release else []
    return [known.expires_at for known in found if known]


def _release(candidate: Candidate) -> OfRelease | None:
    known = candidate.deciding
    return known.release if known and known.state == "approved" else None


def _of(mate: Candidate, release: OfRelease) -> KnownSignOff | None:
    return next((known for known in mate.sign_offs if known.release == release), None)


def _lacks(mate: Candidate, release: OfRelease, policy: PolicyVersion, at: datetime) -> str | None:
    """Why it has no yes: as part of this release, or by a later decision of its own."""
    own, latest = _of(mate, release), mate.deciding
    if own is None or latest is None:
        return "unknown"
    now = mate.circumstances(mate.policy_at(at, policy) or policy)
    for known in (own, latest):
        if known.state != "approved":
            return str(known.state)
        if known.expires_at is None or known.expires_at <= at:
            return "expired"
    if standing_noes(latest, now):
        return "rejected"
    if outdated_by(own, now):
        return "outdated"
    return "contested" if contested_claims(own, now) else None


def _named(mate: Candidate) -> dict[str, object]:
    version = mate.version
    name = next((model.name for model in mate.models or () if model.model_id == version.model_id), version.model_id)
    return {"model_id": version.model_id, "model": name, "number": version.number, "version_id": version.version_id}
