"""The child's main program: read the request, drop privileges, run the trial, answer with one JSON object."""

import json
import os
import sys
from typing import Any

from placet_verification.adapters.evaluation.confinement import give_up_growth, give_up_privileges
from placet_verification.adapters.evaluation.refused import Refused


def main() -> None:
    """The request names descriptors that are open; what native code prints goes to standard error."""
    request = json.load(sys.stdin.buffer)
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    give_up_privileges(request["cpu_seconds"], request["parent"])
    try:
        answer = _tried(request)
    except Refused as refused:
        answer = {"status": "refused", "reason_code": refused.reason_code, "facts": refused.facts}
    except MemoryError:
        answer = {"status": "refused", "reason_code": "memory_limit", "facts": {}}
    with os.fdopen(answers, "wb") as out:
        out.write(json.dumps(answer, allow_nan=False).encode())


def _tried(request: dict[str, Any]) -> dict[str, Any]:
    # the libraries take gigabytes of address space and want threads of their own: they come before the limits
    from placet_verification.adapters.evaluation.inputs import Files
    from placet_verification.adapters.evaluation.trial import measuring_functions, try_model

    measures = measuring_functions(request["measures"])
    give_up_growth(request["memory_bytes"])
    champion = None if request["champion_fd"] is None else _read(request["champion_fd"])
    datasets = {what: _read(descriptor) for what, descriptor in request["dataset_fds"].items()}
    return try_model(Files(_read(request["artifact_fd"]), champion, datasets), request, measures)


def _read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


if __name__ == "__main__":
    main()
