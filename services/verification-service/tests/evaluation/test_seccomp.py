"""The filter as the kernel reads it, on both architectures: its instructions run here, on calls that this machine can't make."""

import errno
import struct

import pytest

from placet_verification.adapters.evaluation.seccomp import filter_for
from placet_verification.adapters.evaluation.system_calls import ALLOWED, ATTACKS, CHECKED

ALLOW, KILL, PERMISSION, MISSING = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
PID = 4321


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """A classic BPF machine with the instructions that the filter has."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURES[machine][0], 0, *padded)
    program = list(struct.iter_unpack("<HBBI", filter_for(machine, PID)))
    place = accumulator = 0
    while True:
        code, if_true, if_false, value = program[place]
        place += 1
        match code:
            case 0x20:
                accumulator = struct.unpack_from("<I", data, value)[0]
            case 0x06:
                return int(value)
            case _:
                holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
                place += if_true if holds else if_false


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_call_of_the_tables_has_its_verdict(machine: str) -> None:
    column = ARCHITECTURES[machine][1]
    for table, expected in ((ALLOWED, ALLOW), (ATTACKS, KILL)):
        for name, numbers in table.items():
            number = numbers[column]
            assert number is None or verdict(machine, number) == expected, name


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_a_call_that_is_in_no_table_is_refused(machine: str) -> None:
    column = ARCHITECTURES[machine][1]
    known = {numbers[column] for table in (ALLOWED, ATTACKS, CHECKED) for numbers in table.values()}
    assert {verdict(machine, number) for number in range(600) if number not in known} == {PERMISSION}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_memory_that_is_code_signals_to_others_and_clone3_are_refused(machine: str) -> None:
    mmap, mprotect, tgkill, clone3 = (CHECKED[name][ARCHITECTURES[machine][1]] or 0 for name in ("mmap", "mprotect", "tgkill", "clone3"))
    assert [verdict(machine, call, 0, 4096, protection) for call in (mmap, mprotect) for protection in (3, 4, 7)] == [
        ALLOW, PERMISSION, PERMISSION, ALLOW, PERMISSION, PERMISSION,
    ]  # fmt: skip
    assert verdict(machine, tgkill, PID, PID, 6) == ALLOW
    assert verdict(machine, tgkill, PID + 1, PID, 6) == KILL
    assert verdict(machine, clone3) == MISSING


def test_calls_of_another_architecture_end_the_process() -> None:
    """On x86_64 a program may also call by the tables of i386 and x32, whose numbers mean something else."""
    read = ALLOWED["read"]
    assert verdict("x86_64", read[0] or 0, architecture=0x40000003) == KILL
    assert verdict("x86_64", 0x40000000 + (read[0] or 0)) == KILL
    assert verdict("aarch64", read[1] or 0, architecture=0x40000028) == KILL


def test_no_number_stands_twice() -> None:
    for column in (0, 1):
        numbers = [pair[column] for table in (ALLOWED, CHECKED, ATTACKS) for pair in table.values() if pair[column] is not None]
        assert len(numbers) == len(set(numbers))
