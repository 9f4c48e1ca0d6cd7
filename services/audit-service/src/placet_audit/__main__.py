"""`python -m placet_audit` serves; `migrate` prepares the database, `rebuild PROJECTION` rebuilds a projection's tables."""

import sys

from placet_audit.app import audit_app
from placet_audit.bootstrap import MIGRATIONS, REPLAYS
from placet_audit.settings import AuditSettings
from placet_shared.service.process import run_process
from placet_shared.service.rebuild_act import rebuild_act

if __name__ == "__main__":
    sys.exit(run_process(AuditSettings, audit_app, MIGRATIONS, [rebuild_act(AuditSettings, MIGRATIONS, REPLAYS)]))
