"""Caches results of verifying keys in a worker, if the operator has set KEY_CACHE_SECONDS.

The default is 0, which caches nothing. Otherwise revoking, expiry, the end of a rotation, archiving and
suspension take effect in a worker at most so many seconds late.
"""

import threading
import time
from typing import Generic, TypeVar

from django.conf import settings

Result = TypeVar("Result")


class ResultCache(Generic[Result]):
    """At most `size` results by HMAC; the oldest are evicted first."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.entries: dict[bytes, tuple[float, Result]] = {}
        self.lock = threading.Lock()

    def get(self, mac: bytes) -> Result | None:
        if not settings.KEY_CACHE_SECONDS:
            return None
        entry = self.entries.get(mac)
        return entry[1] if entry and entry[0] > time.monotonic() else None

    def put(self, mac: bytes, result: Result) -> None:
        if not settings.KEY_CACHE_SECONDS:
            return
        with self.lock:
            self.entries.pop(mac, None)
            while len(self.entries) >= self.size:
                del self.entries[next(iter(self.entries))]
            self.entries[mac] = (time.monotonic() + settings.KEY_CACHE_SECONDS, result)

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
