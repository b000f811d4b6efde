"""A site's own accent in the almanac's colours: light and dark variants that can be read, by WCAG's formula."""

import re

Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""
READABLE = 4.5
"""WCAG 2.2, AA: the contrast of text of ordinary size."""
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_STEPS = 40
_PAPER_LIGHT, _PAPER_DARK = "#faf7f0", "#161815"
_LEAF_LIGHT, _LEAF_DARK = "#fffdf8", "#1d201c"


def colour(value: str) -> Colour | None:
    """`#rgb` or `#rrggbb`, and nothing else."""
    if _HEX.fullmatch(value) is None:
        return None
    digits = value[1:] if len(value) == 7 else "".join(digit * 2 for digit in value[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palette(accent: str) -> str:
    """Style rules that put `accent` in the place of the almanac's own; nothing where it is no colour."""
    wanted = colour(accent)
    if wanted is None:
        return ""
    light = _readable(wanted, (_PAPER_LIGHT, _LEAF_LIGHT), (0.0, 0.0, 0.0))
    dark = _readable(wanted, (_PAPER_DARK, _LEAF_DARK), (1.0, 1.0, 1.0))
    washes = (_mixed(_parsed(_PAPER_LIGHT), light, 0.08), _mixed(_parsed(_PAPER_DARK), dark, 0.12))
    strong = (
        _readable(_mixed(light, (0.0, 0.0, 0.0), 0.15), (_hex(washes[0]),), (0.0, 0.0, 0.0)),
        _readable(_mixed(dark, (1.0, 1.0, 1.0), 0.25), (_hex(washes[1]),), (1.0, 1.0, 1.0)),
    )
    rules = {
        "accent": (light, dark),
        "accent-strong": strong,
        "accent-wash": washes,
        "on-accent": (_label(light, strong[0]), _label(dark, strong[1])),
    }
    pairs = "".join(f"--{name}:light-dark({_hex(one)},{_hex(two)});" for name, (one, two) in rules.items())
    return f":root:root{{{pairs}}}"


def _readable(wanted: Colour, papers: tuple[str, ...], towards: Colour) -> Colour:
    """The nearest mixture with black or white that can be read as text on every one of the papers."""
    for step in range(_STEPS + 1):
        mixed = _parsed(_hex(_mixed(wanted, towards, step / _STEPS)))
        if all(contrast(mixed, _parsed(paper)) >= READABLE for paper in papers):
            return mixed
    return towards


def _label(*grounds: Colour) -> Colour:
    """White or nearly black: whichever can be read best on the worst of the grounds."""
    inks: tuple[Colour, ...] = ((1.0, 1.0, 1.0), _parsed("#0b0f0d"))
    return max(inks, key=lambda ink: min(contrast(ink, ground) for ground in grounds))


def _luminance(of: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _hex(of: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in of)


def _parsed(value: str) -> Colour:
    found = colour(value)
    assert found is not None  # our own constants
    return found
