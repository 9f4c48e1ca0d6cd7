"""Verifying a model: a million rows beside a bare script, what a child costs to start, and runs a minute."""

import asyncio
import json
import sys
import tempfile
import time
from asyncio import subprocess
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from bench.many_rows import Files, prepare
from bench.measuring import Contestant, Figure
from bench.options import Options, read_options
from bench.report import Rows, Table, compared, measure_rounds, print_rows, print_tables, run_rounds, write_tables
from bench.runs_a_minute import runs_a_minute
from bench.sandboxed import EXPLAINED, FULL, MEMORY_MIB, METRICS, SECONDS, evaluated, trial

from placet_verification.adapters.fork_server import ForkServer
from placet_verification.adapters.sandbox import Sandbox

ROWS, QUICK_ROWS = 1_000_000, 60_000
IMPORTS = "import numpy, scipy.stats, onnx, onnxruntime"
Peaks = dict[str, float]


async def bare(files: Files, wanted: str) -> dict[str, float]:
    """The script's own figures."""
    command = [sys.executable, "-m", "bench.bare_evaluation", str(files.model), str(files.data), wanted]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=Path(__file__).parent)
    said, _ = await process.communicate()
    figures: dict[str, float] = json.loads(said)
    return figures


def once(name: str, rows: int, work: Callable[[], Awaitable[float | None]]) -> Contestant:
    """One piece of work a round, as rows a second; it may say its own seconds."""

    async def measure(_: float) -> Figure:
        began = time.perf_counter()
        seconds = await work() or time.perf_counter() - began
        return Figure(rows / seconds, 1000 * seconds, 1000 * seconds, 1)

    return Contestant(name, 1, measure)


async def of_many_rows(files: Files, sandbox: Sandbox, rounds: int) -> tuple[list[Table], Rows]:
    """Both comparisons, and the peak memory of each contestant."""
    peaks: Peaks = {}

    async def scripted() -> None:
        peaks["ONNX Runtime and scikit-learn"] = (await bare(files, "metrics"))["peak_memory_bytes"]

    async def inference_alone() -> float:
        return (await bare(files, "nothing"))["inference_seconds"]

    async def four_metrics() -> None:
        peaks["a run that measures the same"] = (await evaluated(sandbox, metrics)).observations["peak_memory_bytes"]

    async def every_verdict() -> None:
        peaks["a run by the full plan"] = (await evaluated(sandbox, full)).observations["peak_memory_bytes"]

    async def explained() -> None:
        await evaluated(sandbox, further)

    metrics, full, further = (trial(files, files.data, checks) for checks in (METRICS, FULL, EXPLAINED))
    script = once("ONNX Runtime and scikit-learn", files.rows, scripted)
    inference = once("ONNX Runtime, inference alone", files.rows, inference_alone)
    same = once("a run that measures the same", files.rows, four_metrics)
    whole = once("a run by the full plan", files.rows, every_verdict)
    more = once("… with importance, partial dependence, explanations", files.rows, explained)
    measured = await measure_rounds([script, inference, same, whole, more], rounds, 0)
    tables = [
        Table(f"{files.rows:,} rows of 30 columns, AUC, log loss, Brier, accuracy", "rows", compared(measured, [script, same], script)),
        Table(
            "The full plan beside one pass of inference over the same rows", "rows", compared(measured, [inference, whole, more], inference)
        ),
    ]
    return tables, Rows("Peak memory", ["", "MB"], [[name, round(peak / 1e6)] for name, peak in peaks.items()])


async def of_a_start(files: Files, sandbox: Sandbox, rounds: int, seconds: float) -> Table:
    """A whole run on two hundred rows beside an interpreter that imports the same libraries."""
    small = trial(files, files.small, METRICS)

    async def importing() -> None:
        process = await asyncio.create_subprocess_exec(sys.executable, "-I", "-c", IMPORTS)
        if await process.wait():
            raise RuntimeError("an import failed")

    async def running() -> None:
        await evaluated(sandbox, small)

    await running()  # which starts the server that forks
    yardstick, ours = (
        repeated("an interpreter that imports the libraries", importing),
        repeated("a run on 200 rows in the sandbox", running),
    )
    results = await run_rounds([yardstick, ours], yardstick, rounds, seconds)
    return Table("Starting a child", "starts", results)


def repeated(name: str, work: Callable[[], Awaitable[None]]) -> Contestant:
    """One after the other for so many seconds."""

    async def measure(seconds: float) -> Figure:
        began = time.perf_counter()
        done = 0
        while done == 0 or time.perf_counter() - began < seconds:
            await work()
            done += 1
        each = (time.perf_counter() - began) / done
        return Figure(1 / each, 1000 * each, 1000 * each, done)

    return Contestant(name, 1, measure)


async def compare(folder: Path, options: Options) -> tuple[list[Table], list[Rows]]:
    """All of it."""
    files = await asyncio.to_thread(prepare, folder, QUICK_ROWS if options.quick else ROWS)
    with closing(ForkServer()) as children:
        sandbox = Sandbox(SECONDS, MEMORY_MIB, children)
        tables, peaks = await of_many_rows(files, sandbox, options.rounds)
        tables.append(await of_a_start(files, sandbox, options.rounds, options.seconds))
    return tables, [peaks, await runs_a_minute(files, 4 if options.quick else 80)]


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=3, seconds=5)
    with tempfile.TemporaryDirectory(prefix="placet-bench-") as folder:
        tables, rows = asyncio.run(compare(Path(folder), options))
    print_tables(tables)
    for one in rows:
        print_rows(one)
    write_tables(options.json, tables, rows)


if __name__ == "__main__":
    main()
