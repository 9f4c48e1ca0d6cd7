"""What the OpenAPI document says of an answer is what is rendered: a view or a result and its model have one name and the same fields."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel

import placet_approval

# Rendered beside the result: the text of a new token is in none.
MORE = {"IssuedToken": ["token", "shown"], "AddedWebhook": ["secret", "shown"]}


def classes_in(*rooms: str) -> Iterator[type]:
    for room in rooms:
        for path in sorted((Path(placet_approval.__file__).parent / room).glob("*.py")):
            module = import_module(f"placet_approval.{room}.{path.stem}")
            yield from (value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__)


DESCRIBED = {model.__name__: model for model in classes_in("api") if issubclass(model, BaseModel)}
RENDERED = {view.__name__: view for view in classes_in("commands", "queries") if is_dataclass(view) and view.__name__ in DESCRIBED}


@pytest.mark.parametrize("name", RENDERED)
def test_model_describes_the_fields_of_the_view_of_its_name(name: str) -> None:
    described = [*DESCRIBED[name].model_fields, *DESCRIBED[name].model_computed_fields]
    rendered = [field.name for field in fields(RENDERED[name]) if not (_is_result(name) and field.name == "revision")]
    assert described == [*rendered, *MORE.get(name, [])]


def _is_result(name: str) -> bool:
    """What a command answers has its revision in the header alone."""
    return RENDERED[name].__module__.startswith("placet_approval.commands.")


def test_most_of_what_is_answered_is_held_to_its_description() -> None:
    assert {"SignOffView", "SignOffSummary", "PersonView", "TokenView", "Validity", "Progress", "ChangedPerson", "DefinedPolicy"} <= {
        *RENDERED
    }
