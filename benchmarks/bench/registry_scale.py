"""registry-service with many models: half of the versions and deployments are of one of them, the others have one of each. The same of
the versions of data sets."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import md5, sha256
from pathlib import Path

from bench.database import Database
from bench.endpoints import Endpoint, Filled, Served
from bench.filling import feed_endpoints, filled_by, served_in_process
from bench.quiet_neighbours import EveryoneIs
from placet_registry.app import registry_app
from placet_registry.bootstrap import MIGRATIONS, Neighbours
from placet_registry.settings import RegistrySettings
from placet_shared.web.pages import encode_cursor

__all__ = ["REGISTRY"]

BUSY = "model-00000001"
BUSY_DATA = "data-00000001"
BLOB = b"artifact"
# Of the tags, formats and environments some are everywhere, some at few places, the first or the last ones in the list's order.
ROWS = """
    insert into models
    select 'model-' || lpad(n::text, 8, '0'), 'name ' || lpad(n::text, 8, '0') || ' ' || left(md5(n::text), 8), null, null,
           jsonb_build_object('team', case n % 2 when 0 then 'risk' else 'sales' end)
               || case when n > $number - 5 then '{"rare": "yes"}' else '{}' end::jsonb,
           1, 1, 'person-1', now(), now(), n
    from generate_series(1, $number) n;
    insert into versions
    select 'version-' || n, case n % 2 when 0 then 'model-' || lpad(n::text, 8, '0') else 'model-00000001' end,
           case n % 2 when 0 then 1 else (n + 1) / 2 end, encode(sha256(n::text::bytea), 'hex'), 1000, null,
           case when n <= 5 then 'rare' when n % 2 = 0 then 'onnx' else 'sklearn' end, null,
           '{"trained_by": [], "prepared_by": [], "datasets": [], "experiments": [], "base": null}', 'person-1', now(), n
    from generate_series(1, $number) n;
    insert into environments values ('canary', 1, 'person-1', now());
    insert into deployments
    select 'deployment-' || n, case when n % 2 = 1 then 'dev' when n <= 6 then 'canary' else 'prod' end,
           case n % 2 when 0 then 'model-' || lpad(n::text, 8, '0') else 'model-00000001' end, 'version-' || n,
           encode(sha256(n::text::bytea), 'hex'), null, 1, 'person-1', now(),
           case when over then now() end, case when over then 'person-1' end, case when over then 'replaced' end, null, null, null, n
    from generate_series(1, $number) n, lateral (select n % 2 = 1 and n < $number - 1 as over) o;
    insert into datasets
    select 'dataset-' || n,
           case n % 2 when 0 then 'data-' || lpad(n::text, 8, '0') || '-' || left(md5(n::text), 8) else 'data-00000001' end,
           case n % 2 when 0 then 1 else (n + 1) / 2 end, encode(sha256(n::text::bytea), 'hex'), 1000, 'csv',
           '[{"name": "age", "type": "number"}]', 1000, '2026-01-01', '2026-03-31',
           case when n % 2 = 1 or n > $number - 5 then 'reference' when n % 4 = 0 then 'train' else 'test' end,
           'person-1', 'person-1', now(), n % 2 = 1 and n < $number - 1
    from generate_series(1, $number) n;
"""
OF_EVENT = "'version-' || n, 1, 'VersionRegistered', 1, 'model-' || n"


@asynccontextmanager
async def neighbours(settings: RegistrySettings) -> AsyncIterator[Neighbours]:
    """In place of approval-service."""
    yield Neighbours(EveryoneIs(), NoPeople())


class NoPeople:
    """Reads ask for none."""

    async def person_id(self, id_or_name: str) -> str | None:
        """Unknown."""
        return None


@asynccontextmanager
async def serve(database: Database) -> AsyncIterator[Served]:
    """With one blob in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        settings = RegistrySettings.load(database_url=database.service_url, blob_dir=Path(folder))
        async with served_in_process(registry_app(settings, neighbours)) as served:
            (await served.client.post("/v1/blobs", content=BLOB)).raise_for_status()
            yield served


def digest_of(number: int) -> str:
    """Of the artifact of version so and so."""
    return sha256(str(number).encode()).hexdigest()


def listing(listing: str, name: str, query: str = "", middle: Callable[[int], str | int] | None = None) -> Endpoint:
    """`{last}` is the last model, `{word}` of its name, `{digest}` of its version; `middle` gives the key of a page in the middle."""

    def path(size: int) -> str:
        cursor = f"&cursor={encode_cursor(listing, [middle(size)])}" if middle else ""
        return f"/v1/{listing}?{query.format(last=f'{size:08}', word=word_of(size), digest=digest_of(size))}{cursor}"

    return Endpoint(f"{listing}, {name}", path)


def half_way(size: int) -> int:
    """The position of a row in the middle."""
    return size // 2


def word_of(number: int) -> str:
    """The last word of a model's name."""
    return md5(str(number).encode(), usedforsecurity=False).hexdigest()[:8]


def middle_name(size: int) -> str:
    """The name of a model in the middle."""
    return f"name {size // 2:08}"


def data_name(number: int) -> str:
    """The name of the data set with this number, which is even."""
    return f"data-{number:08}-{word_of(number)}"


def middle_data_name(size: int) -> str:
    """The name of a data set in the middle."""
    return f"data-{size // 2:08}"


def half(size: int) -> str:
    """A page of versions in the middle."""
    return f"cursor={encode_cursor('versions', [half_way(size)])}"


UNKNOWN = digest_of(0)
OF_BUSY = f"models/{BUSY}/versions"
REGISTRY = Filled(
    "registry",
    "models, versions and deployments",
    filled_by("registry", MIGRATIONS, ROWS, OF_EVENT),
    serve,
    (
        listing("models", "first page"),
        listing("models", "a page in the middle", "", middle_name),
        listing("models", "a part of all names", "name=name"),
        listing("models", "a part of one name", "name={word}"),
        listing("models", "a part of no name", "name=nothing"),
        listing("models", "two letters of no name", "name=zz"),
        listing("models", "a tag of many", "tag=team=risk"),
        listing("models", "a tag of few", "tag=rare=yes"),
        listing("models", "a tag of none", "tag=team=none"),
        listing("models", "a key of many", "tag=team"),
        listing("models", "a key of none", "tag=nothing"),
        listing("models", "an artifact", "sha256={digest}"),
        listing("models", "an unknown artifact", f"sha256={UNKNOWN}"),
        listing("models", "a format of many", "format=onnx"),
        listing("models", "a format of many, in the middle", "format=onnx", middle_name),
        listing("models", "a format of one with many versions", "format=sklearn"),
        listing("models", "a format of few", "format=rare"),
        listing("models", "an absent format", "format=none"),
        listing("models", "an environment of many", "environment=prod"),
        listing("models", "an environment of few", "environment=canary"),
        listing("models", "an environment of none", "environment=test"),
        listing("models", "a tag of many and a format of few", "tag=team=risk&format=rare"),
        listing("models", "a format and an environment of many", "format=onnx&environment=prod"),
        Endpoint("model", lambda size: f"/v1/models/model-{size:08}"),
        Endpoint("model by name", lambda size: f"/v1/models/by-name/name {size:08} {word_of(size)}"),
        listing("versions", "first page"),
        listing("versions", "a page in the middle", "", half_way),
        listing("versions", "an artifact", "sha256={digest}"),
        listing("versions", "an unknown artifact", f"sha256={UNKNOWN}"),
        listing("versions", "a format of many", "format=onnx"),
        listing("versions", "a format of few", "format=rare"),
        listing("versions", "an absent format", "format=none"),
        listing("versions", "an environment of many", "environment=prod"),
        listing("versions", "an environment of few", "environment=canary"),
        listing("versions", "an environment of none", "environment=test"),
        listing("versions", "a format and an environment of few", "format=onnx&environment=canary"),
        Endpoint("versions of an artifact", lambda size: f"/v1/artifacts/{digest_of(size)}/versions"),
        Endpoint("versions of a model with one", lambda size: f"/v1/models/model-{size:08}/versions"),
        Endpoint("versions of a model with many", lambda size: f"/v1/{OF_BUSY}"),
        Endpoint(
            "versions of a model with many, in the middle", lambda size: f"/v1/{OF_BUSY}?cursor={encode_cursor('versions', [size // 2])}"
        ),
        Endpoint("versions of a model with many, a format of all", lambda size: f"/v1/{OF_BUSY}?format=sklearn"),
        Endpoint("versions of a model with many, a format of others", lambda size: f"/v1/{OF_BUSY}?format=onnx"),
        Endpoint("versions of a model with many, a format of few", lambda size: f"/v1/{OF_BUSY}?format=rare"),
        Endpoint("versions of a model with many, an environment", lambda size: f"/v1/{OF_BUSY}?environment=dev"),
        Endpoint("versions of a model with many, an environment of others", lambda size: f"/v1/{OF_BUSY}?environment=prod"),
        Endpoint("version", lambda size: f"/v1/versions/version-{size}"),
        Endpoint("version by number", lambda size: f"/v1/models/{BUSY}/versions/{size // 2}"),
        listing("deployments", "first page"),
        listing("deployments", "a page in the middle", "", half_way),
        listing("deployments", "all, first page", "state=all"),
        listing("deployments", "all, a page in the middle", "state=all", half_way),
        listing("deployments", "ended", "state=ended"),
        listing("deployments", "current in an environment with many", "environment=prod"),
        listing("deployments", "current in an environment with one", "environment=dev"),
        listing("deployments", "ended in an environment without any", "state=ended&environment=prod"),
        listing("deployments", "all in an environment with few", "state=all&environment=canary"),
        listing("deployments", "current of a model", "model_id=model-{last}"),
        listing("deployments", "current of a model with many ended", f"model_id={BUSY}"),
        listing("deployments", "all of a model with many", f"model_id={BUSY}&state=all"),
        listing("deployments", "all of a model in an environment without any", f"model_id={BUSY}&state=all&environment=prod"),
        listing("deployments", "of an artifact", "sha256={digest}&state=all"),
        listing("deployments", "of an unknown artifact", f"sha256={UNKNOWN}&state=all"),
        Endpoint("deployment", lambda size: f"/v1/deployments/deployment-{size}"),
        listing("datasets", "first page"),
        listing("datasets", "a page in the middle", "", middle_data_name),
        listing("datasets", "a part of all names", "name=data"),
        listing("datasets", "a part of all names, in the middle", "name=data", middle_data_name),
        listing("datasets", "a part of one name", "name={word}"),
        listing("datasets", "a part of no name", "name=nothing"),
        listing("datasets", "two letters of no name", "name=zz"),
        listing("datasets", "a role of many", "role=train"),
        listing("datasets", "a role of many, in the middle", "role=train", middle_data_name),
        listing("datasets", "a role of few", "role=reference"),
        listing("datasets", "a role of none", "role=validation"),
        listing("datasets", "a part of all names and a role of few", "name=data&role=reference"),
        listing("datasets", "a part of one name and a role of many", "name={word}&role=train"),
        Endpoint("versions of a data set with one", lambda size: f"/v1/datasets/{data_name(size)}"),
        Endpoint("versions of a data set with many", lambda size: f"/v1/datasets/{BUSY_DATA}"),
        Endpoint(
            "versions of a data set with many, in the middle",
            lambda size: f"/v1/datasets/{BUSY_DATA}?cursor={encode_cursor('dataset-versions', [size // 4])}",
        ),
        Endpoint("version of a data set", lambda size: f"/v1/datasets/{BUSY_DATA}/{size // 4}"),
        Endpoint("data sets of some bytes", lambda size: f"/v1/blobs/{sha256(str(size).encode()).hexdigest()}/datasets"),
        Endpoint("latest version of a data set with one", lambda size: f"/v1/datasets/{data_name(size)}/latest"),
        Endpoint("latest version of a data set with many", lambda size: f"/v1/datasets/{BUSY_DATA}/latest"),
        Endpoint("environments", lambda size: "/v1/environments"),
        Endpoint("blob", lambda size: f"/v1/blobs/{sha256(BLOB).hexdigest()}"),
        *feed_endpoints(),
    ),
)
