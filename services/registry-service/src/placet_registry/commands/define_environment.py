"""Give an environment its place in the order."""

from dataclasses import dataclass

from placet_registry.domain.environments import Environment
from placet_registry.domain.words import environment_name
from placet_shared.access import Roles, allowed
from placet_shared.errors import FieldError, Invalid
from placet_shared.event_store import UnitOfWork

__all__ = ["DefineEnvironment", "DefinedEnvironment", "begin_environment", "define_environment"]


@dataclass(frozen=True, slots=True)
class DefineEnvironment:
    """Right after `after`, or before all when it is None."""

    name: str
    after: str | None


@dataclass(frozen=True, slots=True)
class DefinedEnvironment:
    """The environment's place in the order: right after `after`."""

    name: str
    after: str | None


@allowed(Roles.ADMIN)
async def define_environment(command: DefineEnvironment, uow: UnitOfWork) -> DefinedEnvironment:
    """Raises `Conflict` when it is defined already, `Invalid` when `after` is not."""
    uow.about(environment_name("name", command.name))
    known = await uow.load(Environment, command.name)
    if known:
        raise known.refuse_again()
    return await _define(command, uow)


async def begin_environment(command: DefineEnvironment, uow: UnitOfWork) -> None:
    """The same at the service's start, where an environment that is defined already is no refusal.

    It is looked for once: another replica that starts now may define it at any moment, and then the append is what notices it.
    """
    if await uow.load(Environment, command.name) is None:
        await _define(command, uow)


async def _define(command: DefineEnvironment, uow: UnitOfWork) -> DefinedEnvironment:
    if command.after is not None:
        await _demand_environment(command.after, uow)
    environment = Environment.define(command.name, command.after, await uow.now())
    uow.save(environment, subject=environment.name)
    return DefinedEnvironment(environment.name, environment.after)


async def _demand_environment(name: str, uow: UnitOfWork) -> None:
    if await uow.load(Environment, environment_name("after", name), check=False) is None:  # none is ever removed
        raise Invalid(
            f"There is no environment {name!r}.",
            code="environment_unknown",
            resolve="GET /v1/environments lists them; null puts the new one before all others.",
            errors=[FieldError("after", name, "the name of an environment, or null")],
        )
