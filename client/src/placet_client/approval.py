"""approval-service: people, tokens, policies, sign-offs, the gate."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from placet_client.connection import ANSWER_WITHIN, Connection, Json
from placet_client.problems import Problem

__all__ = ["ApprovalClient"]


class ApprovalClient:
    """People and service accounts are named by id or by name, sign-offs by id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def whoami(self) -> Json:
        """Whose token this is."""
        identity: Json = self._connection.get("/v1/whoami")
        return identity

    def people(self, limit: int) -> Json:
        """In the order in which they were added."""
        return self._connection.pages("/v1/people", limit)

    def person(self, id_or_name: str) -> Json:
        """Raises `Problem` with code person_not_found."""
        person: Json = self._connection.get(f"/v1/people/{_quoted(id_or_name)}")
        return person

    def add_person(self, name: str, display_name: str | None, email: str | None, roles: Sequence[str]) -> Json:
        """For admins."""
        body = {"name": name, "display_name": display_name, "email": email, "roles": list(roles)}
        return self._connection.post("/v1/people", body)

    def change_roles(self, person: str, roles: Sequence[str]) -> Json:
        """For admins; these are all that the person then has."""
        return self._connection.post(f"/v1/people/{_quoted(person)}/roles", {"roles": list(roles)})

    def deactivate(self, person: str) -> Json:
        """For admins; all the person's tokens are refused from then on."""
        return self._connection.post(f"/v1/people/{_quoted(person)}/deactivate")

    def service_accounts(self, limit: int) -> Json:
        """In the order in which they were added."""
        return self._connection.pages("/v1/service-accounts", limit)

    def tokens(self, limit: int, holder: str | None = None) -> Json:
        """Revoked and expired ones too."""
        return self._connection.pages("/v1/tokens", limit, holder=holder)

    def issue_token(self, holder: str | None = None, expires_at: str | None = None) -> Json:
        """The one answer that has the token's text."""
        return self._connection.post("/v1/tokens", {"holder": holder, "expires_at": expires_at})

    def revoke_token(self, token_id: str, reason: str | None = None) -> Json:
        """One's own; an admin everybody's."""
        return self._connection.post(f"/v1/tokens/{_quoted(token_id)}/revoke", {"reason": reason})

    def lost_history(self) -> Json:
        """What approval-service lost in a restore and nobody has gone through; for admins and auditors."""
        lost: Json = self._connection.get("/v1/restores")
        return lost

    def apply_lost_history(self, reason: str, *, incomplete: bool = False) -> Json:
        """For admins: what took something away is done again, the rest is left to people."""
        return self._connection.post("/v1/restores/apply", {"reason": reason, "incomplete": incomplete})

    def define_policy(self, document: str, *, dry_run: bool = False) -> tuple[bool, Json]:
        """Whether it is new, and the policy; a `dry_run` only checks the document."""
        answer = self._connection.request(
            "POST",
            "/v1/policies",
            query={"dry_run": "true"} if dry_run else None,
            content=lambda: document.encode(),
            media_type="application/yaml",
        )
        return answer.status_code == httpx.codes.CREATED, answer.json()

    def policies(self) -> Sequence[Json]:
        """The one that counts for each environment that has one."""
        policies: Sequence[Json] = self._connection.get("/v1/policies")
        return policies

    def policy(self, environment: str) -> Json:
        """The one that counts, and every version there was."""
        policy: Json = self._connection.get(f"/v1/policies/{_quoted(environment)}")
        return policy

    def request_sign_off(self, version_id: str, environment: str, rationale: str | None = None) -> Json:
        """For developers; one at a time can be open for a version and an environment."""
        body = {"version_id": version_id, "environment": environment, "rationale": rationale}
        return self._connection.post("/v1/sign-offs", body)

    def sign_offs(self, limit: int, **search: Any) -> Json:
        """The newest first; `search` may have open, mine, environment, model, version_id."""
        return self._connection.pages("/v1/sign-offs", limit, **search)

    def sign_off(self, sign_off_id: str) -> Json:
        """What it binds, the evidence, who has signed, who can't, and everything that was said."""
        sign_off: Json = self._connection.get(f"/v1/sign-offs/{_quoted(sign_off_id)}")
        return sign_off

    def act(self, sign_off_id: str, verb: str, body: Mapping[str, Any]) -> Json:
        """`verb` is approve, reject, withdraw, revoke, lineage or comments."""
        return self._connection.post(f"/v1/sign-offs/{_quoted(sign_off_id)}/{verb}", body)

    def wait(self, sign_off_id: str, seconds: float) -> Json:
        """How it stands when it has ended, at the latest after so many seconds."""
        path = f"/v1/sign-offs/{_quoted(sign_off_id)}/wait"
        progress: Json = self._connection.get(path, within=seconds + ANSWER_WITHIN, timeout=round(seconds, 3))
        return progress

    def ask_gate(self, question: Mapping[str, Any]) -> Json:
        """An answer for now, of which nothing remains but a count."""
        decision: Json = self._connection.get("/v1/gate", **question)
        return decision

    def decide(self, question: Mapping[str, Any], traceparent: str | None = None) -> Json:
        """A durable decision with an id. For pipelines, developers and admins.

        `traceparent` is of the trace that goes on with it, such as that of an answer to `wait`.
        """
        try:
            return self._connection.post("/v1/gate", question, traceparent=traceparent)
        except Problem as problem:
            if problem.code != "decision_outdated":
                raise
            # The answer was lost, and is no longer so by the time it was asked for again: have it decided as it is now.
            return self._connection.post("/v1/gate", question, traceparent=traceparent)

    def decision(self, decision_id: str) -> Json:
        """As it was recorded; raises `Problem` with code gate_decision_not_found."""
        decision: Json = self._connection.get(f"/v1/gate/decisions/{_quoted(decision_id)}")
        return decision

    def decision_validity(self, decision_id: str) -> Json:
        """Whether it still holds, decided again now."""
        validity: Json = self._connection.get(f"/v1/gate/decisions/{_quoted(decision_id)}/validity")
        return validity


def _quoted(part: str) -> str:
    return quote(part, safe="")
