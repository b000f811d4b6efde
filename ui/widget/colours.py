"""Makes readable light and dark colours from the accent that a site chooses, by the contrast formula of WCAG 2.2."""

import re

Colour = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""
MIN_CONTRAST = 4.5
"""The contrast that WCAG 2.2 AA requires for text of ordinary size."""
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_STEPS = 40
_BLACK: Colour = (0.0, 0.0, 0.0)
_WHITE: Colour = (1.0, 1.0, 1.0)
_PAGE_LIGHT, _PAGE_DARK = "#faf7f0", "#161815"
_CARD_LIGHT, _CARD_DARK = "#fffdf8", "#1d201c"
_NEARLY_BLACK = "#0b0f0d"


def parse_colour(value: str) -> Colour | None:
    """Parse `#rgb` or `#rrggbb`. Any other text gives None."""
    if _HEX.fullmatch(value) is None:
        return None
    digits = value[1:] if len(value) == 7 else "".join(digit * 2 for digit in value[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def contrast(first: Colour, second: Colour) -> float:
    """The contrast of two colours, from 1 (equal) to 21 (black and white)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palette(accent: str) -> str:
    """CSS rules that replace the accent colours of the chat; empty if `accent` is not a colour."""
    wanted = parse_colour(accent)
    if wanted is None:
        return ""
    light = _readable(wanted, (_PAGE_LIGHT, _CARD_LIGHT), towards=_BLACK)
    dark = _readable(wanted, (_PAGE_DARK, _CARD_DARK), towards=_WHITE)
    washes = (_mixed(_parsed(_PAGE_LIGHT), light, 0.08), _mixed(_parsed(_PAGE_DARK), dark, 0.12))
    strong = (
        _readable(_mixed(light, _BLACK, 0.15), (_hex(washes[0]),), towards=_BLACK),
        _readable(_mixed(dark, _WHITE, 0.25), (_hex(washes[1]),), towards=_WHITE),
    )
    rules = {
        "accent": (light, dark),
        "accent-strong": strong,
        "accent-wash": washes,
        "on-accent": (_label_colour(light, strong[0]), _label_colour(dark, strong[1])),
    }
    pairs = "".join(
        f"--{name}:light-dark({_hex(in_light)},{_hex(in_dark)});" for name, (in_light, in_dark) in rules.items()
    )
    return f":root:root{{{pairs}}}"


def _readable(wanted: Colour, backgrounds: tuple[str, ...], *, towards: Colour) -> Colour:
    """The colour nearest to `wanted`, mixed with `towards`, that is readable on every background."""
    for step in range(_STEPS + 1):
        mixed = _parsed(_hex(_mixed(wanted, towards, step / _STEPS)))
        if all(contrast(mixed, _parsed(background)) >= MIN_CONTRAST for background in backgrounds):
            return mixed
    return towards


def _label_colour(*backgrounds: Colour) -> Colour:
    """White or nearly black, whichever has the better contrast on the worse of the backgrounds."""
    candidates: tuple[Colour, ...] = (_WHITE, _parsed(_NEARLY_BLACK))
    return max(candidates, key=lambda label: min(contrast(label, background) for background in backgrounds))


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """A mixture that contains `share` (0 to 1) of the other colour."""
    red, green, blue = (a + (b - a) * share for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)


def _parsed(value: str) -> Colour:
    parsed = parse_colour(value)
    assert parsed is not None  # only called with constants and results of `_hex`
    return parsed
