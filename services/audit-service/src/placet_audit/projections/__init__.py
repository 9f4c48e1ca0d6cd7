"""Views of the log, each built from its entries in order."""

from placet_audit.projections.deployments import project_deployment
from placet_audit.projections.names import project_name
from placet_audit.projections.sign_offs import project_sign_off
from placet_audit.projections.timeline import project_timeline

__all__ = ["PROJECTIONS"]

# In this order for every entry: a line of the timeline may refer to names that the same entry brings.
PROJECTIONS = (project_name, project_timeline, project_deployment, project_sign_off)
