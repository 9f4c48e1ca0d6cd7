"""`placet up` with a stand-in as the only service: `up_with_standin.py <data folder>`."""

import sys
from pathlib import Path

from placet.supervisor import up
from placet_shared.processes import ServiceProcess

if __name__ == "__main__":
    raise SystemExit(up(Path(sys.argv[1]), processes=[ServiceProcess("registry", "registry", "standin_service")]))
