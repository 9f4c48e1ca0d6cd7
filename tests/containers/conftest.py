"""What the tests of the containers look at: the files that an engine would read, read without one."""

import importlib.util
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def compose() -> Mapping[str, Any]:
    """docker-compose.yml, its anchors resolved."""
    parsed: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


@pytest.fixture(scope="session")
def compose_schema() -> Mapping[str, Any]:
    """The compose specification's own schema."""
    text = files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text()
    schema: Mapping[str, Any] = json.loads(text)
    return schema


@pytest.fixture(scope="session")
def compose_secrets() -> Any:
    """The module that `make compose-secrets` runs."""
    spec = importlib.util.spec_from_file_location("compose_secrets", ROOT / "deploy/compose_secrets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
