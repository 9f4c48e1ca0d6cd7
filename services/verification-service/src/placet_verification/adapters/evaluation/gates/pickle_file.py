"""The gate of pickles: what a pickle would import and call, read from its opcodes without running one.

Opcodes: the standard library's pickletools. A pickle is a program, so each is followed with what it would have on its stack:

1. the size of the file, 2. opcodes throughout: one beginning, one end, and nothing else besides, 3. no opcode that asks its reader for
objects: persistent ids, the extension registry, buffers from outside, 4. every import has its module and name as constants, and is on
the plan's `allow_globals`; names that lead through attributes, and modules that run code whatever is asked of them, are on no list,
5. only what was imported is called, and nothing changes what was imported, 6. the memo is written in order and read where it was
written, 7. no constant is a pickle that imports, 8. the number of opcodes.
"""

import io
import pickletools
from collections.abc import Iterator, Mapping
from typing import Any

from placet_verification.adapters.evaluation.gates.boosted_trees import refuse_file
from placet_verification.adapters.evaluation.gates.pickle_machine import Machine, Strange
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["NEVER", "allowed_globals", "refuse_unsafe"]

NEVER = frozenset(
    {
        "_io", "_pickle", "_posixsubprocess", "_winapi", "asyncio", "bdb", "builtins", "cProfile", "cffi", "cloudpickle", "code",
        "codecs", "codeop", "ctypes", "dill", "distutils", "doctest", "functools", "gc", "importlib", "inspect", "io", "joblib", "marshal",
        "multiprocessing", "nt", "operator", "os", "pathlib", "pdb", "pickle", "pip", "pkgutil", "platform", "posix", "profile", "pty",
        "pydoc", "runpy", "shutil", "site", "skops", "socket", "sqlite3", "subprocess", "sys", "tempfile", "test", "threading", "timeit",
        "trace", "types", "urllib", "uuid", "venv", "webbrowser", "zipimport",
    }
)  # fmt: skip
"""Modules of which no name is allowed, but for containers of the builtins: a plan that lists one is mistaken. What is not here is not
thereby harmless."""

_NEVER_NAMES = frozenset(
    {"numpy.fromfile", "numpy.genfromtxt", "numpy.load", "numpy.loadtxt", "numpy.memmap", "numpy.save", "numpy.savetxt", "numpy.vectorize"}
)
_CONTAINERS = frozenset(f"builtins.{name}" for name in ("bytearray", "complex", "frozenset", "list", "object", "range", "set", "slice"))
_BYTES = frozenset({"BINBYTES", "BINBYTES8", "SHORT_BINBYTES", "BYTEARRAY8", "STRING", "BINSTRING", "SHORT_BINSTRING"})
_MOST_OPCODES = 20_000_000
_TOLD = 20
_UNREADABLE = (ValueError, IndexError, OverflowError)


def refuse_unsafe(raw: bytes, rules: Mapping[str, Any]) -> None:
    """Raise `Refused` unless the file keeps the plan's `artifact` rules."""
    refuse_file(raw, rules)  # 1, 2
    machine = Machine()
    for opcode, argument in _opcodes(raw):
        try:
            machine.step(opcode, argument)  # 3 to 6
        except Strange as strange:
            raise Refused("pickle_malformed", opcode=opcode, found=str(strange)) from strange
        if opcode in _BYTES and _imports(argument):  # 7
            raise Refused("pickle_malformed", opcode=opcode, found="a pickle inside the pickle")
    if refused := sorted(machine.imported - allowed_globals(rules)):  # 4
        raise Refused("global_not_allowed", globals=[name[:200] for name in refused[:_TOLD]])


def allowed_globals(rules: Mapping[str, Any]) -> frozenset[str]:
    """Those of the plan, without what no plan can allow."""
    listed = rules.get("allow_globals", ())
    return frozenset(name for name in listed if name in _CONTAINERS or not {name, name.partition(".")[0]} & (NEVER | _NEVER_NAMES))


def _opcodes(raw: bytes) -> Iterator[tuple[str, Any]]:
    """By their names, up to the one end, which is the end of the file."""
    file = io.BytesIO(raw)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(file), start=1):
            if opcode.name == "PROTO" and (count > 1 or argument not in range(2, 6)):
                raise Refused("pickle_malformed", opcode="PROTO", found="a beginning in the middle, or of another protocol")
            if count > _MOST_OPCODES:  # 8
                raise Refused("too_many_nodes", nodes=count, allowed=_MOST_OPCODES)
            yield opcode.name, argument
    except _UNREADABLE as error:
        raise Refused("not_pickle", found=str(error)[:100]) from error
    if file.tell() != len(raw):
        raise Refused("not_pickle", found=f"{len(raw) - file.tell()} bytes after the end")


def _imports(constant: Any) -> bool:
    """Whether these bytes are a pickle that imports something; as data, so many bytes are that by chance hardly ever."""
    raw = constant.encode("latin-1", "replace") if isinstance(constant, str) else bytes(constant)
    if raw[-1:] != b".":
        return False
    try:
        names = [opcode.name for opcode, _, _ in pickletools.genops(raw)]
    except _UNREADABLE:
        return False
    return bool({"GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"} & set(names))
