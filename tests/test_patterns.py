"""No pattern of the product can backtrack for long, according to an analysis of each pattern."""

import re

import pytest

from tests.support.backtracking import judge
from tests.support.patterns import every_pattern

DEGREE = 2
"""Maximum degree. A question has up to 2,000 characters, so quadratic growth takes a few hundredths of a second."""
SHORT = {
    "index.importers.text.page_marks._META": "lines of at most 160 characters",
    "index.importers.text.plaintext._CUT": "`.{0,60}` is bounded",
    "ui.chat.gradio_page._OUTSIDE": "reads only the page that Gradio makes",
    "ui.chat.gradio_page._MANIFEST": "reads only the page that Gradio makes",
    "ui.chat.gradio_page._RESIZER": "reads only the page that Gradio makes",
}
"""Patterns with a higher degree, each with the reason why its text cannot be long or hostile."""
OLD_LEAD = (
    r"\W*(?:(?:please|kindly|(?:can|could|would|will) you(?: please)?|i(?:['’]d| would) like(?: to have)?|i (?:need|want))\s+)*"
    r"(?:summari[sz]e|recap)\s*"
)
"""Patterns that once blocked the server forever on "could you please", repeated 25 times."""
OLD_LAST_SENTENCE = r"[^.!?\n]+[.!?]*\W*$"


def test_no_pattern_can_freeze_the_server() -> None:
    """No pattern is exponential, and no degree is higher than the length of the pattern's text allows."""
    found = every_pattern()
    assert len(found) > 250
    slow = []
    for one in found:
        verdict = judge(one.pattern, one.flags, search=one.search, whole=one.whole)
        if verdict.exponential or (verdict.degree > DEGREE and one.where not in SHORT):
            how = "exponential" if verdict.exponential else f"of degree {verdict.degree}"
            slow.append(f"{one.where} is {how}: {one.pattern!r}")
    assert not slow, "make repetitions possessive, or their parts distinct:\n" + "\n".join(slow)


def test_the_patterns_that_froze_it_are_found() -> None:
    """The check would have rejected them."""
    assert judge(OLD_LEAD, re.IGNORECASE, search=False).exponential
    assert judge(OLD_LAST_SENTENCE, search=True).degree == 3


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(?:a|aa)*b",
        r"(?:ab|ab)*c",
        r"(?:x*)*y",
        r"(a?b?)*c",
        r"(?:\w+\s*)*!",
        r"(?:\w\w|\w)+-",
        r"(?>(?:a|aa)+)b",
        r"(?:(?:can you|can you please|please)\s+)*x",
        r"(?=(?:a+)+b)a",
    ],
)
def test_two_ways_round_one_loop_are_exponential(pattern: str) -> None:
    """Nested and overlapping repetitions, also inside an atomic group or a lookahead."""
    assert judge(pattern, search=False).exponential


@pytest.mark.parametrize(
    ("pattern", "search", "degree"),
    [
        (r"(?:\w+\s+)*!", False, 1),
        (r"[^\W_]+(?:[.-][^\W_]+)*!", False, 1),
        (r"(?:a++ ?)*b", False, 1),
        (r"(?>(?:a|ab))*c", False, 1),
        (r"\d{1,4}(?:\s+\d{1,4})*!", False, 1),
        (r"a+b", False, 1),
        (r"a+b", True, 2),
        (r"(?<!\s)\s+x", True, 1),
        (r"\b\w+!", True, 1),
        (r"a+", True, 1),
        (r"\s*\s*x", False, 2),
        (r".*a.*b.*c", False, 3),
        (r"\s+\W*$", True, 3),
        (r"\s++\W*+$", True, 2),
        (r"is(?=.*x)", True, 2),
        (rb"<a[^>]*>", True, 2),
    ],
)
def test_the_degree_is_how_many_loops_read_one_text(pattern: str | bytes, *, search: bool, degree: int) -> None:
    """Counts consecutive loops and the search itself; possessive and atomic parts are not tried again."""
    verdict = judge(pattern, search=search, whole=False)
    assert (verdict.exponential, verdict.degree) == (False, degree)


def test_patterns_are_found_wherever_they_are_written() -> None:
    """In a module's variables, in tables, and in calls."""
    places = {one.where for one in every_pattern()}
    assert {
        "assistant.understanding.brief_request._LEAD",
        "assistant.understanding.lists.list_frames._FRAMES",
        "assistant.understanding.reading._KIND_WORDS",
    } <= places
    assert any(place.startswith("assistant.conversation.followup:") for place in places)
