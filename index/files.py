"""Write, replace and remove files so that a reader sees either the old state or the new one, on every system.

Windows refuses to replace or remove a file that another process has open. Virus scanners and search indexers open a
new file for a moment, so a refused replacement is tried again for about a second.
"""

import glob
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from .errors import StorageError

PART = ".part"
"""Suffix of the name of a file that is still being written."""
REMOVED = ".removed-"
"""Prefix of the name of a folder that is being removed."""
_REPLACE_WAITS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4)
"""Seconds to wait before each further attempt to replace a file."""
_MAX_NAME = 100
"""Maximum number of characters of a file's name to use in the name of its part file, because file systems allow only 255 bytes."""


def replace(source: Path, target: Path) -> None:
    """Move the file `source` over `target`; try again for about a second if another process has `target` open.

    Raises:
        OSError: the last attempt failed, or an attempt failed with an error other than PermissionError.
    """
    for wait in _REPLACE_WAITS:
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(wait)
        else:
            return
    source.replace(target)


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to a part file, wait until it is on the disk, and rename it to `path`, whose permissions are kept.

    A symbolic link stays a link: the file that it points to is replaced.

    Raises:
        StorageError: the system refused; the old file is unchanged.
    """
    try:
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name[:_MAX_NAME]}.{uuid4().hex[:8]}{PART}")
        try:
            with part.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                shutil.copymode(target, part)
            replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def clear_parts(path: Path) -> None:
    """Remove the part files that writers of `path` left behind when they were killed.

    The caller must hold the lock of `path`; otherwise the part file of a writer that is still running would be removed too.
    """
    target = path.resolve()
    for part in target.parent.glob(f".{glob.escape(target.name[:_MAX_NAME])}.*{PART}"):
        with suppress(OSError):  # a part file that stays does no harm
            part.unlink()


def remove_folder(folder: Path) -> bool:
    """Remove a folder, or leave it whole where a process on Windows still has one of its files open.

    The folder is renamed first. Windows refuses that while a file in it is open or mapped into memory, so no reader
    ever sees half a folder. On other systems open files stay readable until they are closed.

    Returns:
        Whether the folder is gone. False means that it is in use, and that a later call may remove it.
    """
    doomed = folder
    if not folder.name.startswith(REMOVED):
        doomed = folder.with_name(f"{REMOVED}{folder.name}")
        try:
            folder.rename(doomed)
        except FileNotFoundError:
            return True
        except PermissionError:
            return False
        except OSError:
            doomed = folder  # a full disk may refuse the longer name
    shutil.rmtree(doomed, ignore_errors=True)
    return not doomed.exists()
