import shlex

import pytest

from placet.demo.narration import continued

COMMAND = 'placet signoff feedback sees-doctor-live/1 -e prod -g operations --verdict minor_issue -c "It does not say why." --as sam'


@pytest.mark.parametrize("width", [40, 71, 200])
def test_command_that_is_continued_is_the_same_to_a_shell(width: int) -> None:
    assert shlex.split(" ".join(continued(COMMAND, width))) == shlex.split(COMMAND)


@pytest.mark.parametrize("width", [40, 71])
def test_lines_of_a_command_have_room_for_indentation_and_backslash(width: int) -> None:
    assert [line for line in continued(COMMAND, width) if len(f"  {line} \\") > width] == []


def test_option_stays_with_its_value_and_quoted_text_is_not_broken() -> None:
    assert continued('placet comment -t "one two three"', 12) == ["placet", "comment", '-t "one two three"']
