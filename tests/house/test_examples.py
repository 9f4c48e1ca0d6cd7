"""Each command's help ends with examples, and each of them can be typed."""

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from .command_words import all_commands, find_command, parse, placet

PLACET = placet()
COMMANDS = dict(all_commands(PLACET))
WIDTH = 78  # a help page of 80 columns does not fold them
BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"(?:^|\$ |&& |; |\| |if |! |\b[A-Z_]+=\S+ )placet (.*)", re.MULTILINE)
FILE = re.compile(r"[a-z.]+\.(?:onnx|ubj|csv|parquet|yaml|json)")


def examples(command: Any) -> list[str]:
    heading, *lines = (command.epilog or "").split("\n")
    return [line.strip() for line in lines] if heading in ("Example:", "Examples:") else []


def words(line: str) -> list[str]:
    """Without `placet`, and without what the shell keeps for itself."""
    return shlex.split(line.partition(" > ")[0])[1:]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_ends_with_one_to_three_examples_of_it(name: str) -> None:
    lines = examples(COMMANDS[name])
    assert 1 <= len(lines) <= 3
    assert max(map(len, lines)) <= WIDTH
    # `gate ask` is what `gate` does.
    assert [line for line in lines if not line.startswith(name.removesuffix(" ask"))] == []


def test_examples_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    lines = sorted({line for command in COMMANDS.values() for line in examples(command)})
    for name in {word for line in lines for word in words(line) if FILE.fullmatch(word)}:
        Path(name).touch()
    assert [said for line in lines if (said := cannot_be_typed(line))] == []


def cannot_be_typed(line: str) -> str:
    """Why, or nothing."""
    try:
        parse(PLACET, words(line))
    except Exception as error:
        return f"{line}: {error}"
    return ""


def test_options_in_the_blocks_of_the_documents_exist(files: list[Path]) -> None:
    """What a command would say of files and numbers is not asked: they are the reader's."""
    lines = {(path.name, line) for path in files if path.suffix == ".md" for line in typed_lines(path.read_text())}
    assert len(lines) > 250
    assert [(page, line) for page, line in sorted(lines) if "No such" in cannot_be_typed(f"placet {line}")] == []


def typed_lines(page: str) -> Iterator[str]:
    """What follows `placet` in each line of a block that is typed into a shell, up to what the shell keeps for itself."""
    for block in BLOCK.findall(page):
        for line in TYPED.findall(block.replace("\\\n", " ")):
            lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            with suppress(ValueError):  # a text over several lines
                typed = list(takewhile(lambda word: not set(word) <= set("();<>|&"), lexer))
                if "$" not in typed and "…" not in typed:
                    yield shlex.join(typed)


def test_line_that_can_t_be_typed_is_found() -> None:
    with pytest.raises(Exception, match=r"--enviroment"):
        parse(PLACET, ["gate", "churn/1", "--enviroment", "prod"])
    with pytest.raises(Exception, match="no-such"):
        parse(PLACET, ["models", "no-such", "churn"])
    assert find_command(PLACET, ["models", "no-such"])[1] == ["no-such"]


def test_help_shows_its_examples_as_they_are_typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        PLACET(["signoff", "request", "--help"], prog_name="placet")
    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert shown[shown.index("Example:") + 1] == examples(COMMANDS["placet signoff request"])[0]
