"""Asked to stop: the first Ctrl-C, or a system's SIGTERM, lets an update end; the next one does not wait."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def heeding(ask: Callable[[], None]) -> Iterator[None]:
    """Call `ask` at the first signal instead of interrupting; nothing where signals are not this thread's to handle."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def once(number: int, frame: Any) -> None:
        _restore(before)
        print("stopping after this update; once more to stop at once", file=sys.stderr, flush=True)
        ask()

    for number in SIGNALS:
        signal.signal(number, once)
    try:
        yield
    finally:
        _restore(before)


def _restore(handlers: dict[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
