"""`--output` and `--quiet`, which every command with `--json` takes; `application` gives them to each."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from placet_client.printing.form import Form, printed_as

__all__ = ["with_output", "with_output_everywhere"]

Output = Annotated[
    Form | None, typer.Option("--output", "-o", help="A table for people, or a document for programs; --json is --output json.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only ids or names that a further command takes, one a line.")]
OPTIONS = (
    inspect.Parameter("output_form", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Output),
    inspect.Parameter("names_only", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet),
)


def with_output_everywhere(group: typer.Typer) -> typer.Typer:
    """The same group, whose commands take the options; doing it again changes nothing."""
    for command in group.registered_commands:
        if command.callback is not None:
            command.name = command.name or command.callback.__name__
            command.callback = with_output(command.callback)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            with_output_everywhere(inner.typer_instance)
    return group


def with_output(action: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the options, if it has `as_json`, which then says whether a document is wanted."""
    signature = inspect.signature(action)
    if "as_json" not in signature.parameters or OPTIONS[0].name in signature.parameters:
        return action

    @wraps(action)
    def run(*, output_form: Form | None = None, names_only: bool = False, as_json: bool = False, **given: Any) -> Any:
        form = output_form or (Form.JSON if as_json else Form.TABLE)
        if as_json and form is not Form.JSON:
            raise typer.BadParameter(f"--json is --output json: it can't be {form} too.", param_hint="--output")
        with printed_as(form, names_only=names_only):
            return action(as_json=form is not Form.TABLE, **given)

    options = {option.name: option.annotation for option in OPTIONS}
    run.__annotations__ = {**inspect.get_annotations(action), **options}
    run.__dict__["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), *OPTIONS])
    return run
