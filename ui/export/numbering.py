"""Numbers of sources: one number for each entry; further quotations of the same entry have a letter (1, 1b, 1c)."""

from collections.abc import Sequence

from assistant.answer import Citation

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def entry_numbers(citations: Sequence[Citation]) -> dict[int, int]:
    """The number of the cited entry for each citation number, in order of first use."""
    by_entry: dict[str, int] = {}
    return {citation.number: by_entry.setdefault(citation.entry_id, len(by_entry) + 1) for citation in citations}


def labels(citations: Sequence[Citation]) -> dict[int, str]:
    """What a marker shows for each citation number: `1` for the first quotation of an entry, `1b` for its second."""
    used: dict[int, int] = {}
    shown: dict[int, str] = {}
    for number, entry in entry_numbers(citations).items():
        used[entry] = used.get(entry, 0) + 1
        shown[number] = f"{entry}{_letter(used[entry])}"
    return shown


def _letter(count: int) -> str:
    """Nothing for the first, then b to z, then aa, ab and so on."""
    if count == 1:
        return ""
    letters = ""
    while count:
        count, rest = divmod(count - 1, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters
