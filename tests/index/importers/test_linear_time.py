"""Tests that cleaning text with many unclosed delimiters takes linear time."""

import time

import pytest

from index.importers.text import formulas, markdown_text, superscripts

SIGNS = [r"\(", r"\\(", r"\[", "$", "$$", r"\begin{align}", "{%", "{{", "{{<", "{#", "{:", "`", "``", "<pre>", "<code>"]
SIGNS += [
    "%% ",
    ":::",
    "::: a",
    '!!! a "',
    "> [!x]",
    "![[",
    "[[",
    "[^",
    " ",
    "\t>",
    "<sup>",
    "<sup> [",
    "<a href=#fnref ",
]


def seconds(text: str) -> float:
    """Return the CPU time in seconds for all cleaning steps of a text."""
    start = time.process_time()
    for clean in (markdown_text.cleaned, formulas.rendered, superscripts.without_marks):
        clean(text)
    return time.process_time() - start


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_without_an_end_take_linear_time(sign: str) -> None:
    """A text 8 times as long takes about 8 times as long; in quadratic time it would be 64 times."""
    short = seconds(sign * (4_000 // len(sign)))
    long = seconds(sign * (32_000 // len(sign)))
    assert long < 30 * max(short, 0.01)


def test_a_span_ends_at_its_first_closing_sign() -> None:
    """Spans that are too long, or that contain a blank line, are left unchanged."""
    assert markdown_text.cleaned("a {% x %} b %} c {{ y }} d {:.z} e") == "a  b %} c  d  e"
    assert markdown_text.cleaned("{{ " + "x" * 600 + " }}").startswith("{{ x")
    assert markdown_text.cleaned("`%%a%%` and %%b%% c") == "`%%a%%` and c"
    assert markdown_text.cleaned("` %%a%%\n\n`").startswith("`\n\n")
