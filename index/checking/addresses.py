"""Asks the addresses of the entries whether they still exist: in parallel, one at a time for each host, with a cache.

DATA/addresses.json     what each address answered, and when

Only `almanac check --links` runs this. An address that answered is asked again after a week, any other after a day.
"""

import json
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from index import files
from index.catalogue import Catalogue
from index.errors import FetchError, StatusError, TooLargeError
from index.fetching.connection import Limits
from index.fetching.fetch import Fetcher
from index.importers.identity import address_key

from .finding import Finding

log = logging.getLogger(__name__)
LIMITS = Limits(connect=10, silence=10, total=20, size=200_000)
"""Only the beginning of a page is read. A longer page exists."""
HOSTS_AT_ONCE = 8
PAUSE_SECONDS = 1.0
"""Between two requests to one host."""
_GOOD_FOR, _BAD_FOR = timedelta(days=7), timedelta(days=1)
_REFUSING = frozenset({401, 403, 405, 406, 429, 503, 999})
"""Statuses with which servers refuse programs; they do not say that a page is gone."""

Progress = Callable[[str, int, int], None]


class Answer(BaseModel):
    """What an address answered: where it led, and what was wrong; empty if nothing was."""

    at: datetime
    url: str
    error: str = ""
    gone: bool = False
    """Whether the server says that there is no such page."""


class _Answers(BaseModel):
    answers: dict[str, Answer] = {}


def check(
    catalogue: Catalogue,
    file: Path,
    fetcher: Fetcher,
    *,
    pause: float = PAUSE_SECONDS,
    report: Progress = lambda _step, _done, _all: None,
) -> Iterator[Finding]:
    """Addresses of entries that are gone, could not be reached or lead elsewhere.

    Args:
        catalogue: The entries.
        file: The cache.
        fetcher: Fetches addresses; `LIMITS` are the limits for it.
        pause: Seconds between two requests to one host.
        report: Called with the progress.

    Raises:
        StorageError: the cache cannot be written.
    """
    now = datetime.now(UTC)
    wanted = list(dict.fromkeys(entry.url for entry in catalogue.entries if entry.url))
    known = {url: answer for url, answer in _read(file).items() if _is_fresh(answer, now)}
    todo = [url for url in wanted if url not in known]
    report("addresses", len(wanted) - len(todo), len(wanted))
    try:
        for url, answer in _ask(todo, fetcher, pause):
            known[url] = answer
            report("addresses", len(known), len(wanted))
    finally:  # what was asked before an interrupt is not asked again
        files.write_atomically(file, _Answers(answers=known).model_dump_json(indent=1).encode())
    for entry in catalogue.entries:
        if entry.url and (found := _finding(entry.id, entry.url, known[entry.url])):
            yield found


def _finding(entry_id: str, url: str, answer: Answer) -> Finding | None:
    if answer.error:
        return Finding("address", "problem" if answer.gone else "hint", entry_id, "url", answer.error)
    if address_key(answer.url) != address_key(url):
        return Finding("address", "hint", entry_id, "url", f"{url} leads to {answer.url}")
    return None


def _ask(urls: Sequence[str], fetcher: Fetcher, pause: float) -> Iterator[tuple[str, Answer]]:
    """The answer of each address, as soon as it is there."""
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        by_host[urlsplit(url).netloc.lower()].append(url)
    answers: SimpleQueue[tuple[str, Answer]] = SimpleQueue()
    stopping = threading.Event()

    def ask_host(addresses: Sequence[str]) -> None:
        for url in addresses:
            if not stopping.is_set():
                answers.put((url, _answer(url, fetcher)))
                stopping.wait(pause)

    with ThreadPoolExecutor(HOSTS_AT_ONCE, thread_name_prefix="almanac-address") as pool:
        try:
            for addresses in by_host.values():
                pool.submit(ask_host, addresses)
            for _ in urls:
                yield answers.get()
        finally:
            stopping.set()


def _answer(url: str, fetcher: Fetcher) -> Answer:
    now = datetime.now(UTC)
    try:
        return Answer(at=now, url=fetcher.fetch(url).url)
    except TooLargeError:
        return Answer(at=now, url=url)
    except StatusError as error:
        if error.status in _REFUSING:
            return Answer(at=now, url=url, error=f"{error}: the server refuses programs, open it in a browser")
        return Answer(at=now, url=url, error=str(error), gone=error.status in {404, 410})
    except FetchError as error:
        return Answer(at=now, url=url, error=str(error))
    except Exception as error:  # whatever it is, the other addresses are still asked
        log.exception("an error in the program while asking %s", url)
        return Answer(at=now, url=url, error=f"an error in the program: {error}")


def _is_fresh(answer: Answer, now: datetime) -> bool:
    return timedelta(0) <= now - answer.at < (_BAD_FOR if answer.error else _GOOD_FOR)


def _read(file: Path) -> dict[str, Answer]:
    try:
        return _Answers.model_validate(json.loads(file.read_bytes())).answers
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, ValidationError) as error:
        log.warning("%s cannot be read, so every address is asked again: %s", file, error)
        return {}
