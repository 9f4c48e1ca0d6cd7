"""Writes the table of settings into settings.md, from the classes that read them; `make docs` runs it."""

import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path

from placet_shared.processes import SOURCES
from placet_shared.settings import CommonSettings, ServiceSettings, settings_table

PAGE = Path(__file__).with_name("settings.md")
BEGIN, END = "<!-- made by `make docs` -->\n", "<!-- until here -->\n"


def settings_of_services() -> Iterator[type[CommonSettings]]:
    """What all are told, then the own class of each service that has one."""
    yield CommonSettings
    for service in SOURCES:
        if importlib.util.find_spec(f"placet_{service}.settings") is None:
            continue
        module = importlib.import_module(f"placet_{service}.settings")
        for _, value in inspect.getmembers(module, inspect.isclass):
            if issubclass(value, ServiceSettings) and value.__module__ == module.__name__:
                yield value


def with_table(page: str) -> str:
    """The page with today's table between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{settings_table(*settings_of_services())}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
