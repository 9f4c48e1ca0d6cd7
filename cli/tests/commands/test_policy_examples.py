"""Examples of policies: those of the documentation are those of the package, and each is read as it is printed."""

from pathlib import Path

import pytest
import yaml

from command_line import Placet
from placet.policy_examples import example_policies
from placet_client.printing.tables import table

DOCUMENTED = Path(__file__).parents[3] / "docs/examples/policies"


def test_examples_of_the_documentation_are_those_of_the_package() -> None:
    assert {path.stem: path.read_text() for path in DOCUMENTED.iterdir()} == example_policies()


@pytest.mark.parametrize("name", example_policies())
def test_example_says_what_it_needs_and_is_for_the_environment_that_was_asked_for(name: str, placet: Placet) -> None:
    text = placet("policies", "example", name, "-e", "desk").out
    assert text.replace("environment: desk", "environment: prod") == example_policies()[name]
    assert (yaml.safe_load(text)["kind"], yaml.safe_load(text)["environment"]) == ("Policy", "desk")
    assert "# People" in text


def test_list_of_examples_fits_a_terminal_of_80_columns() -> None:
    rows = [[name, text.partition("\n")[0].lstrip("# ")] for name, text in example_policies().items()]
    assert table(["example", "what it is"], rows, 80) is not None


@pytest.mark.parametrize(("words", "said"), [(("nothing",), "four-eyes"), (("four-eyes", "-e", "a: b"), "small letters")])
def test_example_that_is_not_there_and_name_that_is_none_are_usage_errors(words: tuple[str, ...], said: str, placet: Placet) -> None:
    answer = placet("policies", "example", *words)
    assert (answer.code, said in answer.err, answer.out) == (2, True, "")
