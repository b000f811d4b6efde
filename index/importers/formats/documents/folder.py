"""A folder or a ZIP archive of documents. Each file is read by its own format."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from index.catalogue import Problem
from index.errors import ImportSourceError
from index.importers import ids
from index.importers.files import file_types
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.visibility import hidden_folder

NAME = "folder"
ABOUT = "a folder or a ZIP archive of files of other formats, such as PDF, Word, CSV or RIS"
MOST_FILES = 20_000
_DOCUMENTS = set(
    ".pdf .docx .docm .xlsx .xlsm .csv .tsv .tab .ris .nbib .enw .bib .bibtex .json .ndjson .yml .yaml .xml .rdf .rss .atom"
    " .html .htm .txt".split()
)
_BESIDE_OTHERS = set(".pdf .docx .docm .xlsx .xlsm .csv .tsv .ris .nbib .enw .bib .bibtex .zip".split())
_PASSED_FOLDERS = {"node_modules", "__MACOSX", "vendor"}


def fits(source: Source) -> bool:
    """Whether some file in the folder has the extension of a document."""
    return source.folder is not None and any(path.suffix.lower() in _DOCUMENTS for path in _files(source.folder))


def read(source: Source, each: Callable[[Source], Imported]) -> Imported:
    """Import the entries of all files. A file that cannot be read is reported and does not affect the others.

    Args:
        source: The folder.
        each: Reads one file.

    Raises:
        ImportSourceError: If the source is not a folder, or none of its files can be read.
    """
    if source.folder is None:
        raise ImportSourceError(f"{source.name} is not a folder", hint="leave out --format: the format is recognised")
    records = Records(NAME)
    whole = True
    some = False
    for path in _files(source.folder):
        relative = PurePosixPath(path.relative_to(source.folder).as_posix())
        place = str(relative)
        if reason := hidden_folder(relative.parts[:-1]):
            records.leave_out(place, "", reason)
            continue
        try:
            opened = Source.file(path)
            if opened.binary == file_types.ZIP:
                records.leave_out(place, "", "an archive inside a folder is not unpacked; import it by itself")
                continue
            imported = each(replace(opened, name=place, kind=source.kind))
        except ImportSourceError as error:
            message = str(error).removeprefix(f"{path} ").removeprefix(f"{place} ").removeprefix("is ")
            records.leave_out(place, "", f"{message}; {error.hint}")
            continue
        some = True
        whole = whole and imported.whole
        _take(records, place, imported)
    if not some:
        reasons = Counter(problem.message for problem in records.problems)
        counts = "; ".join(f"{count} × {reason}" if count > 1 else reason for reason, count in reasons.most_common(2))
        raise ImportSourceError(
            f"no file in {source.name} can be imported: {counts or 'it is empty'}",
            hint="docs/importing.md lists what can be read",
        )
    return records.imported(whole=whole)


def _take(records: Records, place: str, imported: Imported) -> None:
    records.problems += imported.problems
    records.warnings += imported.warnings
    records.hidden += imported.hidden
    if imported.sources:
        records.leave_out(place, "", "it lists feeds: import it by itself to get the lines for almanac.toml")
    for entry in imported.entries:
        held = records.entries.get(entry.id)
        if held == entry:
            records.leave_out(place, "id", f"{entry.id!r} is in another file in the same words")
            continue
        # Two documents may have the same title; the path distinguishes them, whatever else is in the folder.
        own = entry.id if held is None else ids.substitute(f"{entry.id}:{place}")
        records.entries[own] = entry if own == entry.id else entry.model_copy(update={"id": own})
        records.files[own] = f"{place}/{imported.files[entry.id]}" if entry.id in imported.files else place
        if entry.id in imported.edited:
            records.edited.add(own)
        if entry.id in imported.stated:
            records.stated.add(own)


def unread(source: Source, taken: str) -> list[Problem]:
    """Return a warning about documents that the chosen folder format does not read; empty if there are none."""
    if source.folder is None or taken not in {"markdown", "jsonl"}:
        return []
    others = [path for path in _files(source.folder) if path.suffix.lower() in _BESIDE_OTHERS]
    if not others:
        return []
    names = ", ".join(path.relative_to(source.folder).as_posix() for path in others[:3])
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return [Problem(source.name, "", f"read as {taken}, so these files were not: {names}{more}; import them by name")]


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files in order, without hidden files and links."""
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _PASSED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            if name.startswith((".", "~$")) or path.is_symlink():
                continue
            count += 1
            if count > MOST_FILES:
                raise ImportSourceError(
                    f"{folder.name} holds more than {MOST_FILES:,} files", hint="name one of its subfolders"
                )
            yield path
