"""How often somebody may do something: a bucket of permissions that fills up again with time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_NAMES = 10_000
"""Buckets that are kept; those unused the longest go first."""


class Limiter:
    """At most ``per_minute`` at once, and on average, for each name."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_for(self, name: str) -> float:
        """Take one permission: 0 if there was one, else the seconds until there is."""
        with self._lock:
            now = self._clock()
            level, last = self._buckets.pop(name, (float(self._per_minute), now))
            level = min(float(self._per_minute), level + (now - last) * self._per_minute / 60)
            allowed = level >= 1
            self._buckets[name] = (level - 1 if allowed else level, now)
            while len(self._buckets) > MOST_NAMES:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - level) * 60 / self._per_minute
