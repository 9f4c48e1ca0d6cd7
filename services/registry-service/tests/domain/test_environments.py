"""Decisions about environments."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from placet_registry.domain.environments import Environment
from placet_shared.errors import Malformed


def test_environment_that_is_new_is_defined_after_another(at: datetime, decided: Callable[..., Any]) -> None:
    assert decided(Environment.define("staging", "test", at)) == [("EnvironmentDefined", {"name": "staging", "after": "test"})]


def test_environment_with_a_name_that_is_none_is_refused(at: datetime) -> None:
    with pytest.raises(Malformed):
        Environment.define("Pre Prod", None, at)


def test_environment_that_exists_is_not_defined_again(given: Callable[..., Any]) -> None:
    environment = given(Environment, "dev", (Environment.EnvironmentDefined, {"name": "dev", "after": None}))
    assert environment.refuse_again().code == "environment_exists"
