"""Patterns of task files match regardless of case, and those that are broken or slow are found."""

import re

import pytest

from assistant.evaluation import patterns
from tests.support.backtracking import judge


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("alexnet|2012", "In 2012 ALEXNET won.", True),
        ("AlexNet", "alexnet", True),
        ("café", "The Cafe", True),
        (r"^\S+ won", "AlexNet won", True),
        (r"^\D+$", "no digits", True),
        (r"^\D+$", "1 digit", False),
        ("C++ (beta", "it runs on C++ (beta)", True),
        ("[A-C]x", "cx", True),
    ],
)
def test_case_and_accents_do_not_matter(pattern: str, text: str, *, expected: bool) -> None:
    """Classes keep their meaning, and a text that is no regular expression is searched for as it stands."""
    assert patterns.is_in(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "message", "hint"),
    [
        ("(open", "not a regular expression: missing )", "backslash"),
        ("a{99999999999}", "not a regular expression", "backslash"),
        ("[Z-a]", "not a regular expression in lower case", "lower case"),
        ("(?P<A>x)(?P<a>y)", "not a regular expression in lower case", "lower case"),
        (" ", "empty", "leave it out"),
        ("a.*b.*c.*d", "3 repetitions without a limit", "limits such as"),
        (r"a{2,}b+c{0,200}", "3 repetitions without a limit", "limits such as"),
    ],
)
def test_a_mistake_is_named_with_its_fix(pattern: str, message: str, hint: str) -> None:
    """The reader of the message knows what to change."""
    found = patterns.mistake(pattern)
    assert found is not None
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(?:a|aa)*b",
        r"(?:x*)*y",
        r"(a?b?)*c",
        r"(?:\w+\s*)*!",
        r"(?:\w\w|\w){2,}-",
        r"(?>(?:a|aa)+)b",
        r"(?=(?:a+)+b)a",
    ],
)
def test_exponential_patterns_are_refused(pattern: str) -> None:
    """All that the analysis of the product's own patterns calls exponential."""
    assert judge(pattern, search=True).exponential
    found = patterns.mistake(pattern)
    assert found is not None
    assert "repeats a group" in found.message


@pytest.mark.parametrize(
    "pattern",
    [
        "colou?r",
        r"\b23\b|twenty-three",
        "open.*letter.*2023",
        r"[*+]{2} \(a\)\+",
        r"(not )?held",
        r"a.{0,60}b.{0,60}c.{0,60}d",
        r"[]+*]x",
        r"(?i:AI)",
    ],
)
def test_usual_patterns_are_accepted_and_are_not_slow(pattern: str) -> None:
    """Signs in a class or after a backslash repeat nothing, and repetitions with a close limit are few steps."""
    assert patterns.mistake(pattern) is None
    assert not judge(pattern, re.IGNORECASE, search=True).exponential


def test_plain_text_may_look_like_a_broken_pattern() -> None:
    """A field that also takes plain text accepts it."""
    assert patterns.mistake("f(x", or_text=True) is None
    assert patterns.mistake("f(x") is not None
