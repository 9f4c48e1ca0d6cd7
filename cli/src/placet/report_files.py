"""Keeps reports of runs in files; the name's ending says in which form."""

from pathlib import Path
from typing import Literal

import typer

from placet_client import Client

__all__ = ["report_form", "save_report"]

Form = Literal["html", "xml", "json"]
FORMS: dict[str, Form] = {".html": "html", ".htm": "html", ".xml": "xml", ".json": "json"}


def report_form(file: Path) -> Form:
    """Raises a usage error for another ending."""
    form = FORMS.get(file.suffix.lower())
    if form is None:
        raise typer.BadParameter(f"a report is .html, .xml (JUnit) or .json, not {file.suffix or 'without an ending'}.", param_hint="FILE")
    return form


def save_report(placet: Client, run_id: str, file: Path, beside: str | None = None) -> Path:
    """The file, which is there whole or not at all; `beside` is another run or `champion`, which JUnit XML has no form for."""
    form = report_form(file)
    if beside is not None and form == "xml":
        raise typer.BadParameter("a report beside another one is .html or .json, not .xml.", param_hint="--output")
    report = placet.verification.run_report(run_id, form, beside)
    arriving = file.with_name(f".{file.name}.arriving")
    arriving.unlink(missing_ok=True)
    with arriving.open("xb") as opened:  # never through a link that came with the folder
        opened.write(report)
    arriving.replace(file)
    return file
