"""The process of audit-service: serving, and `rebuild PROJECTION`."""

from placet_audit.app import audit_app
from placet_audit.bootstrap import REPLAYS
from placet_audit.migrations import MIGRATIONS
from placet_audit.settings import AuditSettings
from placet_shared.service.process import run_process
from placet_shared.service.rebuild_act import rebuild_act

__all__ = ["run"]


def run() -> int:
    """The process's exit code."""
    return run_process(AuditSettings, audit_app, MIGRATIONS, [rebuild_act(AuditSettings, MIGRATIONS, REPLAYS)])
