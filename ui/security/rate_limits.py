"""Token buckets: how much one client, and one embedding site, may ask in a minute."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.settings.serving import ServingSettings

_REMEMBERED = 20_000
"""Buckets that are kept; a bucket that is forgotten is a full one, so only those longest unused are."""
_PAGES_PER_QUESTION = 200
"""A page of the chat is some hundred small files, of which a browser keeps most."""
_JOINS_PER_QUESTION = 4
"""Stop, a new conversation and the like go the chat's way too and cost no answer."""
_WRITES_PER_MINUTE = 20
_LOGINS_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the client, by address, and the site that the chat is embedded in, if any."""

    client: str
    site: str | None = None


class Buckets:
    """One bucket a key, filled at `per_minute`, holding a minute's worth.

    Args:
        per_minute: Tokens a minute, and the most that a bucket holds.
        remembered: Buckets that are kept.
        clock: Seconds that only go forward.
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
        """Seconds until `cost` tokens are there; 0 where they are. Nothing is taken."""
        missing = min(cost, self._size) - self._level(key)
        return missing / self._rate if missing > 1e-9 else 0.0  # less is an error of rounding

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
    """What happened since the start, for the administrator's page."""

    started: float = field(default_factory=time.time)
    counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str) -> None:
        """One more."""
        with self._lock:
            self.counts[what] = self.counts.get(what, 0) + 1


class Limits:
    """The buckets of one server. Each method takes what it asks for, or takes nothing and says how long to wait."""

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
        self._pages = Buckets(max(per_minute, 30) * _PAGES_PER_QUESTION, clock=clock)
        self._joins = Buckets(max(per_minute, 15) * _JOINS_PER_QUESTION, clock=clock)
        self._writes = Buckets(_WRITES_PER_MINUTE, clock=clock)
        self._logins = Buckets(_LOGINS_PER_MINUTE, clock=clock)

    def question(self, visitor: Visitor) -> int:
        """One answer, by whichever door: of the client's and of the site's. Seconds to wait; 0 where it may be."""
        asked = [(self._clients, visitor.client)]
        if visitor.site is not None:
            asked.append((self._sites, visitor.site))
        return self._take(*asked)

    def page(self, visitor: Visitor) -> int:
        """Anything that costs no answer."""
        return self._take((self._pages, visitor.client))

    def join(self, visitor: Visitor) -> int:
        """Anything that is done in the chat."""
        return self._take((self._joins, visitor.client))

    def write(self, visitor: Visitor) -> int:
        """Something that is kept here: feedback, a shared answer."""
        return self._take((self._writes, visitor.client))

    def login(self, visitor: Visitor, *, failed: bool = False) -> int:
        """Whether another password may be tried; `failed` counts one."""
        with self._lock:
            if failed:
                self._logins.take(visitor.client)
                return 0
            return math.ceil(self._logins.wait(visitor.client))

    def _take(self, *asked: tuple[Buckets, str]) -> int:
        with self._lock:
            if wait := max(buckets.wait(key) for buckets, key in asked):
                self.tally.add("too_many")
                return math.ceil(wait)
            for buckets, key in asked:
                buckets.take(key)
            return 0
