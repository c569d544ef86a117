"""Where a training's time goes: seconds of each phase, added up."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Literal, TypeAlias, get_args

Phase: TypeAlias = Literal["simulate", "forward", "learn"]
"""The network's periods; deciding in them; learning from them."""
PHASES: tuple[Phase, ...] = get_args(Phase)


class Stopwatch:
    """Seconds spent in each phase; `with clock.phase("simulate"):` costs about a microsecond.

    A phase within another one stops the outer: every second is counted once.
    """

    def __init__(self) -> None:
        self.seconds: dict[Phase, float] = dict.fromkeys(PHASES, 0.0)
        self._phases = {name: _Phase(self, name) for name in PHASES}
        self._running: list[Phase] = []
        self._since = 0.0

    def phase(self, name: Phase) -> _Phase:
        """The context manager of a phase."""
        return self._phases[name]

    @property
    def shares(self) -> dict[Phase, float]:
        """Each phase's part of all that was measured; nothing before anything was."""
        total = sum(self.seconds.values())
        return {name: seconds / total for name, seconds in self.seconds.items()} if total else {}

    def _enter(self, name: Phase) -> None:
        self._count()
        self._running.append(name)

    def _leave(self) -> None:
        self._count()
        self._running.pop()

    def _count(self) -> None:
        now = time.perf_counter()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now


class _Phase:
    __slots__ = ("_clock", "_name")

    def __init__(self, clock: Stopwatch, name: Phase) -> None:
        self._clock, self._name = clock, name

    def __enter__(self) -> None:
        self._clock._enter(self._name)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._clock._leave()
