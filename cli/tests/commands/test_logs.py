"""Log files as `placet logs` reads them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from placet.log_lines import Tail, lines_of, merged


def line(second: int, message: str = "said") -> str:
    return f'{{"time":"2026-11-28T07:00:{second:02}Z","level":"info","message":"{message}","extra":{{"port":1}}}}\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "data/logs").mkdir(parents=True)
    return tmp_path / "data/logs/audit.log"


def test_lines_of_several_files_come_in_the_order_of_time_and_a_traceback_stays_together(log: Path) -> None:
    other = log.with_name("postgres.log")
    log.write_text(line(1) + "Traceback\n  File x\n" + line(5))
    other.write_text("2026-11-28 07:00:03.500 UTC [7] LOG:  ready\n")
    shown = [one.in_words() for one in merged([log, other], None)]
    assert shown == [
        "2026-11-28 07:00:01  audit  info  said port=1",
        "audit  Traceback",
        "audit    File x",
        "postgres  2026-11-28 07:00:03.500 UTC [7] LOG:  ready",
        "2026-11-28 07:00:05  audit  info  said port=1",
    ]


def test_since_reaches_into_files_that_were_put_aside(log: Path) -> None:
    log.with_name("audit.log.10").write_text(line(1) + line(2))
    log.with_name("audit.log.1").write_text(line(3))
    log.write_text(line(4))
    found = lines_of(log, datetime(2026, 11, 28, 7, 0, 2, tzinfo=UTC))
    assert [one.at.second for one in found] == [2, 3, 4]
    assert [one.at.second for one in lines_of(log, None)] == [3, 4], "the last lines may be those before the file was put aside"
    log.write_text(line(4) * 20_000)
    assert {one.at.second for one in lines_of(log, None)} == {4}


def test_tail_gives_whole_lines_once_and_follows_the_name(log: Path) -> None:
    log.write_text(line(1))
    tail = Tail(log)
    assert list(tail.new_lines()) == []
    with log.open("a") as writer:
        writer.write(line(2) + line(3)[:10])
        writer.flush()
        assert [one.at.second for one in tail.new_lines()] == [2]
        writer.write(line(3)[10:])
    log.rename(log.with_name("audit.log.1"))
    log.write_text(line(4))
    assert [one.at.second for one in tail.new_lines()] == [3, 4]
    log.write_text("")
    assert list(tail.new_lines()) == []
    log.write_text(line(5))
    assert [one.at.second for one in tail.new_lines()] == [5]
    tail.close()


def test_logs_shows_the_last_lines_without_what_could_steer_a_terminal(placet: Any, log: Path) -> None:
    log.write_text(line(1) + line(2, r"a\u001b[2Jb") + "\x1b[31mred\n")
    ended = placet("logs", "audit", "-n", "2")
    assert (ended.code, ended.out.count("\n"), "\x1b" in ended.out) == (0, 2, False)


@pytest.mark.parametrize(("words", "code"), [(("ledger",), 2), (("--since", "soon"), 2), ((), 0)])
def test_logs_of_what_is_not_there_is_a_usage_error(placet: Any, log: Path, words: tuple[str, ...], code: int) -> None:
    log.write_text(line(1))
    assert placet("logs", *words).code == code


def test_service_is_named_with_or_without_what_it_is(placet: Any, log: Path) -> None:
    log.write_text(line(1))
    assert placet("logs", "audit-service").out == placet("logs", "audit").out != ""


def test_logs_as_yaml_are_a_document_for_each_line(placet: Any, log: Path) -> None:
    log.write_text(line(1, r"no\u001b") + "Traceback: [\n" + "[" * 100_000 + "\n")
    ended = placet("logs", "audit", "-o", "yaml")
    first, second, third = yaml.safe_load_all(ended.out)
    assert (first["message"], first["extra"]) == ("no\x1b", {"port": 1})
    assert second == {"process": "audit", "message": "Traceback: ["}
    assert len(third["message"]) == 100_000
