"""What the OpenAPI documents promise: nothing that a request holds is without an end."""

from .operations import operations

BYTES = {"format": "binary"}  # a blob is streamed, and has a limit of its own


def test_every_text_has_a_greatest_length() -> None:
    texts = [(str(one), field) for one in operations() for field in one.fields() if field.schema.get("type") == "string"]
    free = [(operation, field) for operation, field in texts if not {"enum", "const"} & field.schema.keys()]
    assert len(free) > 150
    assert [
        f"{operation}: {field}"
        for operation, field in free
        if "maxLength" not in field.schema and not field.schema.items() >= BYTES.items()
    ] == []


def test_every_list_and_every_object_with_free_keys_has_a_greatest_size() -> None:
    fields = [(f"{one}: {field}", field.schema) for one in operations() for field in one.fields()]
    assert [name for name, schema in fields if schema.get("type") == "array" and "maxItems" not in schema] == []
    free = [(name, schema) for name, schema in fields if isinstance(schema.get("additionalProperties"), dict)]
    assert [name for name, schema in free if "maxProperties" not in schema] == []
