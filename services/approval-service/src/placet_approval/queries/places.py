"""What is known of versions in every environment, for the board and for their steps: a few steps along indexes for each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from placet_approval.domain.feedback import Feedback, groups_that_wait
from placet_approval.domain.gate_facts import DeployedSpan
from placet_approval.domain.known_place import KnownPlace, PlanOutcome, ShownSignOff
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.step_completion import StepDone
from placet_approval.domain.step_progress import StepState, step_states
from placet_approval.ports import Reads
from placet_approval.queries.policies_in_force import terms_in_force

__all__ = ["VersionPlaces", "read_places", "read_step_states"]

# Of the newest sign-offs the one that the gate goes by is chosen from these few; an approval that is no yes any more has the state of its
# end, and what people have not decided decides nothing.
PLACES = """
    select v.version_id, v.model_id, v.artifact_sha256, v.registered_at, statement_timestamp() as at, e.name as environment, (
        select json_agg(s) from (
            select s.sign_off_id, s.signatures, s.requested_at, s.changed_at, s.requester_id, s.feedback_terms, s.feedback,
                   case when s.state = 'approved' then coalesce((
                       select y.because from decision_about(s.artifact_sha256, s.environment, s.model_id, s.version_id) y
                       where y.sign_off_id = s.sign_off_id), s.state) else s.state end as state,
                   s.expires_at is not null or (s.state = 'rejected' and s.release_id is null) as decided,
                   (select json_agg(json_build_array(a.person_id, a.role))
                    from approvals a left join people h using (person_id)
                    where a.sign_off_id = s.sign_off_id and (s.state <> 'pending' or (h.active and a.role = any (h.roles)))) as approvals
            from sign_offs s where s.version_id = v.version_id and s.environment = e.name
            order by s.requested_at desc, s.sign_off_id desc limit 5
        ) s
    ) as sign_offs, (
        select json_agg(json_build_array(p.name, r.passed, r.finished_at) order by p.name)
        from known_models m
        join known_plans p on p.lookup && plan_keys(e.name, m.model_id, m.name, m.tags)
                          and plan_fits(p.lookup, p.every_model, p.patterns, plan_keys(e.name, m.model_id, m.name, m.tags), m.name)
        left join lateral (
            select r.passed, r.finished_at from known_runs r
            where r.version_id = v.version_id and r.environment = e.name and (r.plan_id, r.plan_version) = (p.plan_id, p.version)
            order by r.finished_at desc limit 1
        ) r on true
        where m.model_id = v.model_id
    ) as plans, (
        select json_agg(json_build_array(p.kind, p.content) order by not p.own, p.kind desc, p.policy_name)
        from policies_of_version(e.name, v.version_id) p
    ) as policies, (
        select d.reported_at from known_deployments d
        where d.model_id = v.model_id and d.environment = e.name and d.sha256 = v.artifact_sha256
    ) as deployed_since, (
        select min(i.claimed_at) from known_involvements i where i.artifact_sha256 = v.artifact_sha256 and i.part = 'trainer'
    ) as trainer_named_at, (
        select json_agg(json_build_array(
            c.model_id, c.step, c.role, c.person_id, c.completed_at, c.token_issuers, c.reopened_at,
            (select json_agg(json_build_array(i.person_id, i.part)) from known_involvements i
             where i.artifact_sha256 = c.artifact_sha256 and i.person_id = any (c.person_id || c.token_issuers))))
        from completed_steps c
        where c.artifact_sha256 = v.artifact_sha256 and c.environment = e.name and c.model_id = v.model_id
    ) as steps, (
        select json_agg(json_build_array(d.reported_at, least(d.ended_at, (
            select a.reported_at from known_deployment_reports a
            where a.model_id = d.model_id and a.environment = d.environment and a.position > d.position
            order by a.position limit 1))) order by d.position)
        from known_deployment_reports d
        where d.model_id = v.model_id and d.environment = e.name and d.sha256 = v.artifact_sha256
    ) as ran
    from known_versions v cross join known_environments e
    where v.version_id = any ($1::text[])
    order by v.version_id, e.place
"""


@dataclass(frozen=True, slots=True)
class VersionPlaces:
    """A version's environments in their order, each with the states of its steps."""

    model_id: str
    artifact_sha256: str
    registered_at: datetime
    places: Sequence[KnownPlace]
    steps: Sequence[Sequence[StepState]]


async def read_places(reads: Reads, version_ids: Sequence[str]) -> Mapping[str, VersionPlaces]:
    """By version; those that are not known are not in it."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in await reads.fetch(PLACES, list(version_ids)):
        found[row["version_id"]].append(row)
    return {version_id: _version(rows) for version_id, rows in found.items()}


async def read_step_states(reads: Reads, version_id: str, environment: str) -> Sequence[StepState]:
    """The steps of one version in one environment; none where its policy has none."""
    version = (await read_places(reads, [version_id])).get(version_id)
    if version is None:
        return ()
    return next((steps for one, steps in zip(version.places, version.steps, strict=True) if one.environment == environment), ())


def _version(rows: Sequence[Mapping[str, Any]]) -> VersionPlaces:
    first = rows[0]
    places = [_known_place(row) for row in rows]
    steps = [
        step_states(one, first["model_id"], first["registered_at"], places[:number][::-1], first["at"]) for number, one in enumerate(places)
    ]
    return VersionPlaces(first["model_id"], first["artifact_sha256"], first["registered_at"], places, steps)


def _known_place(row: Mapping[str, Any]) -> KnownPlace:
    plans = [PlanOutcome(name, passed, ended and datetime.fromisoformat(ended)) for name, passed, ended in _json(row["plans"])]
    deciding = _deciding(_json(row["sign_offs"]))
    steps = _json(row["steps"])
    return KnownPlace(
        row["environment"],
        terms_in_force(_json(row["policies"])),
        plans,
        _sign_off(deciding) if deciding else None,
        row["deployed_since"],
        row["trainer_named_at"],
        [
            StepDone(model, step, role, person, datetime.fromisoformat(at), tuple(issuers))
            for model, step, role, person, at, issuers, reopened, _ in steps
            if reopened is None
        ],
        [(person, part) for *_, parts in steps for person, part in parts or ()],
        {step: datetime.fromisoformat(reopened) for _, step, *_, reopened, _ in steps if reopened},
        [DeployedSpan(datetime.fromisoformat(since), until and datetime.fromisoformat(until)) for since, until in _json(row["ran"])],
    )


def _deciding(sign_offs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """As the gate chooses it: the newest decided one, unless that is no yes and another is pending, or facts have ended it."""
    decided = next((one for one in sign_offs if one["decided"]), None)
    pending = next((one for one in sign_offs if one["state"] == "pending"), None)
    if decided and (decided["state"] == "approved" or (not pending and decided["state"] != "invalidated")):
        return decided
    return pending or next(iter(sign_offs), None)


def _sign_off(row: Mapping[str, Any]) -> ShownSignOff:
    feedback = [Feedback.from_content(one) for one in row["feedback"]]
    return ShownSignOff(
        row["sign_off_id"],
        row["state"],
        [SignatureTerm.from_content(term) for term in row["signatures"]],
        [Approval(person, role) for person, role in row["approvals"] or ()],
        datetime.fromisoformat(row["requested_at"]),
        datetime.fromisoformat(row["changed_at"]),
        row["requester_id"],
        bool(groups_that_wait([FeedbackTerm.from_content(term) for term in row["feedback_terms"]], feedback, None)),
    )


def _json(text: str | None) -> Any:
    return orjson.loads(text) if text else ()
