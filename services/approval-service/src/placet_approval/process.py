"""The process of approval-service: serving, `add-admin NAME`, and `rebuild PROJECTION`."""

import sys

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
    try:
        async with open_own_store(settings) as store:
            token = await FirstPeople(store).make_admin(name)
    except PlacetError as error:
        print(f"{error.detail} {error.resolve or ''}".strip(), file=sys.stderr)
        return 1
    except (RuntimeError, *DATABASE_ERRORS) as error:
        print(f"the database can't be used: {error}", file=sys.stderr)
        return 1
    print(token)
    return 0


ADD_ADMIN = Act[ApprovalSettings]("add-admin", "make a person an admin and print a new token for them, once", add_admin, words=("name",))


def run() -> int:
    """The process's exit code."""
    return run_process(ApprovalSettings, approval_app, MIGRATIONS, [ADD_ADMIN, rebuild_act(ApprovalSettings, MIGRATIONS, REPLAYS)])
