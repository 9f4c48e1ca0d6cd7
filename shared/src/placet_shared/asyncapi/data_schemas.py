"""The contracts of a source as JSON schemas of the draft that AsyncAPI 3 speaks by default (draft-07)."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

__all__ = ["data_schemas"]


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leave out titles that only repeat the name of the field."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def data_schemas(source: str, models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """`<source>.<Model>` → its schema, for these models and the parts that they are made of."""
    _, generated = models_json_schema(
        [(model, "serialization") for model in models],
        ref_template=f"#/components/schemas/{source}.{{model}}",
        schema_generator=_WithoutFieldTitles,
    )
    return {f"{source}.{name}": _in_draft_07(schema) for name, schema in generated["$defs"].items()}


def _in_draft_07(schema: Any) -> Any:
    """pydantic writes draft 2020-12. There a tuple is `prefixItems`, and a `$ref` may have neighbours."""
    if isinstance(schema, list):
        return [_in_draft_07(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {("items" if word == "prefixItems" else word): _in_draft_07(value) for word, value in schema.items()}
    if isinstance(converted.get("$ref"), str) and len(converted) > 1:
        converted["allOf"] = [{"$ref": converted.pop("$ref")}]
    return converted
