"""Memory of each process of `placet up` at rest and after load: registering versions over 32 connections, which other services follow."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from bench.http_client import Order, http_client
from bench.installation import Installed, data_folder, up
from bench.options import Options, read_options
from bench.registering import prepared
from bench.report import Rows, print_rows, write_tables

MODELS = 256
CONNECTIONS = 32
SETTLE_SECONDS = 2.0


def processes(installed: Installed) -> dict[str, list[int]]:
    """Process ids by name; PostgreSQL's are one."""
    found: dict[str, list[int]] = {"supervisor": [installed.process_id]}
    for child in _children(installed.process_id):
        words = _command(child)
        if "postgres" in words[0]:
            found["PostgreSQL, all its processes"] = [child, *_children(child)]
        else:
            found["fork server"] = [child]
            for service in _children(child):
                words = _command(service)
                package = next(word for word in words if word.startswith("placet_"))
                found[" ".join([package.removeprefix("placet_"), *words[words.index(package) + 1 :]])] = [service]
    return found


def _command(process: int) -> list[str]:
    return Path(f"/proc/{process}/cmdline").read_bytes().decode().rstrip("\0").split("\0")


def _children(parent: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*"):
        try:
            stat = (path / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == parent:
            yield int(path.name)


def megabytes(ids: list[int], measure: str) -> float:
    """`Rss`, or `Pss`: what is shared with others counted in part."""
    total = 0
    for process_id in ids:
        try:
            lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue  # a connection that has ended
        total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{measure}:"))
    return round(total / 1024, 1)


async def measure(folder: Path, options: Options) -> Rows:
    """One row a process."""
    async with up(folder) as installed, http_client() as client:
        await asyncio.sleep(SETTLE_SECONDS)
        rest = {name: (megabytes(ids, "Rss"), megabytes(ids, "Pss")) for name, ids in processes(installed).items()}
        url, token = installed.addresses["registry"], installed.token("alice")
        paths, body = await prepared(url, token, MODELS, [])
        order = Order(int(url.rpartition(":")[2]), token, paths, body, 201, CONNECTIONS, options.rounds * options.seconds)
        figure = await client.measure(order)
        load = {name: (megabytes(ids, "Rss"), megabytes(ids, "Pss")) for name, ids in processes(installed).items()}
    rows: list[list[str | float]] = [[name, *rest[name], *load.get(name, (0, 0))] for name in rest]
    total: list[str | float] = [
        "all",
        "",
        round(sum(pss for _, pss in rest.values()), 1),
        "",
        round(sum(pss for _, pss in load.values()), 1),
    ]
    columns = ["MB", "RSS at rest", "PSS at rest", "RSS after load", "PSS after load"]
    return Rows(f"Memory of each process, before and after {figure.done:,} versions were registered", columns, [*rows, total])


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, seconds=2.0)
    with data_folder() as folder:
        rows = asyncio.run(measure(folder, options))
    print_rows(rows)
    write_tables(options.json, [], [rows])


if __name__ == "__main__":
    main()
