"""What every code of Placet means, without a server: read from `codes.json`, which `make docs` makes from the services' catalogues."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import msgspec

from placet_client.exit_codes import ExitCode

__all__ = ["EXIT_CODES", "GROUPS", "KnownCode", "codes_near", "codes_of", "find_codes", "known_codes"]

GROUPS = {
    "gate": "why the gate says no, and why a sign-off can't be requested or signed",
    "problem": "why a request was refused or failed",
    "policy": "why no sign-off could be approved under a policy",
    "run": "why a verification has no result",
    "check": "why a check has not passed",
    "trial": "why a row has no counterfactual",
    "exit": "exit codes of the command",
}
EXIT_CODES = {
    ExitCode.YES: ("Yes: allowed, approved, done.", "Nothing is left to do."),
    ExitCode.NO: ("No: denied, rejected, refused, or what was named does not exist.", "Read the reasons on standard error."),
    ExitCode.USAGE: ("The command was typed in a way that it does not understand; no service was asked.", "See `--help` of the command."),
    ExitCode.TIMED_OUT: (
        "The time to wait was over before there was an answer.",
        "Run it again, or give it more time: `--timeout SECONDS`.",
    ),
    ExitCode.CANNOT_TELL: (
        "There is no answer: a service is down, behind, or failed. A pipeline takes it for a no.",
        "See `placet status`, then run it again.",
    ),
    ExitCode.WARNED: (
        "The gate allows it with a warning, and `--strict` was given.",
        "Read the reasons on standard error; without `--strict` the exit code is 0.",
    ),
}


@dataclass(frozen=True, slots=True)
class KnownCode:
    """`name` is `group.code`; `service` says which one gives it, empty for all; `page` is a path in the repository."""

    name: str
    service: str
    meaning: str
    resolve: str
    page: str

    @property
    def group(self) -> str:
        """What stands before the first dot."""
        return self.name.partition(".")[0]

    @property
    def code(self) -> str:
        """As the services give it."""
        return self.name.partition(".")[2]


@cache
def known_codes() -> Sequence[KnownCode]:
    """All of them, group by group."""
    return msgspec.json.decode((files("placet_client") / "codes.json").read_bytes(), type=tuple[KnownCode, ...])


def codes_of(group: str) -> Sequence[KnownCode]:
    """Those of one group."""
    return [known for known in known_codes() if known.group == group]


def find_codes(text: str) -> Sequence[KnownCode]:
    """Those that a person means: `gate.stale`, `stale`, `[stale]` or `urn:placet:problem:stale`."""
    wanted = _as_written(text)
    # A refusal may have the code of a reason of the gate.
    return _named(wanted) or _named(wanted.removeprefix("problem."))


def codes_near(text: str) -> Sequence[str]:
    """Names that were perhaps meant, the likeliest first."""
    names = dict.fromkeys(known.name for known in known_codes())
    wanted = _as_written(text)
    written = {name if "." in wanted else name.partition(".")[2]: name for name in reversed(names)}
    return [written[near] for near in get_close_matches(wanted, written, cutoff=0.7)]


def _named(wanted: str) -> Sequence[KnownCode]:
    return [known for known in known_codes() if wanted in (known.name, known.code)]


def _as_written(text: str) -> str:
    return text.strip().strip("[]`.:").removeprefix("urn:placet:").replace(":", ".").replace("-", "_").lower()
