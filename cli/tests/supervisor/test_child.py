"""One process of Placet as a child."""

import os
from pathlib import Path

from placet.supervisor.child import Child
from placet.supervisor.programs import Programs
from placet_shared.testing import clean_environment, eventually


async def test_process_puts_the_log_file_aside_that_it_writes_to(tmp_path: Path) -> None:
    log = tmp_path / "registry.log"
    log.write_text("before\n" * 1000)
    given = {"PLACET_REGISTRY_DATABASE_URL": "postgresql://x:y@127.0.0.1:9/z", "PLACET_LOG_FILE_BYTES": "1024"}
    programs = Programs([], os.environ)
    child = Child("registry", programs, ["placet_registry"], clean_environment(**given), log)
    await child.start()
    try:
        assert await eventually(lambda: log.exists() and "waiting for the database" in log.read_text())
    finally:
        child.kill()
        if child.process:
            await child.process.wait()
        programs.close()
    assert log.with_name("registry.log.1").read_text() == "before\n" * 1000
    assert "before" not in log.read_text()
