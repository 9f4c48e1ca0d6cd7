"""Writes the page of every field of plans, policies and floors, from the classes that read them and examples; `make docs` runs it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from schema_tables import allowed, cell, shown, type_of

from placet_approval.api.floor_documents import FloorDocument
from placet_approval.api.policy_documents import PolicyDocument
from placet_shared.contracts.plan_document import CheckDocument, PlanDocument

FOLDER = Path(__file__).parent
PAGE = FOLDER / "document-fields.md"
EXAMPLES = {
    "plan": (PlanDocument, FOLDER / "examples/plan-with-every-field.yaml"),
    "policy": (PolicyDocument, FOLDER / "examples/policy-with-every-field.yaml"),
    "floor": (FloorDocument, FOLDER / "examples/floor-with-every-field.yaml"),
}
HEAD = """# Every field of plans, policies and floors

Documents are YAML or JSON, one for `placet apply -f FILE`; `--dry-run` tries one without effect. A field that is not here is refused
with its line, and with the name that was perhaps meant. A dot leads into an object, `[]` to each entry of a list.
Made by `make docs` from the classes that read them; the values under *for example* are those of the documents below.
"""
ABOUT = {
    "plan": """## Plan

Which checks the versions that it selects must pass for environments. [Verification](verification.md) tells how it works,
[checks](checks.md) has the kinds of checks with their parameters.
""",
    "policy": """## Policy

What an environment asks of people and of the machine before a version may go there. Every version of a policy is kept, and a sign-off
is bound to the one that it was given under. [Policies for some models](how-to/policies-for-models.md) tells which one is in force.
""",
    "floor": """## Floor

What every policy of an environment asks for at least. What a floor does not name it leaves to the policies.
""",
}


def fields(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo, Mapping[str, Any]]]:
    """Every field with its path and its JSON schema, in the order of the class, each object before what is in it."""
    schema = model.model_json_schema(by_alias=True)
    for name, field in model.model_fields.items():
        written = field.alias or name
        path = f"{above}{written}"
        yield path, field, {"$defs": schema.get("$defs", {}), **schema["properties"][written]}
        for part, many in _parts(field.annotation):
            yield from fields(part, f"{path}{'[]' if many else ''}.")


def _parts(annotation: Any, many: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, many
    for argument in get_args(annotation):
        yield from _parts(argument, many or getattr(annotation, "__origin__", None) is list)


def example_of(document: Any, path: str) -> Any:
    """The value there; of a list the first entry that has it. LookupError where the document has none.

    Further data have the fields of `dataset`, so one example is enough.
    """
    values = [document]
    for name in path.removesuffix("[]").split("."):
        bare = name.removesuffix("[]")
        values = [value[bare] for value in values if isinstance(value, Mapping) and bare in value]
        if name.endswith("[]"):
            values = [entry for value in values for entry in value]
    first, _, rest = path.partition(".")
    if not values and first in ("training", "reference") and rest:
        return example_of(document, f"dataset.{rest}")
    if not values:
        raise LookupError(f"the example says nothing about {path}")
    return values[0]


def rows(kind: str) -> Iterator[str]:
    """The table of one kind of document."""
    model, file = EXAMPLES[kind]
    document = yaml.safe_load(file.read_text())
    yield "| field | type | default | allowed | what it is | for example |\n|---|---|---|---|---|---|"
    for path, field, schema in fields(model):
        parts = schema["$defs"]
        example = example_of(document, path)
        simple = not isinstance(example, Mapping) and not (isinstance(example, list) and any(isinstance(one, Mapping) for one in example))
        columns = (
            f"`{path}`",
            type_of(schema, parts),
            _default(field),
            allowed(schema, parts),
            field.description or "",
            f"`{_written(example)}`" if simple else "",
        )
        yield f"| {' | '.join(map(cell, columns))} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined or default is None or default in ([], {}):
        return "none"
    if isinstance(default, BaseModel):
        return "its defaults"
    return f"`{_written(default)}`"


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return repr(value) if isinstance(value, str) and not value.strip(",;|\t>=<") else shown(value)


def page() -> str:
    """Both kinds, each with its table and its example."""
    return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for kind, (_, file) in EXAMPLES.items():
        yield ABOUT[kind]
        yield from rows(kind)
        if kind == "plan":
            beside = ", ".join(f"`{name}`" for name in CheckDocument.model_fields)
            yield f"\nBeside {beside} a check has the parameters of its kind: see [checks](checks.md).\n"
        yield f"\nWith every field:\n\n```yaml\n{file.read_text()}```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
