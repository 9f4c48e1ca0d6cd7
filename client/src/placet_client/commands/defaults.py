"""What `placet.yaml` says where the command line does not; an argument always wins, and one line tells what was taken.

The file is read only when something is missing: a pipeline that names everything does not depend on it.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer

from placet_client import Client
from placet_client.commands import completion
from placet_client.commands.subjects import VersionName, named_version
from placet_client.placet_yaml import FILE_NAME, PlacetYaml, find_placet_yaml
from placet_client.printing.page import note
from placet_client.problems import Missing

__all__ = ["Defaults", "OptionalModel"]

OptionalModel = Annotated[
    str | None,
    typer.Argument(
        metavar="[MODEL]",
        help=f"Id or name; or MODEL/NUMBER. By default that of {FILE_NAME}.",
        show_default=False,
        autocompletion=completion.models,
    ),
]
A_NUMBER = re.compile("[1-9][0-9]{0,9}")
WRITE_IT = f"or write it into {FILE_NAME}: placet init"


class Defaults:
    """Of one command; `told` after the last question to it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._taken: list[str] = []

    @cached_property
    def file(self) -> PlacetYaml | None:
        """Raises `ClientError` for one that is wrong."""
        return find_placet_yaml(self._folder or Path.cwd())

    def environment(self, given: str | None) -> str:
        """Raises a usage error when neither says it."""
        if given:
            return given
        if self.file and self.file.environment:
            return self.took("environment", self.file.environment)
        raise typer.BadParameter(f"name the environment, {WRITE_IT}.", param_hint="--environment")

    def model(self, given: str | None) -> str:
        """Raises a usage error when neither says it."""
        if given:
            return given
        if self.file and self.file.model:
            return self.took("model", self.file.model)
        raise typer.BadParameter(f"name the model, {WRITE_IT}.", param_hint="MODEL")

    def version(self, placet: Client, given: str | None, number: int | None) -> VersionName:
        """The version that the words name; without any, the newest one of the file's model."""
        return self.named(given, number) or self.newest(placet)

    def named(self, given: str | None, number: int | None) -> VersionName | None:
        """The version that the words name, None without any; a number alone is one of the file's model. Asks no service."""
        if given is None:
            return None
        if number is None and A_NUMBER.fullmatch(given) and self.file and self.file.model:
            return VersionName(self.model(None), int(given))
        return named_version(given, number)

    def newest(self, placet: Client) -> VersionName:
        """The newest version of the file's model; raises a usage error when there is none in the file."""
        name = self.model(None)
        latest = placet.registry.model(name).latest_number
        if latest is None:
            raise Missing(f"The model {name} has no version yet.", "Register one: placet register FILE")
        return VersionName(name, int(self.took("version", str(latest), " (the newest)")))

    def of_model(self, model: str) -> PlacetYaml | None:
        """The file, if it is about this model: its plan and its files do not belong to another one."""
        return self.file if self.file and model == self.file.model else None

    def plan(self, model: str) -> str | None:
        """The plan for a verification of this model, if the file names one."""
        about = self.of_model(model)
        return self.took("plan", about.plan) if about and about.plan else None

    def texts(self, name: str, given: list[str] | None, said: list[str] | None) -> list[str]:
        """Those of the command line, or those of the file."""
        return given or [self.took(name, one) for one in said or ()]

    def took(self, name: str, value: str, remark: str = "") -> str:
        """The value, which `tell` names."""
        self._taken.append(f"{name} {value}{remark}")
        return value

    def tell(self) -> None:
        """One line on standard error, if anything was taken."""
        if self._taken and self.file:
            note(f"{FILE_NAME}: {', '.join(self._taken)}")
