"""A request to stop: the first one stops cleanly, the second one at once."""

import asyncio
import signal

__all__ = ["StopRequest"]


class StopRequest:
    """Ctrl-C, SIGTERM or a closed terminal; the second time `hurry` is set."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()

    def listen(self) -> None:
        """Receive signals from now on; call it in the main thread's running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # as `nohup` expects
            loop.add_signal_handler(number, self._hear)

    def _hear(self) -> None:
        if self.asked.is_set():
            self.hurry.set()
        self.asked.set()
