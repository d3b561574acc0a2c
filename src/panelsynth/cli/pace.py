"""Pace: how fast reviews end, and how long the rest will take at the pace of the last minute."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_WINDOW = 60.0
"""Seconds looked back on: a run whose first part came from the store must not promise its speed for the rest."""


class Pace:
    """The rate of the last minute.

    Args:
        total: how many there are in all.
        clock: seconds from anywhere.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock = total, clock
        self._seen = deque([(clock(), 0)])

    def note(self, done: int) -> None:
        """Note how many are done by now, at most once a second."""
        now = self._clock()
        if now - self._seen[-1][0] >= 1:
            self._seen.append((now, done))
            while len(self._seen) > 2 and now - self._seen[1][0] >= _WINDOW:
                self._seen.popleft()

    def words(self, done: int) -> str:
        """Say rate and time left, such as `12.5/s, 1 h 05 min left`; nothing before there is a rate."""
        (since, before), now = self._seen[0], self._clock()
        if now - since < 1 or done <= before:
            return ""
        rate = (done - before) / (now - since)
        shown = f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.1f}/min"
        return f"{shown}, {_span((self._total - done) / rate)} left"


def _span(seconds: float) -> str:
    """Write a length of time.

    Example:
        >>> _span(42.4), _span(150), _span(3_900), _span(200_000)
        ('42 s', '2 min 30 s', '1 h 05 min', '2 d 07 h')
    """
    whole = round(seconds)
    for unit, name, part, part_name in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= unit:
            return f"{whole // unit} {name} {whole % unit // part:02} {part_name}"
    return f"{whole} s"
