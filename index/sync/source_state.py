"""What a sync stores about each source until the next one: ETag, Last-Modified and a fingerprint of its settings."""

import json
import logging
from pathlib import Path

from pydantic import BaseModel, ValidationError

from index import files

log = logging.getLogger(__name__)


class SourceState(BaseModel):
    """What the last sync stored about one source."""

    fingerprint: str
    etag: str | None = None
    last_modified: str | None = None
    read_at: str


class SyncState(BaseModel):
    """The file `sync.json`."""

    sources: dict[str, SourceState] = {}

    @classmethod
    def read(cls, file: Path) -> "SyncState":
        """Read the file; empty if it is missing or cannot be read."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return cls()
        except (OSError, ValidationError) as error:
            # The file only saves work: without it, every source is fetched in full.
            log.warning("%s cannot be read, so every source is fetched in full: %s", file, error)
            return cls()

    def write(self, file: Path) -> None:
        """Replace the file; errors as `index.files.write_atomically`."""
        files.write_atomically(file, json.dumps(self.model_dump(mode="json"), indent=1).encode())
