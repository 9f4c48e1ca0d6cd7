"""Writes the tables into performance.md and draws their pictures, from the files that `make bench` leaves; `make docs` runs it."""

import hashlib
import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
PAGE = DOCS / "performance.md"
RESULTS = DOCS.parent / "benchmarks/results"
BEGIN, END = "<!-- made by `make docs` -->\n", "<!-- until here -->\n"

# In this order; a file that is not named here comes last, under its own name.
HEADINGS = {
    "append": "Appending and whole commands",
    "shell": "What the shell around an endpoint costs",
    "rest": "Commands over REST",
    "waiting": "From an approval to the requests that wait for it",
    "over_kafka": "From an approval to consumers of the topic, over Kafka",
    "gate": "The gate",
    "rebuild": "Rebuilding a projection",
    "scale": "As the data grow",
    "inbox": "An inbox, as sign-offs grow",
    "replay": "Replaying the past under a draft policy",
    "webhooks": "Webhooks",
    "timers": "Deadlines that are due at once",
    "ingest": "Logging and showing the events of other services",
    "verification": "Verifying a model",
    "telemetry": "What telemetry costs",
    "memory": "Memory",
    "startup": "Starting",
    "first_run": "The first run",
}

# What a reader has to know before the figures.
NOTES = {
    "append": (
        "What a whole command costs beside its bare append is mostly Python: the last table says where the time goes. Our one thread and "
        "PostgreSQL's sessions wait for each other at the append lock, which is held from the append to the commit of the rows beside it. "
        "The library's rate varies most from run to run, and the ratios with it: three runs gave 7.6, 9.3 and 11.3 for whole commands, "
        "the last of which is this one."
    ),
    "waiting": (
        "Time runs from the commit record on, for all three alike. Long-polls of 1,000 waiters came to 4.3 to 11 times the raw sockets "
        "over the rounds, so the limit of 6 is kept by the median and not safely: each of them ends a request, one after the other in "
        "one thread, and the profile below says on what the time goes."
    ),
    "shell": (
        "The profiles say on what it goes; they slow the server, so their shares are those of the time that was measured without them."
        " What a registered version takes beyond the shell is the command: two aggregates loaded, decided on and appended, three rows "
        "of the read model, the stored answer. At 32 connections few commands share a batch on two cores."
    ),
    "gate": (
        "Both sides use the same shell, which takes a third of what it took before: at 32 connections the bare SELECT went from 849 to"
        " about 2,900 a second and the gate from 471 to about 700; at one connection from 869 to 1,400, and from 115 to 435. At 32 "
        "connections both cores are busy: a question takes 0.6 ms of the service's process and half a millisecond of PostgreSQL's, for"
        " the one statement that reads everything a decision rests on. A decision for the record takes eight statements one after the "
        "other: the token, the snapshot while the sources are asked, the caller's rights, what the decision relies on, standing noes, "
        "the append, its row, the commit."
    ),
    "scale": (
        "One request at a time, in one process with its client; the time of the web framework and of asking the sources how far they are "
        "is in it. What grows with the data is seen in the blocks that a request reads, which do not depend on what else the machine does."
    ),
    "replay": (
        "Measured in one round while other work kept both cores busy, at a load of 27, so the blocks say more than the times, and the "
        "ratios more than the rates: what one decision takes of the service's own processor time is 0.07 ms. A page of a thousand is one "
        "statement with a few steps along indexes for each sign-off, and then Python in a thread, so that other requests go on. "
        "A replay ends after two minutes with what it has, and says that it is not complete."
    ),
    "webhooks": (
        "Measured in one round while other work ran beside it, so the ratios say more than the rates. Beside its post a delivery is a "
        "signature, and its share of a statement that reads up to twenty and of one that notes all that ended meanwhile. A receiver that "
        "hangs costs an attempt of ten seconds that waits beside all others, then one after 5 and 30 seconds, and so on."
    ),
    "timers": (
        "Ten thousand sign-offs whose time is over at the same moment, as after a night without the service. Each leads to a command of "
        "its own, which loads the sign-off, decides, and appends an event with its rows, 64 of them at a time in batches of the writer; "
        "none is ended because of a row alone. The gate does not wait for it: a time that is over is over for every question."
    ),
    "inbox": (
        "A tenth of the sign-offs wait, so at 1,000 there are a hundred for the signer, as many as are looked at together, and at 100,000 "
        "many more. Growth is from the first size to the last. Loops beside the requests (the one that keeps directives, the one that ends "
        "outdated sign-offs) read blocks too and are in the figures, at 100,000 most of all. The statements of an inbox alone, by "
        "`explain`, read 2,934 blocks at 1,000 sign-offs and 3,404 at 50,000 for a signer (1.16 times), 86 and 89 for a developer."
    ),
    "verification": (
        "The script uses both cores and ONNX Runtime's rewritten graph; a run uses one thread and the graph as it was registered, since a "
        "confined child has no second thread and results must not depend on how additions are spread. What importance, partial "
        "dependence and explanations predict further is three million rows, on samples of a fixed size."
    ),
    "telemetry": (
        "The rate is what a caller sees; it varies more than telemetry costs. The processor time that a request takes in the server's "
        "process is steadier, and says more: {processor}."
    ),
    "over_kafka": (
        "Requests that wait at approval-service wait at its own store, with no broker between, Kafka or not: that is the section above. "
        "This is the time from when the last signer got the answer that the signature is committed to the event at a plain consumer of "
        "`placet.approval.v1`, beside a message of 400 bytes that is sent straight to a topic of the same broker: one broker on the "
        "same machine, nothing replicated."
    ),
}

Document = Mapping[str, Any]
Wanted = tuple[str, str, str, str, int, Callable[[float, float], bool], float]

# What was wanted; file, the beginning of the table's title, contestant, how many at once, how its ratio must stand to what.
WANTED: Sequence[Wanted] = (
    ("bare appends beside the library's, 64 at once", "append", "Events", "ours, bare appends", 64, operator.ge, 18),
    ("whole commands beside the library's bare appends, 64 at once", "append", "Events", "ours, whole commands", 64, operator.ge, 10),
    ("bare appends beside COPY, 256 at once", "append", "The same", "ours, bare appends", 256, operator.ge, 0.25),
    ("registering a version beside the app doing nothing", "rest", "32", "registering a version", 32, operator.ge, 0.33),
    ("server-sent events beside raw sockets, p99, 1 waiting", "waiting", "Approved", "server-sent events", 1, operator.le, 3),
    ("server-sent events beside raw sockets, p99, 100 waiting", "waiting", "Approved", "server-sent events", 100, operator.le, 3),
    ("server-sent events beside raw sockets, p99, 1,000 waiting", "waiting", "Approved", "server-sent events", 1000, operator.le, 3),
    ("long-poll beside raw sockets, p99, 1 waiting", "waiting", "Approved", "long-poll", 1, operator.le, 6),
    ("long-poll beside raw sockets, p99, 100 waiting", "waiting", "Approved", "long-poll", 100, operator.le, 6),
    ("long-poll beside raw sockets, p99, 1,000 waiting", "waiting", "Approved", "long-poll", 1000, operator.le, 6),
    (
        "asking the gate beside a bare indexed SELECT, 32 connections",
        "gate",
        "Asking",
        "GET /v1/gate, barrier included",
        32,
        operator.ge,
        0.5,
    ),
    (
        "asking the gate beside a bare indexed SELECT, one connection",
        "gate",
        "Asking",
        "GET /v1/gate, barrier included",
        1,
        operator.ge,
        0.25,
    ),
    (
        "deciding for the record beside a bare one-row commit, one connection",
        "gate",
        "Deciding",
        "POST /v1/gate, a recorded decision",
        1,
        operator.ge,
        0.17,
    ),
    (
        "folding views rebuilt and swapped beside a bare cursor",
        "rebuild",
        "Events",
        "folding views, rebuilt and swapped",
        1,
        operator.ge,
        0.25,
    ),
    ("events logged beside COPY", "ingest", "Events", "logged, three sources at once", 1, operator.ge, 0.25),
    ("events logged and shown in all views beside COPY", "ingest", "Events", "logged and shown in all views", 1, operator.ge, 0.1),
    ("a run beside a script that measures the same", "verification", "", "a run that measures the same", 1, operator.ge, 0.5),
    ("the full plan beside one pass of inference", "verification", "The full plan", "a run by the full plan", 1, operator.ge, 0.1),
    ("a run beside importing its libraries", "verification", "Starting", "a run on 200 rows in the sandbox", 1, operator.ge, 0.77),
    ("one trace in ten sent beside no telemetry", "telemetry", "", "and 1 trace in 10 sent", 32, operator.ge, 0.95),
    ("every trace sent beside no telemetry", "telemetry", "", "and every trace sent", 32, operator.ge, 0.75),
)


def documents() -> dict[str, Document]:
    """What was measured, by benchmark, in the order of the page."""
    found = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    return {name: found[name] for name in sorted(found, key=lambda name: [*HEADINGS, name].index(name))}


def with_figures(page: str) -> str:
    """The page with the figures between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    found = documents()
    return "\n".join([f"{before}{BEGIN}", *_summary(found), *_sections(found), f"{END}{after}"])


def _summary(found: Mapping[str, Document]) -> Iterator[str]:
    yield "## Wanted and measured\n"
    yield "| | wanted | median | range over the rounds | |\n|---|---|---|---|---|"
    for what, name, title, contestant, at_once, comparison, bound in WANTED:
        if result := _result(found.get(name, {}), title, contestant, at_once):
            sign = "≥" if comparison is operator.ge else "≤"
            reached = "reached" if comparison(result["ratio"], bound) else "**not reached**"
            span = f"{result['ratio_lowest']:g} to {result['ratio_highest']:g}"
            yield f"| {what} | {sign} {bound:g} | {result['ratio']:g} | {span} | {reached} |"
    yield ""


def _result(document: Document, title: str, contestant: str, at_once: int) -> Mapping[str, Any] | None:
    for table in document.get("tables", ()):
        for result in table.get("results", ()):
            if table["title"].startswith(title) and (result["name"], result["concurrent"]) == (contestant, at_once):
                return dict(result)
    return None


def _sections(found: Mapping[str, Document]) -> Iterator[str]:
    for name, document in found.items():
        yield f"## {HEADINGS.get(name, name)}\n"
        if note := NOTES.get(name):
            yield f"{note.format(processor=_processor(document))}\n"
        yield f"{_machine(document['machine'])} `{document['command']}`\n"
        for table in document["tables"]:
            yield f"{table['title']}:\n"
            yield from _rows(table) if "rows" in table else _results(table)
            yield ""
        if reads := document.get("reads"):
            yield f"{reads['reads_for_wake_ups']:,} reads of the table for {reads['wake_ups']:,} wake-ups, however many waited.\n"
        if _drawn(document):
            yield f"![{HEADINGS.get(name, name)}](pictures/performance-{name}.svg)\n"


def _processor(document: Document) -> str:
    taken: Mapping[str, float] = document.get("processor_microseconds", {})
    return ", ".join(f"{name} {microseconds:,.0f} µs" for name, microseconds in taken.items())


def _machine(machine: Any) -> str:
    if isinstance(machine, str):
        return f"{machine}."
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    return (
        f"Measured on {machine['measured_at']}: {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"{machine['fdatasync_ms']} ms an fdatasync, load {machine['load_at_end']} at the end; Python {machine['python']}, "
        f"PostgreSQL {machine['postgresql']}, {libraries}."
    )


def _results(table: Mapping[str, Any]) -> Iterator[str]:
    with_syncs = any("syncs" in result for result in table["results"])
    of = "ratio of p99" if table["ratio_of"] == "p99_ms" else "ratio"
    heads = ["", "at once", table["unit"], "p50 ms", "p99 ms", of, "its range", *(["WAL syncs per 1,000"] if with_syncs else [])]
    yield _line(heads)
    yield "|" + "---|" * len(heads)
    for result in table["results"]:
        span = f"{result['ratio_lowest']:g} to {result['ratio_highest']:g}"
        cells = [
            result["name"],
            f"{result['concurrent']:,}",
            f"{result['per_second']:,.0f}",
            f"{result['p50_ms']:.2f}",
            f"{result['p99_ms']:.2f}",
        ]
        yield _line([*cells, f"{result['ratio']:g}", span, *([f"{result.get('syncs', ''):g}"] if with_syncs else [])])


def _rows(table: Mapping[str, Any]) -> Iterator[str]:
    yield _line(table["columns"])
    yield "|" + "---|" * len(table["columns"])
    for row in table["rows"]:
        yield _line(row)


def _line(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _drawn(document: Document) -> list[Mapping[str, Any]]:
    return [table for table in document["tables"] if len(table.get("results", ())) > 1]


def picture_of(name: str) -> Path:
    """Where a benchmark's picture is."""
    return DOCS / f"pictures/performance-{name}.svg"


def mark_of(document: Document) -> str:
    """Stands in the picture and says of which figures it was drawn."""
    return "drawn from " + hashlib.sha256(json.dumps(document["tables"], sort_keys=True).encode()).hexdigest()[:16]


def drawn() -> dict[str, Document]:
    """The benchmarks with something to draw."""
    return {name: document for name, document in documents().items() if _drawn(document)}


def draw(name: str, document: Document) -> None:
    """Ratios as bars with their ranges, one chart a table; the same figures give the same bytes."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "placet", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    tables = _drawn(document)
    heights = [len(table["results"]) + 1.5 for table in tables]
    figure, charts = pyplot.subplots(
        len(tables), 1, figsize=(8, 0.3 * sum(heights)), height_ratios=heights, squeeze=False, layout="constrained"
    )
    for chart, table in zip(charts[:, 0], tables, strict=True):
        results = table["results"]
        names = [f"{result['name']} ({result['concurrent']:,})" for result in results]
        ratios = [result["ratio"] for result in results]
        below = [max(result["ratio"] - result["ratio_lowest"], 0) for result in results]
        above = [max(result["ratio_highest"] - result["ratio"], 0) for result in results]
        chart.barh(names, ratios, xerr=[below, above], color="#4c72b0", ecolor="#999999", height=0.7)
        chart.invert_yaxis()
        chart.set_title(table["title"], fontsize=9, loc="left")
        chart.set_xlabel("ratio of p99" if table["ratio_of"] == "p99_ms" else "ratio")
        if max(ratios) / max(min(ratios), 0.01) > 40:
            chart.set_xscale("log")
    figure.savefig(picture_of(name), metadata={"Date": None, "Creator": None, "Title": mark_of(document)})
    pyplot.close(figure)


if __name__ == "__main__":
    PAGE.write_text(with_figures(PAGE.read_text()))
    for name, document in drawn().items():
        draw(name, document)
