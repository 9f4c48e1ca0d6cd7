"""Follows the opcodes of a pickle with what would be on its stack, without importing or making anything.

It knows texts, imports, containers and results of calls apart, which is enough to say what each import names and what each call calls.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

__all__ = ["Machine", "Strange"]

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Strange(Exception):
    """What no pickler writes."""


class _Kind(Enum):
    MARK = "a mark"
    PLAIN = "a constant"
    TEXT = "a text"
    TUPLE = "a tuple"
    CONTAINER = "a container"
    IMPORT = "an import"
    MADE = "an object"


@dataclass(frozen=True, slots=True)
class _Value:
    kind: _Kind
    text: str = ""


_MARK, _PLAIN, _TUPLE, _CONTAINER, _MADE = (_Value(_Kind[name]) for name in ("MARK", "PLAIN", "TUPLE", "CONTAINER", "MADE"))

_PUSHED = {
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"), _PLAIN),
    **dict.fromkeys(("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"), _PLAIN),
    **dict.fromkeys(("NONE", "NEWTRUE", "NEWFALSE"), _PLAIN),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET"), _CONTAINER),
    "EMPTY_TUPLE": _TUPLE,
    "MARK": _MARK,
}
_TEXTS = frozenset({"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"})
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_FROM_MARK = {"LIST": _CONTAINER, "DICT": _CONTAINER, "FROZENSET": _CONTAINER, "TUPLE": _TUPLE}
_INTO_FROM_MARK = frozenset({"APPENDS", "SETITEMS", "ADDITEMS"})
_INTO = {"APPEND": 1, "SETITEM": 2}
_IGNORED = frozenset({"PROTO", "FRAME"})


@dataclass(slots=True)
class Machine:
    """`imported` are all names that the pickle would import, as `module.name`."""

    imported: set[str] = field(default_factory=set)
    _stack: list[_Value] = field(default_factory=list)
    _memo: list[_Value] = field(default_factory=list)

    def step(self, opcode: str, argument: Any) -> None:
        """One opcode; raises `Strange` for what is refused whatever it imports."""
        if opcode in _PUSHED:
            self._stack.append(_PUSHED[opcode])
        elif opcode in _TEXTS:
            self._stack.append(_Value(_Kind.TEXT, argument))
        elif opcode in _TUPLES:
            self._pop(_TUPLES[opcode])
            self._stack.append(_TUPLE)
        elif opcode in _FROM_MARK:
            self._to_mark()
            self._stack.append(_FROM_MARK[opcode])
        elif opcode in _INTO_FROM_MARK:
            self._to_mark()
            self._top(_Kind.CONTAINER, _Kind.MADE)
        elif opcode in _INTO:
            self._pop(_INTO[opcode])
            self._top(_Kind.CONTAINER, _Kind.MADE)
        elif opcode not in _IGNORED:
            other = _OTHERS.get(opcode)
            if other is None:
                raise Strange("an opcode that asks the reader for an object, or that no pickler of models writes")
            other(self, argument)

    def put(self, argument: Any) -> None:
        """Write to the memo, at the next place; MEMOIZE names none."""
        if argument not in (None, len(self._memo)):
            raise Strange("a place of the memo out of order")
        self._memo.append(self._top())

    def get(self, argument: Any) -> None:
        """Read from the memo."""
        if not 0 <= argument < len(self._memo):
            raise Strange("a place of the memo that was not written")
        self._stack.append(self._memo[argument])

    def import_constant(self, argument: str) -> None:
        """GLOBAL: both names follow the opcode."""
        module, _, name = argument.partition(" ")
        self._import(module, name)

    def import_from_stack(self, argument: Any) -> None:
        """STACK_GLOBAL: both names are on the stack, where only constants can stand."""
        module, name = self._pop(2)
        if not module.kind is name.kind is _Kind.TEXT:
            raise Strange("an import whose name is no constant")
        self._import(module.text, name.text)

    def call(self, argument: Any) -> None:
        """REDUCE and NEWOBJ: a callable and a tuple."""
        called, arguments = self._pop(2)
        self._called(called, arguments)

    def call_with_names(self, argument: Any) -> None:
        """NEWOBJ_EX: a class, a tuple and a dictionary."""
        called, arguments, names = self._pop(3)
        if names.kind is not _Kind.CONTAINER:
            raise Strange("arguments by names that are no dictionary")
        self._called(called, arguments)

    def call_from_mark(self, argument: Any) -> None:
        """OBJ: a class and its arguments."""
        called, *_ = self._to_mark() or [_PLAIN]
        self._called(called, _TUPLE)

    def import_and_call(self, argument: str) -> None:
        """INST: both names follow the opcode, the arguments are on the stack."""
        self._to_mark()
        self.import_constant(argument)
        self._called(self._pop(1)[0], _TUPLE)

    def build(self, argument: Any) -> None:
        """BUILD: the state of an object. An import has none: it would be changed for the whole process."""
        self._pop(1)
        self._top(_Kind.MADE)

    def pop(self, argument: Any) -> None:
        """POP, which picklers write for tuples that hold themselves."""
        self._pop(1)

    def pop_to_mark(self, argument: Any) -> None:
        """POP_MARK, likewise."""
        self._to_mark()

    def stop(self, argument: Any) -> None:
        """The end: one object is left."""
        self._top(_Kind.MADE, _Kind.CONTAINER, _Kind.TUPLE, _Kind.PLAIN, _Kind.TEXT)
        if len(self._stack) != 1:
            raise Strange("more than one object at the end")

    def _import(self, module: str, name: str) -> None:
        if not _MODULE.fullmatch(module) or not _NAME.fullmatch(name):
            raise Strange(f"an import by another name than one of a module: {module[:80]} {name[:80]}")
        self.imported.add(f"{module}.{name}")
        self._stack.append(_Value(_Kind.IMPORT, f"{module}.{name}"))

    def _called(self, called: _Value, arguments: _Value) -> None:
        if called.kind is not _Kind.IMPORT or arguments.kind is not _Kind.TUPLE:
            raise Strange(f"a call of {called.kind.value} with {arguments.kind.value}")
        self._stack.append(_MADE)

    def _pop(self, count: int) -> list[_Value]:
        values = self._stack[-count:]
        if len(values) < count or _MARK in values:
            raise Strange("too few objects on the stack")
        del self._stack[-count:]
        return values

    def _to_mark(self) -> list[_Value]:
        """What is above the last mark, which is taken too."""
        values: list[_Value] = []
        while self._stack:
            value = self._stack.pop()
            if value is _MARK:
                return values[::-1]
            values.append(value)
        raise Strange("no mark on the stack")

    def _top(self, *kinds: _Kind) -> _Value:
        if not self._stack or self._stack[-1] is _MARK or (kinds and self._stack[-1].kind not in kinds):
            raise Strange(f"{self._stack[-1].kind.value if self._stack else 'nothing'} in the place of an object")
        return self._stack[-1]


_OTHERS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), Machine.get),
    "GLOBAL": Machine.import_constant,
    "STACK_GLOBAL": Machine.import_from_stack,
    "REDUCE": Machine.call,
    "NEWOBJ": Machine.call,
    "NEWOBJ_EX": Machine.call_with_names,
    "OBJ": Machine.call_from_mark,
    "INST": Machine.import_and_call,
    "BUILD": Machine.build,
    "POP": Machine.pop,
    "POP_MARK": Machine.pop_to_mark,
    "STOP": Machine.stop,
}
