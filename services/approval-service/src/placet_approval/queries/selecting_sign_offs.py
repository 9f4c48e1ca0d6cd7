"""Which sign-offs a list shows, in steps that do not grow with the number of sign-offs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from placet_shared.postgres.led_pages import Arguments, Leading, newest_first

__all__ = ["Selected", "SignOffFilter", "sign_offs_page"]

MODELS = "select $1 as model_id union select model_id from known_models where name = $1"
PENDING = "state = 'pending'"
# Up to so many are looked at one by one; of more of them some are soon found among the newest.
FEW = 200
FOR_ROLES = f"""
    select sign_off_id from sign_offs where {PENDING} and jsonb_path_query_array(signatures, '$[*].any_of[*]') ?| $1::text[] limit $2
"""
REASSIGNED = "select distinct sign_off_id from reassignments where person_id = $1"
# A release is signed as one: a part in one version of it keeps a person from all of them.
# As values of a row and not as joins, so that they are asked of the rows in order until the page is full.
SIGNABLE = """
    requester_id <> {person}
    and (coalesce((select true from jsonb_array_elements(signatures) term where term -> 'any_of' ?| {of_person}::text[] limit 1), false)
         or coalesce((select true from reassignments r
                      where r.sign_off_id = {table}.sign_off_id and r.person_id = {person} limit 1), false))
    and not coalesce((select true from approvals a
                      where a.sign_off_id = {table}.sign_off_id and {person} in (a.person_id, a.on_behalf_of) limit 1), false)
    and not coalesce((select true from known_involvements i
                      where i.artifact_sha256 = {table}.artifact_sha256 and i.person_id = {person} limit 1), false)
    and ({table}.release_id is null
         or not coalesce((select true from sign_offs m
                          join known_involvements i on i.artifact_sha256 = m.artifact_sha256 and i.person_id = {person}
                          where m.release_id = {table}.release_id limit 1), false))
"""


@dataclass(frozen=True, slots=True)
class SignOffFilter:
    """`signer` and `roles` belong together: only what that person could sign."""

    open: bool = False
    environment: str | None = None
    model: str | None = None
    version_id: str | None = None
    signer: str | None = None
    roles: Sequence[str] = ()

    @property
    def pending(self) -> bool:
        """Whether only those are asked for that wait for people."""
        return self.open or self.signer is not None


@dataclass(frozen=True, slots=True)
class Selected:
    """A statement for rows of `sign_offs`, and its arguments."""

    sql: str
    args: Sequence[Any]


async def sign_offs_page(connection: asyncpg.Pool, wanted: SignOffFilter, before: str | None, limit: int) -> Selected:
    """Up to `limit`, newest first, from the one before id `before` on."""
    args = Arguments()
    models = [row["model_id"] for row in await connection.fetch(MODELS, wanted.model)] if wanted.model is not None else None
    few = await _few_for_roles(connection, wanted)
    if wanted.version_id is not None or few is not None:
        return Selected(_among_few(wanted, models, few, args, before, limit), args)
    leads = _leads(wanted, models)
    conditions = list(_conditions(wanted, "sign_offs", args))
    if wanted.environment is not None and "environment" not in leads[0].columns:
        conditions.append(f"environment = {args.add(wanted.environment)}")
    return Selected(newest_first("sign_offs", leads, conditions, args, before=before, limit=limit, key="sign_off_id"), args)


def _leads(wanted: SignOffFilter, models: Sequence[str] | None) -> Sequence[Leading]:
    """Of one model few are pending, whatever their environment."""
    columns, values = (("environment",), (wanted.environment,)) if wanted.environment is not None else ((), ())
    if models is None:
        return [Leading(columns, values)]
    if wanted.pending:
        columns, values = (), ()
    return [Leading((*columns, "model_id"), (*values, model)) for model in models]


def _among_few(
    wanted: SignOffFilter, models: Sequence[str] | None, few: Sequence[str] | None, args: Arguments, before: str | None, limit: int
) -> str:
    """Of one version, or of those that wait for one of the signer's roles."""
    named = f"version_id = {args.add(wanted.version_id)}" if few is None else f"sign_off_id = any ({args.add(few)}::text[])"
    conditions = ["true", *_conditions(wanted, "few", args)]
    asked = {"environment": wanted.environment, "version_id": wanted.version_id}
    conditions += [f"{column} = {args.add(value)}" for column, value in asked.items() if value is not None]
    if models is not None:
        conditions.append(f"model_id = any ({args.add(models)}::text[])")
    if before is not None:
        conditions.append(f"sign_off_id < {args.add(before)}")
    return f"""
        with few as materialized (select * from sign_offs where {named})
        select * from few where {" and ".join(conditions)} order by sign_off_id desc limit {limit:d}
    """


def _conditions(wanted: SignOffFilter, table: str, args: Arguments) -> Iterator[str]:
    if wanted.pending:
        yield PENDING
    if wanted.signer is not None:
        yield SIGNABLE.format(table=table, person=args.add(wanted.signer), of_person=args.add(list(wanted.roles)))


async def _few_for_roles(connection: asyncpg.Pool, wanted: SignOffFilter) -> Sequence[str] | None:
    """Those that wait for a signature in one of the signer's roles; None when they are many, or not asked for."""
    if wanted.signer is None:
        return None
    rows = await connection.fetch(FOR_ROLES, list(wanted.roles), FEW + 1)
    if len(rows) > FEW:
        return None
    reassigned = await connection.fetch(REASSIGNED, wanted.signer)
    return [row["sign_off_id"] for row in (*rows, *reassigned)]
