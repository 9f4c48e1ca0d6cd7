"""The process of approval-service: serving, `add-admin NAME`, `issue-token NAME`, and `rebuild PROJECTION`."""

import sys
from collections.abc import Awaitable, Callable

from placet_approval.adapters.first_people import FirstPeople
from placet_approval.app import approval_app
from placet_approval.bootstrap import REPLAYS, open_own_store
from placet_approval.migrations import MIGRATIONS
from placet_approval.settings import ApprovalSettings
from placet_shared.errors import PlacetError
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.service.process import Act, run_process
from placet_shared.service.rebuild_act import rebuild_act

__all__ = ["run"]


async def add_admin(settings: ApprovalSettings, name: str) -> int:
    """Make a person an admin and print a new token for them."""
    return await _printed(settings, lambda people: people.make_admin(name))


async def give_token(settings: ApprovalSettings, name: str) -> int:
    """Print a new token for a person, which no other person has seen."""
    return await _printed(settings, lambda people: people.make_token(name))


async def _printed(settings: ApprovalSettings, make: Callable[[FirstPeople], Awaitable[str | None]]) -> int:
    try:
        async with open_own_store(settings) as store:
            token = await make(FirstPeople(store))
    except PlacetError as error:
        print(f"{error.detail} {error.resolve or ''}".strip(), file=sys.stderr)
        return 1
    except (RuntimeError, *DATABASE_ERRORS) as error:
        print(f"the database can't be used: {error}", file=sys.stderr)
        return 1
    print(token or "There is no person of that name. Names: `placet people list`.", file=sys.stdout if token else sys.stderr)
    return 0 if token else 1


ADD_ADMIN = Act[ApprovalSettings]("add-admin", "make a person an admin and print a new token for them, once", add_admin, words=("name",))

ISSUE_TOKEN = Act[ApprovalSettings](
    "issue-token", "print a new token for a person, which no person issued, once", give_token, words=("name",)
)


def run() -> int:
    """The process's exit code."""
    return run_process(
        ApprovalSettings, approval_app, MIGRATIONS, [ADD_ADMIN, ISSUE_TOKEN, rebuild_act(ApprovalSettings, MIGRATIONS, REPLAYS)]
    )
