"""Writes the page of codes, and the same codes for `placet explain`, from the catalogues of the services; `make docs` runs it."""

import importlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from placet_client.codes import EXIT_CODES, GROUPS, KnownCode
from placet_shared.explained_codes import ExplainedCode
from placet_shared.problem_codes import CODES
from placet_shared.processes import SOURCES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/codes.md"
OF_THE_COMMAND = ROOT / "client/src/placet_client/codes.json"
HEAD = """# Codes

What a message shows in brackets, a problem document as `code` and the last part of its `type`, a gate decision and a check as reason.
A code is stable: programs may depend on it. The sentence beside it says what happened in the case at hand; here is what it means in
every case and what helps. `placet explain CODE` says the same on a terminal, without a server; `placet explain` lists all.

This page is made by `make docs` from the catalogues in the code.
"""


def known_codes() -> list[KnownCode]:
    """Of every service and of the command, group by group, by name."""
    found = [_known("", one) for one in CODES]
    for service in SOURCES:
        found += [_known(service, one) for one in importlib.import_module(f"placet_{service}.domain.codes").CODES]
    found += [KnownCode(f"exit.{code.value}", "", *texts, page="docs/command.md") for code, texts in EXIT_CODES.items()]
    order = list(GROUPS)
    return sorted(found, key=lambda known: (order.index(known.group), known.name, known.service))


def _known(service: str, one: ExplainedCode) -> KnownCode:
    return KnownCode(one.name, service, one.meaning, one.resolve, one.page)


def document() -> str:
    """The file that the client brings."""
    names = ("name", "service", "meaning", "resolve", "page")
    lines = (json.dumps({name: getattr(known, name) for name in names}, ensure_ascii=False) for known in known_codes())
    return "[\n" + ",\n".join(lines) + "\n]\n"


def page() -> str:
    """A section for each group, a row for each code."""
    return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for group, about in GROUPS.items():
        yield f"## `{group}`: {about}\n"
        yield "| code | what it means | what helps |\n|---|---|---|"
        yield from (_row(known) for known in known_codes() if known.group == group)
        yield ""


def _row(known: KnownCode) -> str:
    by = f" ({known.service})" if known.service and known.group == "problem" else ""
    link = Path(known.page)
    target = os.path.relpath(known.page, "docs")
    name = link.parent.name if link.name == "README.md" else link.stem
    return f"| `{known.code}`{by} | {known.meaning} | {known.resolve} [{name}]({target}) |"


if __name__ == "__main__":
    PAGE.write_text(page())
    OF_THE_COMMAND.write_text(document())
