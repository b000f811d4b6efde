"""Open sources by address: fetch them, and fetch additional pages that they refer to, such as those of a sitemap."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.errors import FetchError, TooSlowError
from index.fetching.fetch import NO_VALIDATORS, Fetcher, Validators, is_address

from . import read_opened, read_source
from .source import Imported, Source

MOST_PAGES = 1_000
"""Maximum number of additional pages fetched for one source; a sitemap may list 50,000."""
LONGEST = 900.0
"""Maximum total time in seconds for fetching the additional pages of one source."""


@dataclass(slots=True)
class Remote:
    """The result of fetching an address.

    `source` is None if the content has not changed. `missed` counts the additional pages that could not be fetched.
    """

    source: Source | None
    validators: Validators
    missed: int = 0


def open_address(url: str, fetcher: Fetcher, validators: Validators = NO_VALIDATORS) -> Remote:
    """Fetch an address as a source; with validators, the content is only sent if it has changed.

    Raises:
        FetchError: the address cannot be fetched.
        ImportSourceError: the content is empty, too large or not text.
    """
    fetched = fetcher.fetch(url, validators)
    remote = Remote(None, fetched.validators)
    if not fetched.not_modified:
        follow = _Follow(fetcher, remote)
        remote.source = Source.fetched(fetched.url, fetched.data, fetched.media_type, follow)
    return remote


def read_named(
    source: str,
    fetcher: Fetcher,
    *,
    format: str | None = None,  # noqa: A002 -- as on the command line
    mapping: Mapping[str, list[str]] | None = None,
    base_url: str | None = None,
    kind: str | None = None,
) -> Imported:
    """Read the source named on the command line: an address, a file, a folder, or standard input (`-`).

    The options are those of `read_opened`.

    Raises:
        ImportSourceError: the source does not exist, cannot be read or fetched, or matches no format.
    """
    if not is_address(source):
        return read_source(source, format=format, mapping=mapping, base_url=base_url, kind=kind)
    opened = open_address(source, fetcher).source
    assert opened is not None  # without validators, the server always sends the content
    return read_opened(opened, format=format, mapping=mapping, base_url=base_url, kind=kind)


@dataclass(slots=True)
class _Follow:
    """Fetches the additional pages of a source, within the limits on their number and total time."""

    fetcher: Fetcher
    remote: Remote
    pages: int = 0
    end: float = field(default_factory=lambda: time.monotonic() + LONGEST)

    def __call__(self, url: str) -> Source:
        self.pages += 1
        if self.pages > MOST_PAGES:
            raise FetchError(
                f"{url} is beyond the {MOST_PAGES:,} pages that one source may lead to",
                hint="name a smaller part of the sitemap, or the site's feed",
            )
        if time.monotonic() > self.end:
            self.remote.missed += 1
            raise TooSlowError(f"{url} was not fetched: the pages before it took {LONGEST / 60:g} minutes")
        try:
            fetched = self.fetcher.fetch(url)
        except FetchError:
            self.remote.missed += 1
            raise
        return Source.fetched(fetched.url, fetched.data, fetched.media_type, self)
