"""An option for who publishes a new event."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-samples", action="store_true", help="keep a sample of each published event that has none")
