"""`python -m placet_audit` serves; `python -m placet_audit migrate` prepares the database."""

import sys

from placet_audit.app import audit_app
from placet_audit.bootstrap import MIGRATIONS
from placet_audit.settings import AuditSettings
from placet_shared.process import run_process

if __name__ == "__main__":
    sys.exit(run_process(AuditSettings, audit_app, MIGRATIONS))
