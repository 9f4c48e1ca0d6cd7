"""Lists among more sign-offs than are looked at one by one: each shows what a search through all rows finds, page by page."""

from collections.abc import AsyncIterator
from itertools import product

import asyncpg
import orjson
import pytest

from placet_approval.queries.selecting_sign_offs import FEW, SignOffFilter
from placet_approval.queries.sign_offs import list_sign_offs
from placet_approval.queries.tokens import list_tokens

pytestmark = pytest.mark.postgres

NUMBER = 6 * FEW
PAGE = 170
# Every third one is pending; person-1 requested some of these, has signed some, and has a part in others.
ROWS = f"""
    insert into known_models select 'model-' || n, 'name ' || n from generate_series(0, 9) n;
    insert into sign_offs (sign_off_id, model_id, version_id, environment, state, artifact_sha256, evidence, policy, signatures, excluded,
                           requester_id, requested_at, changed_at, stream_version)
    select 'sign-off-' || to_char(n, 'fm00000'), 'model-' || n % 10, 'version-' || n % 400, case n % 7 when 0 then 'test' else 'prod' end,
           case n % 3 when 0 then 'pending' else 'approved' end, 'bytes-' || n, '[]', '{{}}',
           jsonb_build_array(jsonb_build_object('any_of', case when n % 50 = 0 then '["owner"]' else '["reviewer", "admin"]' end::jsonb,
                                                'count', 1)), '[]',
           case n % 11 when 0 then 'person-1' else 'person-2' end, now(), now(), 1
    from generate_series(1, {NUMBER}) n;
    insert into approvals select sign_off_id, 'person-1', 'reviewer', now() from sign_offs where right(sign_off_id, 1) = '6';
    insert into known_involvements
    select artifact_sha256, 'person-1', 'trainer', 'person-1', version_id, now() from sign_offs where right(sign_off_id, 1) = '9';
"""


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, server_settings={"search_path": "approval"}, min_size=1, max_size=2) as pool:
        yield pool


async def test_a_list_of_sign_offs_shows_those_that_a_search_through_all_finds(pool: asyncpg.Pool) -> None:
    await pool.execute(ROWS)
    rows = await pool.fetch("select * from sign_offs order by sign_off_id desc")

    def fits(row: asyncpg.Record, wanted: SignOffFilter) -> bool:
        [term] = orjson.loads(row["signatures"])
        signable = row["requester_id"] != "person-1" and row["sign_off_id"][-1] not in "69" and bool({*term["any_of"]} & {*wanted.roles})
        return (
            (not wanted.pending or row["state"] == "pending")
            and wanted.environment in (None, row["environment"])
            and wanted.model in (None, row["model_id"], row["model_id"].replace("model-", "name "))
            and wanted.version_id in (None, row["version_id"])
            and (wanted.signer is None or signable)
        )

    models, versions, signers = (None, "model-3", "name 3", "none"), (None, "version-13"), (None, ("reviewer",), ("owner",), ("pipeline",))
    for pending, environment, model, version, roles in product((False, True), (None, "prod", "test", "none"), models, versions, signers):
        wanted = SignOffFilter(pending, environment, model, version, "person-1" if roles else None, roles or ())
        found: list[str] = []
        while page := await list_sign_offs(pool, wanted, found[-1] if found else None, PAGE):
            found += [one.id for one in page]
        assert found == [row["sign_off_id"] for row in rows if fits(row, wanted)], wanted


async def test_tokens_are_listed_of_every_holder_that_has_the_name(pool: asyncpg.Pool) -> None:
    await pool.execute("""
        insert into people values ('person-1', '{}', true, 1, now(), now(), null), ('person-2', '{}', true, 1, now(), now(), null);
        insert into people_names values ('person-1', 'ci', 'C I', null), ('person-2', 'bob', 'Bob', null);
        insert into service_accounts values ('account-1', 'ci', '{}', true, 1, now(), now());
        insert into tokens
        select 'token-' || n, (array['person-1', 'person-2', 'account-1'])[1 + n % 3], 'person', encode(sha256(n::text::bytea), 'hex'),
               1, now(), 'person-1', null, null, null, null
        from generate_series(100, 129) n
    """)
    for holder, ids in (("ci", {"person-1", "account-1"}), ("person-2", {"person-2"}), ("bob", {"person-2"}), ("nobody", set())):
        found: list[str] = []
        while page := await list_tokens(pool, found[-1] if found else "", 7, holder=holder):
            found += [token.token_id for token in page]
        rows = await pool.fetch("select token_id from tokens where holder_id = any ($1) order by token_id", list(ids))
        assert found == [row["token_id"] for row in rows], holder
