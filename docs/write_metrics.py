"""Writes the table of measures into observability.md, from the instruments in the code; `make docs` runs it."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

from placet_shared.telemetry.instruments import Instrument

PAGE = Path(__file__).with_name("observability.md")
ROOT = PAGE.parents[1]
BEGIN, END = "<!-- made by `make docs` -->\n", "<!-- until here -->\n"
HEAD = "| OpenTelemetry | Prometheus | kind | unit | attributes | meaning |\n|---|---|---|---|---|---|"


def instruments() -> Iterator[tuple[str, Instrument]]:
    """(whose it is, the instrument), those that all services share first."""
    places = [*ROOT.glob("shared/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]
    for path in (place for place in places if "= Instrument(" in place.read_text()):
        parts = path.as_posix().rpartition("/src/")[2].removesuffix(".py").split("/")
        module = importlib.import_module(".".join(parts))
        for _, value in inspect.getmembers(module, lambda value: isinstance(value, Instrument)):
            yield parts[0].removeprefix("placet_"), value


def prometheus_name(instrument: Instrument) -> str:
    """As the exporter makes it: the unit behind it where it is one, and `_total` behind a count."""
    unit = "_seconds" if instrument.unit == "s" else ""
    return instrument.name.replace(".", "_") + unit + ("_total" if instrument.kind == "counter" else "")


def table() -> str:
    rows = {}
    for owner, one in instruments():
        where = "" if owner == "shared" else f" ({owner})"
        names = ", ".join(f"`{name}`" for name in one.attributes)
        cells = (f"`{one.name}`", f"`{prometheus_name(one)}`", one.kind, f"`{one.unit}`", names, one.meaning + where)
        rows[one.name] = f"| {' | '.join(cells)} |"
    return "\n".join([HEAD, *(rows[name] for name in sorted(rows))])


def with_table(page: str) -> str:
    """The page with today's table between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
