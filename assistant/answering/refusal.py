"""What is said where nothing is quoted: to a greeting, and to a question that hangs in the air."""

from index.catalogue import Catalogue


def greeting(catalogue: Catalogue) -> str:
    """What can be asked, with what the catalogue holds."""
    kinds = [(kind, sum(entry.kind == kind for entry in catalogue.entries)) for kind in ("event", "guide", "path")]
    held = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in kinds if count)
    return f"Ask me about this catalogue: {held}. I answer in its own sentences, each with its source."


def asking_back(word: str) -> str:
    """What a pronoun is to mean, where nothing was spoken of before."""
    return f"This question does not say what “{word}” is. Name it, and I can look it up."
