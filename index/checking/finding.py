"""One thing that a check found in a catalogue."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["problem", "hint"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in one entry, or in a name that entries share.

    A `problem` should be fixed. A `hint` may be as the editor wants it.
    """

    check: str
    severity: Severity
    entry_id: str
    """The entry; empty if the finding is about a name of several entries."""
    field: str
    message: str
    others: tuple[str, ...] = ()
    """Ids of further entries that it is about."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `almanac check --json`."""
        return asdict(self) | {"others": list(self.others)}
