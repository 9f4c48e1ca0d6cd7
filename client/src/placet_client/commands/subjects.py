"""Names of versions and sign-offs on the command line: `credit-risk 3`, `credit-risk/3`, or a sign-off's id."""

import re
from dataclasses import dataclass
from typing import Annotated

import typer

from placet_client import Client
from placet_client.commands import completion
from placet_client.operations.paths import IDENTIFIER
from placet_client.problems import Missing

__all__ = [
    "Environment",
    "Model",
    "Number",
    "OptionalTarget",
    "Target",
    "VersionName",
    "find_sign_off_id",
    "is_sign_off_id",
    "named_version",
]

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="Id or name of a model; or MODEL/NUMBER in one word.", autocompletion=completion.models)
]
Target = Annotated[
    str,
    typer.Argument(
        metavar="SIGNOFF|MODEL", help="Id of a sign-off; or a model, or MODEL/NUMBER in one word.", autocompletion=completion.targets
    ),
]
OptionalTarget = Annotated[
    str | None,
    typer.Argument(
        metavar="[SIGNOFF|MODEL]",
        help="Id of a sign-off; or a model, or MODEL/NUMBER in one word.",
        show_default=False,
        autocompletion=completion.targets,
    ),
]
Number = Annotated[
    int | None,
    typer.Argument(metavar="[NUMBER]", min=1, help="Number of the version.", show_default=False, autocompletion=completion.numbers),
]
Environment = Annotated[
    str | None,
    typer.Option(
        "--environment", "-e", help="The environment that it is to go to.", show_default=False, autocompletion=completion.environments
    ),
]


@dataclass(frozen=True, slots=True)
class VersionName:
    """A version as people name it."""

    model: str
    number: int


def named_version(model: str, number: int | None) -> VersionName:
    """Raises a usage error when there is no number."""
    in_one_word = re.fullmatch(r"(.+)/([1-9][0-9]{0,9})", model)
    if number is not None:
        return VersionName(model, number)
    if in_one_word is None:
        raise typer.BadParameter(f"which version of {model}? Say {model} 3, or {model}/3.", param_hint="NUMBER")
    return VersionName(in_one_word[1], int(in_one_word[2]))


def needed(environment: str | None) -> str:
    """Raises a usage error when there is none."""
    if not environment:
        raise typer.BadParameter("it is needed unless a sign-off is named by its id.", param_hint="--environment")
    return environment


def is_sign_off_id(target: str, number: int | None) -> bool:
    """Whether the words name a sign-off by its id."""
    return number is None and IDENTIFIER.fullmatch(target) is not None


def find_sign_off_id(placet: Client, target: str, number: int | None, environment: str | None) -> str:
    """The named sign-off; for a version, the latest for the environment."""
    if is_sign_off_id(target, number):
        return target
    name, where = named_version(target, number), needed(environment)
    version = placet.registry.version(name.model, name.number)
    found = placet.approval.sign_offs(1, version_id=version.id, environment=where).items
    if not found:
        raise Missing(
            f"No sign-off of this version was requested for {where}.",
            f"Request one: placet signoff request {target}{f' {number}' if number else ''} --environment {where}.",
        )
    return found[0].id
