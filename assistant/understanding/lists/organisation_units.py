"""Finds the units of an organisation, and the shorter name of a unit, by their names alone."""

from collections.abc import Collection


def units_of(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the names in `known` of an organisation's units and, if it is a unit itself, its short name.

    For "Google": "Google DeepMind" and "DeepMind". For "Google DeepMind": "DeepMind".
    """
    found: dict[str, None] = {}
    for other in known:
        rest = other.removeprefix(f"{name} ")
        if rest != other and rest[:1].isupper():
            found[other] = None
            if rest in known:
                found[rest] = None
        elif other.startswith(f"{name}, ") or other.endswith(f"({name})"):
            found[other] = None
    own = next(
        (other for other in known if name.endswith(f" {other}") and name.removesuffix(f" {other}") in known), None
    )
    return (*found, *((own,) if own else ()))
