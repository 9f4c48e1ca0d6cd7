"""Views of the log, each made of its entries in order by one step, in daily work and in a rebuild."""

from placet_audit.projections.deployments import DEPLOYMENTS, PLACES
from placet_audit.projections.names import MODELS, VERSIONS
from placet_audit.projections.policies import POLICIES
from placet_audit.projections.sign_offs import APPROVALS, SIGN_OFFS
from placet_audit.projections.timeline import TIMELINE

__all__ = ["SPANS", "VIEWS"]

SPANS = (MODELS, VERSIONS, DEPLOYMENTS, PLACES, SIGN_OFFS, APPROVALS, POLICIES)
# In this order for every batch: a line of the timeline may be about a model that the same entries register.
VIEWS = (*SPANS, TIMELINE)
