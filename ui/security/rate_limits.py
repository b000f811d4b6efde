"""Rate limits per client and per embedding site, as token buckets."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.settings.serving import ServingSettings

_REMEMBERED = 20_000
"""Buckets in memory. A forgotten bucket counts as full, so the least recently used ones are dropped."""
_PAGE_REQUESTS_PER_QUESTION = 200
"""Requests for pages and files per allowed question.

The chat's page consists of about a hundred small files, most of which a browser caches.
"""
_CHAT_EVENTS_PER_QUESTION = 4
"""Events of the chat per allowed question. "Stop", "New conversation" and the like are events, but need no answer."""
_WRITES_PER_MINUTE = 20
_LOGINS_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request: the client's key, and the site in which the chat is embedded, if any."""

    client: str
    site: str | None = None


class Buckets:
    """Token buckets, one per key.

    Args:
        per_minute: Tokens added per minute, and the size of a bucket.
        remembered: The number of buckets in memory.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self, per_minute: float, *, remembered: int = _REMEMBERED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = per_minute
        self._rate = per_minute / 60
        self._remembered = remembered
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def wait(self, key: str, cost: float = 1) -> float:
        """Seconds until `cost` tokens are available; 0 if they are. Takes nothing."""
        missing = min(cost, self._size) - self._level(key)
        return missing / self._rate if missing > 1e-9 else 0.0  # less is a rounding error

    def take(self, key: str, cost: float = 1) -> None:
        """Take `cost` tokens."""
        self._kept[key] = (self._level(key) - cost, self._clock())
        self._kept.move_to_end(key)
        while len(self._kept) > self._remembered:
            self._kept.popitem(last=False)

    def _level(self, key: str) -> float:
        level, then = self._kept.get(key, (self._size, self._clock()))
        return min(self._size, level + (self._clock() - then) * self._rate)


@dataclass
class Tally:
    """Counts events since the start of the server, for the administrator's page."""

    started: float = field(default_factory=time.time)
    counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str) -> None:
        """Count one event."""
        with self._lock:
            self.counts[what] = self.counts.get(what, 0) + 1


class Limits:
    """The rate limits of one server.

    Each method takes its tokens and returns 0, or takes nothing and returns the seconds to wait.
    """

    def __init__(
        self,
        settings: ServingSettings,
        *,
        tally: Tally | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = tally or Tally()
        per_minute = settings.client_per_minute
        self._lock = threading.Lock()
        self._clients = Buckets(per_minute, clock=clock)
        self._sites = Buckets(settings.site_per_minute, clock=clock)
        self._pages = Buckets(max(per_minute, 30) * _PAGE_REQUESTS_PER_QUESTION, clock=clock)
        self._chat_events = Buckets(max(per_minute, 15) * _CHAT_EVENTS_PER_QUESTION, clock=clock)
        self._writes = Buckets(_WRITES_PER_MINUTE, clock=clock)
        self._logins = Buckets(_LOGINS_PER_MINUTE, clock=clock)

    def question(self, visitor: Visitor) -> int:
        """A question, through any interface: counts for the client and for the embedding site."""
        buckets = [(self._clients, visitor.client)]
        if visitor.site is not None:
            buckets.append((self._sites, visitor.site))
        return self._take(*buckets)

    def page(self, visitor: Visitor) -> int:
        """A request for a page or a file, for which no answer is computed."""
        return self._take((self._pages, visitor.client))

    def chat_event(self, visitor: Visitor) -> int:
        """An event of the chat."""
        return self._take((self._chat_events, visitor.client))

    def write(self, visitor: Visitor) -> int:
        """A request that stores something: feedback or a shared answer."""
        return self._take((self._writes, visitor.client))

    def login(self, visitor: Visitor, *, failed: bool = False) -> int:
        """The seconds to wait before another password may be tried; `failed` counts a wrong one instead."""
        with self._lock:
            if failed:
                self._logins.take(visitor.client)
                return 0
            return math.ceil(self._logins.wait(visitor.client))

    def _take(self, *wanted: tuple[Buckets, str]) -> int:
        with self._lock:
            if wait := max(buckets.wait(key) for buckets, key in wanted):
                self.tally.add("too_many")
                return math.ceil(wait)
            for buckets, key in wanted:
                buckets.take(key)
            return 0
