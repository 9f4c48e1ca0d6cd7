"""The commands that help after an error or a no, named in one line below it."""

import re
from collections.abc import Iterator, Sequence

from placet_client.answers.gate import Reason
from placet_client.codes import KnownCode, find_codes
from placet_client.problems import ClientError, Problem, Unreachable

__all__ = ["after_error", "after_reasons", "resolve_of"]

COMMAND = re.compile(r"`(placet [^`]+)`")
FACTS = {"sign_off_id": "placet signoff show", "run_id": "placet runs show"}


def resolve_of(error: ClientError) -> str | None:
    """What would help, as the service said it; else what helps in every case of its code."""
    known = _known(error)
    return error.resolve or (_with_ids(known.resolve, error) if known else None)


def after_error(error: ClientError) -> str | None:
    """The commands that what was said does not name already."""
    if isinstance(error, Unreachable):
        return "see: placet status"
    known = _known(error)
    if known is None:
        return None
    said = COMMAND.findall(resolve_of(error) or "")
    new = [command for command in COMMAND.findall(_with_ids(known.resolve, error)) if command not in said]
    return f"see: {', '.join([*new, f'placet explain {known.code}'])}" if new else None


def after_reasons(reasons: Sequence[Reason]) -> str | None:
    """Where a person reads on: the sign-off and the run that the reasons name, else what a code means."""
    commands = list(dict.fromkeys(command for reason in reasons for command in _about(reason)))
    return f"read why: {', '.join(commands)}" if commands else None


def _about(reason: Reason) -> Iterator[str]:
    named = [f"{command} {found}" for fact, command in FACTS.items() if (found := _id(reason.facts.get(fact)))]
    if reason.topic == "knowledge":
        named.append("placet status")
    yield from named or [f"placet explain {reason.code}"] if find_codes(reason.code) else named


def _with_ids(text: str, error: ClientError) -> str:
    """With the ids that the problem names in place of ID."""
    for fact, command in FACTS.items():
        if isinstance(error, Problem) and (found := _id(error.facts.get(fact))):
            text = text.replace(f"{command} ID", f"{command} {found}")
    return text


def _id(value: object) -> str | None:
    """What can be typed into a shell as it stands: the line is there to be copied."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w-]+", value, re.ASCII) else None


def _known(error: ClientError) -> KnownCode | None:
    found = find_codes(f"problem.{error.code}") if isinstance(error, Problem) else ()
    return found[0] if found else None
