"""`placet` as bash calls it, without the second that a process of its own would import for: forked where everything is imported."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from forking import ForkedProcess

__all__ = ["answering", "function"]

# Its process id leads to the descriptors of the shell, or of the part of a pipeline, that calls it.
FUNCTION = r"""
placet() {
  local wire code shell=$BASHPID
  exec {wire}<>/dev/tcp/127.0.0.1/PORT
  (printf '%s\0' "$shell" "$PWD" "$#" "$@"; env -0; printf '\0') >&"$wire"
  read -r -u "$wire" code
  exec {wire}>&-
  return "$code"
}
"""


def function(port: int) -> str:
    """The definition of `placet` for bash."""
    return FUNCTION.replace("PORT", str(port))


@contextmanager
def answering() -> Iterator[int]:
    """The port where calls are answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            wire, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(wire,), daemon=True).start()


def _answer(wire: socket.socket) -> None:
    with wire, wire.makefile("rb") as asked, ExitStack() as stack:
        shell, folder = _text(asked), _text(asked)
        words = [_text(asked) for _ in range(int(_text(asked)))]
        environment = dict(setting.split("=", 1) for setting in iter(lambda: _text(asked), ""))
        streams = []
        for number, flags in enumerate((os.O_RDONLY, os.O_WRONLY | os.O_APPEND, os.O_WRONLY | os.O_APPEND)):
            streams.append(os.open(f"/proc/{shell}/fd/{number}", flags))
            stack.callback(os.close, streams[-1])
        stdin, stdout, stderr = streams
        code = ForkedProcess("placet", words, env=environment, cwd=folder, stdin=stdin, stdout=stdout, stderr=stderr).wait()
        wire.sendall(f"{code}\n".encode())


def _text(asked: BinaryIO) -> str:
    """Up to the next NUL."""
    return b"".join(iter(lambda: asked.read(1), b"\0")).decode()
