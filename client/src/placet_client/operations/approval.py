"""approval-service: people, tokens, policies, sign-offs. People and accounts are named by id or by name, sign-offs by id."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_client.answers.answer import Page
from placet_client.answers.deployment_approvals import DeploymentApproval, DeploymentApprovals
from placet_client.answers.people import (
    ChangedPerson,
    ChangedServiceAccount,
    Identity,
    IssuedToken,
    Person,
    RevokedToken,
    ServiceAccount,
    Token,
)
from placet_client.answers.policies import (
    CheckedDocument,
    DefinedPolicy,
    EnvironmentPolicies,
    PoliciesFor,
    Policy,
    PolicyReplay,
    WithdrawnPolicy,
)
from placet_client.answers.restores import LostHistory, ReviewedHistory
from placet_client.answers.sign_offs import AwaitedSignOff, RequestedSignOff, SignOff, SignOffProgress, SignOffSummary
from placet_client.calls import ANSWER_WITHIN, Call, Flow
from placet_client.operations.paths import YAML, pages, quoted

SERVICE = "approval"
A_QUESTION = 100
REPLAYED_WITHIN = 300.0


def whoami() -> Call[Identity]:
    """The token's holder."""
    return Call(SERVICE, "GET", "/v1/whoami", Identity)


def people(limit: int = 50) -> Flow[Page[Person]]:
    """In the order in which they were added."""
    return pages(SERVICE, "/v1/people", Page[Person], limit)


def person(id_or_name: str) -> Call[Person]:
    """Raises `Problem` with code person_not_found."""
    return Call(SERVICE, "GET", f"/v1/people/{quoted(id_or_name)}", Person)


def add_person(name: str, display_name: str | None, email: str | None, roles: Sequence[str]) -> Call[ChangedPerson]:
    """For admins."""
    body = {"name": name, "display_name": display_name, "email": email, "roles": list(roles)}
    return Call(SERVICE, "POST", "/v1/people", ChangedPerson, json=body)


def change_roles(person: str, roles: Sequence[str]) -> Call[ChangedPerson]:
    """For admins; these are all that the person then has."""
    return Call(SERVICE, "POST", f"/v1/people/{quoted(person)}/roles", ChangedPerson, json={"roles": list(roles)})


def change_address(person: str, email: str | None) -> Call[ChangedPerson]:
    """One's own, or as an admin any; None: no mail is sent. The address before is told of it."""
    return Call(SERVICE, "POST", f"/v1/people/{quoted(person)}/address", ChangedPerson, json={"email": email})


def deactivate(person: str) -> Call[ChangedPerson]:
    """For admins; all the person's tokens are refused from then on."""
    return Call(SERVICE, "POST", f"/v1/people/{quoted(person)}/deactivate", ChangedPerson, json={})


def service_accounts(limit: int = 50) -> Flow[Page[ServiceAccount]]:
    """In the order in which they were added."""
    return pages(SERVICE, "/v1/service-accounts", Page[ServiceAccount], limit)


def add_service_account(name: str, roles: Sequence[str]) -> Call[ChangedServiceAccount]:
    """For admins."""
    return Call(SERVICE, "POST", "/v1/service-accounts", ChangedServiceAccount, json={"name": name, "roles": list(roles)})


def change_service_account_roles(account: str, roles: Sequence[str]) -> Call[ChangedServiceAccount]:
    """For admins; these are all that the account then has."""
    return Call(SERVICE, "POST", f"/v1/service-accounts/{quoted(account)}/roles", ChangedServiceAccount, json={"roles": list(roles)})


def deactivate_service_account(account: str) -> Call[ChangedServiceAccount]:
    """For admins; all the account's tokens are refused from then on."""
    return Call(SERVICE, "POST", f"/v1/service-accounts/{quoted(account)}/deactivate", ChangedServiceAccount, json={})


def tokens(limit: int = 50, holder: str | None = None) -> Flow[Page[Token]]:
    """Revoked and expired ones too."""
    return pages(SERVICE, "/v1/tokens", Page[Token], limit, holder=holder)


def issue_token(holder: str | None = None, expires_at: str | None = None) -> Call[IssuedToken]:
    """The one answer that has the token's text. People issue their own, an admin any."""
    return Call(SERVICE, "POST", "/v1/tokens", IssuedToken, json={"holder": holder, "expires_at": expires_at})


def revoke_token(token_id: str, reason: str | None = None) -> Call[RevokedToken]:
    """People revoke their own, an admin any."""
    return Call(SERVICE, "POST", f"/v1/tokens/{quoted(token_id)}/revoke", RevokedToken, json={"reason": reason})


def lost_history() -> Call[LostHistory]:
    """Events that approval-service lost in a restore and no admin has reviewed; for admins and auditors."""
    return Call(SERVICE, "GET", "/v1/restores", LostHistory)


def apply_lost_history(reason: str, *, incomplete: bool = False) -> Call[ReviewedHistory]:
    """For admins: lost revocations are applied again, the rest is left to people."""
    return Call(SERVICE, "POST", "/v1/restores/apply", ReviewedHistory, json={"reason": reason, "incomplete": incomplete})


def define_policy(document: str) -> Call[DefinedPolicy]:
    """From YAML. For admins."""
    return Call(SERVICE, "POST", "/v1/policies", DefinedPolicy, content=document.encode(), headers=YAML)


def check_policy(document: str) -> Call[CheckedDocument]:
    """Checks only whether it could be defined."""
    return Call(SERVICE, "POST", "/v1/policies", CheckedDocument, {"dry_run": "true"}, content=document.encode(), headers=YAML)


def replay_policy(document: str, since: str | None = None, most: int | None = None, examples: int | None = None) -> Call[PolicyReplay]:
    """What it would have made of its environment's sign-offs since `since` (RFC 3339; 180 days), of at most so many; changes nothing."""
    asked = {"since": since, "most": most, "examples": examples}
    path = "/v1/policies/replay"
    return Call(SERVICE, "POST", path, PolicyReplay, asked, content=document.encode(), headers=YAML, within=REPLAYED_WITHIN)


def policies() -> Call[tuple[Policy, ...]]:
    """The newest version of each that was not withdrawn."""
    return Call(SERVICE, "GET", "/v1/policies", tuple[Policy, ...])


def policies_for(model: str, number: int, environment: str) -> Call[PoliciesFor]:
    """Which policy is in force for a version, why, and what raises it."""
    asked = {"model": model, "number": str(number), "environment": environment}
    return Call(SERVICE, "GET", "/v1/policies/for", PoliciesFor, asked)


def withdraw_policy(environment: str, name: str, reason: str) -> Call[WithdrawnPolicy]:
    """From the next request on it counts no more; sign-offs stay bound to it. For admins."""
    path = f"/v1/policies/{quoted(environment)}/{quoted(name)}/withdrawal"
    return Call(SERVICE, "POST", path, WithdrawnPolicy, json={"reason": reason})


def policy(environment: str) -> Call[EnvironmentPolicies]:
    """The environment's own, those for some models, and all their versions."""
    return Call(SERVICE, "GET", f"/v1/policies/{quoted(environment)}", EnvironmentPolicies)


def request_sign_off(version_id: str, environment: str, rationale: str | None = None) -> Call[RequestedSignOff]:
    """For developers; one at a time can be open for a version and an environment."""
    body = {"version_id": version_id, "environment": environment, "rationale": rationale}
    return Call(SERVICE, "POST", "/v1/sign-offs", RequestedSignOff, json=body)


def sign_offs(limit: int = 50, *, open: bool = False, mine: bool = False, **search: str | None) -> Flow[Page[SignOffSummary]]:
    """The newest first: `open` waits for people, `mine` could be signed by you; `search` may have environment, model, version_id."""
    flags = {"open": "true" if open else None, "mine": "true" if mine else None}
    return pages(SERVICE, "/v1/sign-offs", Page[SignOffSummary], limit, **flags, **search)


def sign_off(sign_off_id: str) -> Call[SignOff]:
    """What it binds, the evidence, the signatures, the people who can't sign, and all comments."""
    return Call(SERVICE, "GET", f"/v1/sign-offs/{quoted(sign_off_id)}", SignOff)


def deployment_approvals(deployment_ids: Sequence[str]) -> Flow[tuple[DeploymentApproval, ...]]:
    """Of those of these deployments that are current; in no order."""
    found: list[DeploymentApproval] = []
    for start in range(0, len(deployment_ids), A_QUESTION):
        some = list(deployment_ids[start : start + A_QUESTION])
        answer = yield from Call(SERVICE, "GET", "/v1/deployment-approvals", DeploymentApprovals, {"deployment_id": some})
        found += answer.items
    return tuple(found)


def act(sign_off_id: str, verb: str, body: Mapping[str, Any]) -> Call[SignOffProgress]:
    """`verb` is approve, reject, withdraw, revoke, lineage, reassign, comments, request-changes, reset, suspend or resume."""
    return Call(SERVICE, "POST", f"/v1/sign-offs/{quoted(sign_off_id)}/{verb}", SignOffProgress, json=dict(body))


def give_feedback(
    sign_off_id: str, group: str, verdict: str, comment: str | None = None, attachments: Sequence[str] = ()
) -> Call[SignOffProgress]:
    """Of a group that the policy asks; `verdict` is approve, minor_issue or major_issue, `attachments` are digests of files."""
    body = {"group": group, "verdict": verdict, "comment": comment, "attachments": list(attachments)}
    return act(sign_off_id, "feedback", body)


def resolve_issue(sign_off_id: str, issue_id: str, rationale: str) -> Call[SignOffProgress]:
    """For people of the group that raised it."""
    return act(sign_off_id, f"issues/{quoted(issue_id)}/resolve", {"rationale": rationale})


def waive_issue(sign_off_id: str, issue_id: str, until: str, rationale: str) -> Call[SignOffProgress]:
    """For people in a role that the policy names; `until` is an RFC 3339 time."""
    return act(sign_off_id, f"issues/{quoted(issue_id)}/waive", {"until": until, "rationale": rationale})


def meet_condition(sign_off_id: str, condition_id: str, rationale: str) -> Call[SignOffProgress]:
    """Before it is due; for the person who set it or another one who may sign, never for its owner."""
    return act(sign_off_id, f"conditions/{quoted(condition_id)}/met", {"rationale": rationale})


def wait(sign_off_id: str, seconds: float) -> Call[AwaitedSignOff]:
    """Its state when it has ended, at the latest after so many seconds."""
    path = f"/v1/sign-offs/{quoted(sign_off_id)}/wait"
    return Call(SERVICE, "GET", path, AwaitedSignOff, {"timeout": round(seconds, 3)}, within=seconds + ANSWER_WITHIN)
