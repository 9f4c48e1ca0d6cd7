"""The versions that a model could be rolled back to, as approval-service knows them."""

from placet_client.answers.rollback import RollbackCandidates
from placet_client.calls import Call

__all__ = ["rollback_candidates"]


def rollback_candidates(model: str, environment: str, limit: int = 5) -> Call[RollbackCandidates]:
    """Versions that were deployed there before, the last one first, each with what the gate says of it now; raises `Problem` with code
    model_not_found."""
    query = {"model": model, "environment": environment, "limit": limit}
    return Call("approval", "GET", "/v1/rollback-candidates", RollbackCandidates, query)
